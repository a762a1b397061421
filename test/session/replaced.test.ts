import { afterEach, describe, expect, test, vi } from 'vitest'
import { createSessions, StoreUnavailableError, sessionKey } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { cookieHeader, type Site, signedIn, site, valuesOf } from '../sessions/visit.ts'
import { asksForNewId } from '../support/new-id.ts'
import { bothKinds } from '../support/plain-store.ts'
import { interleaved } from './interleaved.ts'

const gone = expect.objectContaining({ code: 'UNTORN_SESSION_GONE' })

afterEach(() => vi.useRealTimers())

/** Somebody signs in over a session that was there before; the cookies from before and after. */
async function signsIn(shop: Site): Promise<{ before: string; after: string }> {
  const before = await signedIn(shop)
  const login = await shop.sessions.open(before)
  asksForNewId(login)
  login.set('user', 'root')
  const after = cookieHeader(await login.commit())
  shop.events.length = 0
  return { before, after }
}

describe.each(bothKinds)('on $kind, a request that shows an id after it was replaced', ({ slow }) => {
  test('stores nothing and gets no cookie: the visitor keeps the sign-in', async () => {
    const shop = site({ slow })
    const { before, after } = await signsIn(shop)
    const late = await shop.sessions.open(before)
    expect(late.isNew).toBe(true)
    expect(late.keys()).toEqual([])
    for (const attempt of ['first', 'second']) {
      late.set('cart', [attempt])
      await expect(async () => late.commit()).rejects.toThrow(gone)
      expect(await late.commit()).toBeUndefined()
    }
    expect(valuesOf(shop.store)).toEqual({ user: 'root' })
    expect((await shop.sessions.open(after)).get('user')).toBe('root')
    expect(shop.events.map(({ type }) => type)).toEqual(['replaced-id-used', 'gone', 'gone'])
    expect(shop.sessions.stats.unknownIds).toBe(0)
  })

  test('reads an empty session', async () => {
    const shop = site({ slow })
    const { before } = await signsIn(shop)
    const late = await shop.sessions.open(before)
    expect(late.get('user')).toBeUndefined()
    expect(await late.take('user')).toBeUndefined()
    await late.reload()
    expect(await late.commit()).toBeUndefined()
    expect(shop.events.map(({ type }) => type)).toEqual(['replaced-id-used'])
  })

  test('is never led to the session, at whatever point of the sign-in it comes', async () => {
    for (let at = 0, met = true; met; at++) {
      const shop = site({ slow })
      const cookie = await signedIn(shop)
      const login = await shop.sessions.open(cookie)
      asksForNewId(login)
      login.set('user', 'root')
      const result = await interleaved(
        shop,
        at,
        () => login.commit(),
        async () => {
          const other = await shop.sessions.open(cookie)
          const found = other.get('user')
          other.set('other', 1)
          return [found, await other.commit()]
        },
      )
      met = result.met
      expect(result.first.status).toBe('fulfilled')
      // Before the end of the old session it is an overlapping request like any other.
      if (result.second.status === 'fulfilled') {
        expect(result.second.value).toEqual(['ada', undefined])
        expect(valuesOf(shop.store)).toEqual({ user: 'root', other: 1 })
      } else {
        expect(result.second.reason).toEqual(gone)
        expect(valuesOf(shop.store)).toEqual({ user: 'root' })
      }
    }
  })

  test('may sign in itself: the answer with the new id may never have arrived', async () => {
    for (const refusedFirst of [false, true]) {
      const shop = site({ slow })
      const { before } = await signsIn(shop)
      const again = await shop.sessions.open(before)
      if (refusedFirst) {
        again.set('cart', [])
        await expect(async () => again.save()).rejects.toThrow(gone)
      }
      asksForNewId(again)
      again.set('user', 'bob')
      expect(again.expiresIn).toBeGreaterThan(0)
      const cookie = cookieHeader(await again.commit())
      expect((await shop.sessions.open(cookie)).get('user')).toBe('bob')
      // Nothing of the first one came along.
      expect(shop.store.all().map(([, { values }]) => values.get('user'))).toEqual(['"root"', '"bob"'])
    }
  })

  test('may sign out: the cookie is removed, and what is put in then makes a new session', async () => {
    const shop = site({ slow })
    const { before } = await signsIn(shop)
    const late = await shop.sessions.open(before)
    await late.destroy()
    expect(await late.commit()).toMatch(/^__Host-sid=; Max-Age=0; /)
    late.set('notice', 'Goodbye')
    const cookie = cookieHeader(await late.commit())
    expect((await shop.sessions.open(cookie)).get('notice')).toBe('Goodbye')
  })

  test('is late if it arrived before that, or a few seconds after, however long it takes', async () => {
    const shop = site({ slow })
    const { before } = await signsIn(shop)
    const at = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now: at })
    const arrivals = [-60_000, -1, 0, 4000]
    for (const served of [at + 5000, at + 9 * 60_000, at + 3_600_000]) {
      vi.setSystemTime(served)
      for (const arrival of arrivals) {
        const late = await shop.sessions.open(before, { arrivedAt: at + arrival })
        late.set('cart', [])
        await expect(async () => late.commit()).rejects.toThrow(gone)
      }
    }
  })

  test('begins anew if it arrived later: the answer with the new id was lost', async () => {
    const shop = site({ slow })
    const { before } = await signsIn(shop)
    const at = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now: at + 6000 })
    const form = await shop.sessions.open(before)
    expect(shop.events.at(-1)).toMatchObject({ type: 'replaced-id-used' })
    form.set('token', 't')
    const cookie = cookieHeader(await form.commit())
    expect(cookie).not.toBe(before)
    const login = await shop.sessions.open(cookie)
    expect(login.get('token')).toBe('t')
    asksForNewId(login)
    login.set('user', 'ada')
    expect((await shop.sessions.open(cookieHeader(await login.commit()))).get('user')).toBe('ada')

    vi.setSystemTime(at + 11 * 60_000)
    expect((await shop.sessions.open(before)).isNew).toBe(true)
    expect(shop.events.at(-1)).toMatchObject({ type: 'unknown-id' })
  })
})

test.each([Number.NaN, '2026-01-01', new Date()])(
  'that it arrived at %s is refused: late is told by it',
  (when) => {
    const arrivedAt = when as number
    const open = () => site().sessions.open(`__Host-sid=${'a'.repeat(43)}`, { arrivedAt })
    expect(open).toThrow(/milliseconds since the epoch/)
  },
)

test('whose session was signed out or has expired, not replaced, begins a new session at once', async () => {
  const shop = site({ idleTimeout: '1m' })
  const cookies = [await signedIn(shop), await signedIn(shop)]
  await (await shop.sessions.open(cookies[0])).destroy()
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 120_000 })
  for (const cookie of cookies) {
    const session = await shop.sessions.open(cookie)
    session.set('user', 'ada')
    expect(await session.commit()).toBeDefined()
  }
})

test('what is noted of a replaced id says nothing of the session, and nobody can open it', async () => {
  const shop = site()
  const { before, after } = await signsIn(shop)
  const [note, ...more] = shop.store.notes()
  expect(more).toEqual([])
  expect([...note!.values]).toEqual([['untorn:replaced', expect.stringMatching(/^\d{13}$/)]])
  expect(note!.owner).toBeUndefined()
  expect(note!.expiresAt - Date.now()).toBeLessThanOrEqual(600_000)
  for (const cookie of [before, after]) {
    expect(JSON.stringify([...note!.values])).not.toContain(cookie.split('=')[1])
  }
  const id = before.split('=')[1]!
  await shop.sessions.open(`__Host-sid=replaced ${id}`)
  expect(shop.events.at(-1)).toEqual({ type: 'malformed-cookie' })
})

test('a sign-in whose note can not be stored is a sign-in all the same, and the event `error` tells why', async () => {
  const shop = site()
  const cookie = await signedIn(shop)
  const login = await shop.sessions.open(cookie)
  asksForNewId(login)
  let creations = 0
  shop.store.between = ({ method }) => {
    if (method === 'create' && ++creations === 2) throw new Error('the store is full')
  }
  const next = cookieHeader(await login.commit())
  expect(shop.events).toContainEqual({ type: 'error', error: new Error('the store is full') })
  expect((await shop.sessions.open(next)).get('user')).toBe('ada')
  // The old record goes on saying what the note would.
  const late = await shop.sessions.open(cookie)
  expect(late.isNew).toBe(true)
  late.set('cart', [])
  await expect(async () => late.commit()).rejects.toThrow(gone)
})

test('a sign-in that failed leaves no note: who is signed out then, and signs in, is nobody late', async () => {
  const shop = site()
  const cookie = await signedIn(shop)
  const login = await shop.sessions.open(cookie)
  asksForNewId(login)
  shop.store.failing.set('save', new Error('no connection'))
  expect(() => login.commit()).toThrow('no connection')
  expect(shop.store.notes()).toEqual([])
  shop.store.failing.clear()
  await (await shop.sessions.open(cookie)).destroy()
  const again = await shop.sessions.open(cookie)
  again.set('user', 'bob')
  expect(await again.commit()).toBeDefined()
})

test('what is noted of the old id is no session: nobody who lists or counts them meets it', async () => {
  const store = memoryStore()
  const sessions = createSessions({ store })
  const first = await sessions.open(undefined)
  first.set('user', 'guest')
  const login = await sessions.open(cookieHeader(await first.commit()))
  asksForNewId(login)
  login.set('user', 'root')
  await login.commit()
  const listed: unknown[] = []
  for await (const [, { values }] of store.records()) listed.push(values.get('user'))
  expect(listed).toEqual(['"root"'])
  expect(await store.count()).toBe(1)
  const all: unknown[] = []
  for await (const entry of store.records({ all: true })) all.push(entry)
  expect(all).toHaveLength(2)
})

describe.each(bothKinds)('on $kind, what is left of a replaced id', ({ slow }) => {
  const failure = new StoreUnavailableError('The server does not answer.')

  /** A sign-in that could not remove the record of the old id. */
  async function leavesTheOldRecord(options: { onStoreError?: 'anonymous' } = {}) {
    const shop = site({ slow, ...options })
    shop.store.failing.set('delete', failure)
    const { before } = await signsIn(shop)
    shop.store.failing.clear()
    const old = sessionKey(before.split('=')[1]!)
    expect(await shop.store.exists(old)).toBe(true)
    return { ...shop, before, old }
  }

  test('ends with the new id, also where the session under that is found gone meanwhile', async () => {
    const { store, sessions, before, old } = await leavesTheOldRecord()
    const session = await sessions.open(before)
    asksForNewId(session)
    session.set('user', 'eve')
    store.failing.set('delete', failure)
    await expect(async () => session.save()).rejects.toBe(failure)
    store.failing.clear()
    await store.delete(sessionKey(session.id))
    await expect(async () => session.reload()).rejects.toThrow(gone)
    await session.commit()
    expect(await store.exists(old)).toBe(false)
  })

  test('ends with a sign-out, also where the store has failed meanwhile', async () => {
    const { store, sessions, before, old } = await leavesTheOldRecord({ onStoreError: 'anonymous' })
    const session = await sessions.open(before, { arrivedAt: Date.now() + 10_000 })
    session.set('cart', ['tea'])
    store.failing.set('create', failure)
    const committing = session.commit()
    const signedOut = (async () => session.destroy())()
    await committing
    if (slow) {
      await signedOut
      expect(await store.exists(old)).toBe(false)
    } else await expect(signedOut).rejects.toThrow(StoreUnavailableError)
  })
})

describe.each(bothKinds)(
  'on $kind, an id that nobody knows, of a request that has been under way for long',
  ({ slow }) => {
    const longAgo = { arrivedAt: Date.now() - 3_600_000 }

    test('asks the store for nothing when it is signed out', async () => {
      const shop = site({ slow })
      const session = await shop.sessions.open(`__Host-sid=${'a'.repeat(43)}`, longAgo)
      shop.store.counted()
      await session.destroy()
      expect(await session.commit()).toContain('Max-Age=0')
      expect(shop.store.calls).toEqual([])
    })

    test('is told once that nothing is stored, and has no expiry to save after that', async () => {
      const shop = site({ slow })
      const session = await shop.sessions.open(`__Host-sid=${'a'.repeat(43)}`, longAgo)
      session.set('cart', ['tea'])
      await expect(async () => session.save()).rejects.toThrow(gone)
      session.setExpiry('1h')
      expect(await session.commit()).toBeUndefined()
      expect(shop.events.map(({ type }) => type)).toEqual(['unknown-id', 'gone'])
    })

    test('begins a session of its own when it asks for an id', async () => {
      const shop = site({ slow })
      const session = await shop.sessions.open(`__Host-sid=${'a'.repeat(43)}`, longAgo)
      asksForNewId(session)
      session.set('user', 'ada')
      const cookie = cookieHeader(await session.commit())
      expect((await shop.sessions.open(cookie)).get('user')).toBe('ada')
    })
  },
)
