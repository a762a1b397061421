import { describe, expect, test, vi } from 'vitest'
import { sessionKey } from '../../src/contract/key.ts'
import { createSessions, type Session } from '../../src/index.ts'
import { Jar } from '../cookie/support/jar.ts'
import { site } from '../sessions/visit.ts'
import { ForeignStore } from '../support/foreign-store.ts'
import { bothKinds } from '../support/plain-store.ts'

const ID = 'y6cmdc8EiVhAVKm4QbtpP5jUkvWZsJ1H'
const OLD = `connect.sid=${ID}`
const accept = { name: 'connect.sid', pattern: /^\w{32}$/ }

const removed = expect.stringMatching(/^connect\.sid=; Max-Age=0; Path=\/; Expires=.*1970/)
const set = expect.stringMatching(/^__Host-sid=[\w-]{43}; Max-Age=\d+/)

describe.each(bothKinds)('on $kind, who comes with the cookie of another library', ({ slow }) => {
  /** A shop whose visitors have sessions of another library, and one of these visitors. */
  function shopOf(options: Parameters<typeof site>[0] = {}, record = {}) {
    const store = new ForeignStore({ slow })
    store.has(ID, { user: 'ada' }, record)
    const shop = site({ store, cookie: { accept }, ...options })
    const jar = new Jar()
    jar.keep(`${OLD}; Path=/`)
    /** One request, answered as an adapter does. */
    const visit = async <T>(
      handler: (session: Session) => T | Promise<T>,
      cookies: string | null | undefined = jar.header,
    ) => {
      const session = await shop.sessions.open(cookies)
      const result = await handler(session)
      const line = await session.commit()
      const lines = [...session.dueCookies(), ...(line === undefined ? [] : [line])]
      jar.keep(...lines)
      return { result, lines, session }
    }
    return { ...shop, store, jar, visit }
  }

  const user = (session: Session) => session.get('user') as string | undefined

  test('has their session, once: the answer replaces that cookie by one of ours', async () => {
    const { visit, jar, store, events } = shopOf()
    const { result, lines, session } = await visit(user)
    expect([result, session.isNew, lines]).toEqual(['ada', false, [removed, set]])
    expect(jar.names).toEqual(['__Host-sid'])
    expect(session.id).not.toContain(ID)
    expect(store.all()).toMatchObject([[sessionKey(session.id), { values: new Map([['user', '"ada"']]) }]])
    expect(events).toEqual([
      { type: 'adopted', key: sessionKey(session.id).slice(0, 8), from: sessionKey(ID).slice(0, 8) },
    ])
    const next = await visit(user)
    expect([next.result, next.lines, next.session.id]).toEqual(['ada', [], session.id])
  })

  test('nothing in the store tells the old id, nor the new one', async () => {
    const { visit, store } = shopOf()
    const { session } = await visit(user)
    const kept: string[] = []
    for await (const [key, { values }] of store.records({ all: true })) kept.push(key, ...[...values].flat())
    expect(kept.length).toBeGreaterThan(4)
    for (const id of [ID, session.id]) expect(kept.join(' ')).not.toContain(id)
  })

  test('keeps the age of the session, and it lives on by our options', async () => {
    const { visit, store } = shopOf({ idleTimeout: '1h' })
    const { createdAt } = store.theirs.get(ID)!
    await visit(user)
    const { createdAt: now, expiresAt } = store.only()
    expect(now).toBe(createdAt)
    expect(expiresAt).toBeGreaterThan(Date.now() + 3_500_000)
    expect(expiresAt).toBeLessThan(Date.now() + 4_000_000)
  })

  test('an answer that does not look at the session leaves the cookie, and it goes on working', async () => {
    const { visit, jar } = shopOf()
    expect((await visit(() => {})).lines).toEqual([])
    expect(jar.header).toBe(OLD)
    expect((await visit(user)).result).toBe('ada')
  })

  test('twenty first requests at a time lose nothing, and end with one session', async () => {
    const { visit, sessions, store } = shopOf()
    const other = createSessions({ store, cookie: { accept } })
    expect(other.store).toBe(sessions.store)
    const visits = await Promise.all(
      Array.from({ length: 20 }, (_, n) => visit((session) => session.set(`n${n}`, n), OLD)),
    )
    const ids = new Set(visits.map(({ session }) => session.id))
    expect(ids.size).toBe(1)
    expect(store.only().values.size).toBe(21)
  })

  test('the answer gets lost, an hour passes: with the old cookie they have the same session', async () => {
    const { visit, store } = shopOf()
    const first = await visit((session) => session.set('cart', ['tea']), OLD)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 20 * 60_000 })
    try {
      const again = await visit((session) => session.get('cart'), OLD)
      expect([again.result, again.session.id]).toEqual([['tea'], first.session.id])
      expect(again.lines).toEqual([removed, set])
    } finally {
      vi.useRealTimers()
    }
    expect(store.all()).toHaveLength(1)
  })

  test.each<[string, (session: Session) => unknown]>([
    ['a sign-in', (session) => session.login('ada')],
    ['a sign-in that comes later', () => {}],
    ['a rotation', (session) => session.rotate()],
    ['a sign-out', (session) => session.destroy()],
  ])('after %s the old cookie leads to nothing', async (what, act) => {
    const { visit, jar, store, sessions } = shopOf()
    await visit(act)
    if (what.endsWith('later')) await visit((session) => session.login('ada'))
    const mine = jar.header
    const late = await sessions.open(OLD)
    expect([late.get('user'), late.owner, late.isNew]).toEqual([undefined, undefined, true])
    late.set('planted', true)
    const begins = async () => late.commit()
    // Nobody has a cookie in whose place it could come.
    if (what === 'a sign-out') return expect(await begins()).toEqual(set)
    await expect(begins).rejects.toMatchObject({ code: 'UNTORN_SESSION_GONE' })
    const { session } = await visit(() => {}, mine)
    expect([session.isNew, session.get('planted')]).toEqual([false, undefined])
    expect(store.all()).toHaveLength(1)
  })

  test('a sign-out at once ends both, and removes both cookies', async () => {
    const { visit, store, jar, events } = shopOf()
    const { lines } = await visit((session) => session.destroy())
    expect(lines).toEqual([removed, expect.stringMatching(/^__Host-sid=; Max-Age=0/)])
    expect([store.all(), jar.header]).toEqual([[], undefined])
    expect(events.map(({ type }) => type)).toEqual(['adopted', 'signed-out'])
    expect((await visit(user, OLD)).result).toBeUndefined()
  })

  test('an id that nobody has: a new session has another one, and the cookie is removed', async () => {
    const { visit, sessions, store, events, jar } = shopOf()
    const planted = 'x'.repeat(32)
    jar.keep(`connect.sid=${planted}; Path=/`)
    const { session, lines } = await visit((session) => session.set('user', 'eve'))
    expect(lines).toEqual([removed, set])
    expect(session.id).not.toContain(planted)
    expect(store.all().map(([key]) => key)).toEqual([sessionKey(session.id)])
    expect(events.map(({ type }) => type)).toEqual(['unknown-id', 'created'])
    expect(sessions.stats.unknownIds).toBe(1)
    const later = await visit(user, `connect.sid=${planted}`)
    expect(later.result).toBeUndefined()
  })

  test.each(['is live', 'has ended', 'was made up'])(
    'an id as ours are, which %s: no session, and no store is asked',
    async (which) => {
      const { sessions, store, visit } = shopOf({ cookie: { accept: { ...accept, pattern: /^[\w-]+$/ } } })
      const { session } = await visit((session) => {
        session.set('user', 'eve')
        return session.begin()
      }, null)
      const planted = which === 'was made up' ? 'x'.repeat(43) : session.id
      if (which === 'has ended') await visit((session) => session.destroy(), `__Host-sid=${planted}`)
      store.shown.length = 0
      const [before] = [store.all().map(([key]) => key)]
      const { result, lines } = await visit(user, `connect.sid=${planted}`)
      expect([result, lines, store.shown]).toEqual([undefined, [], []])
      expect(store.all().map(([key]) => key)).toEqual(before)
      expect(sessions.stats.unknownIds).toBe(0)
    },
  )

  test('a live cookie of ours is meant, and the other one is removed unseen', async () => {
    const { visit, store, jar } = shopOf()
    await visit((session) => session.set('user', 'bob'), null)
    store.shown.length = 0
    const { result, lines } = await visit(user)
    expect([result, lines, store.shown]).toEqual(['bob', [removed], []])
    expect(jar.names).toEqual(['__Host-sid'])
  })

  test('a cookie of ours that is dead, or that can not be one, is replaced', async () => {
    for (const value of ['A'.repeat(43), 'garbage']) {
      const { visit, jar } = shopOf()
      jar.keep(`__Host-sid=${value}; Path=/`)
      const { result, lines } = await visit(user)
      expect([result, lines]).toEqual(['ada', [removed, set]])
    }
  })

  test('a cookie of ours that a sign-in has just replaced: the old one does not bring anybody back', async () => {
    const { visit, jar, store } = shopOf()
    await visit((session) => session.set('user', 'bob'), null)
    const before = jar.header!
    await visit((session) => session.login('bob'), before)
    store.shown.length = 0
    const { result } = await visit(user, `${before}; ${OLD}`)
    expect([result, store.shown]).toEqual([undefined, []])
  })

  test('two such cookies that are both live: neither is used, nothing is stored, and both stay', async () => {
    const { store, sessions, events } = shopOf()
    const other = 'z'.repeat(32)
    store.has(other, { user: 'eve' })
    const session = await sessions.open(`${OLD}; connect.sid=${other}`)
    expect(session.get('user')).toBeUndefined()
    session.set('cart', ['tea'])
    await expect(async () => session.commit()).rejects.toMatchObject({ code: 'UNTORN_SESSION_GONE' })
    expect([session.dueCookies(), events[0]]).toEqual([[], { type: 'duplicate-cookie' }])
    // One that is dead is nobody's.
    const { user: name } = Object.fromEntries(
      (await sessions.open(`${OLD}; connect.sid=${'d'.repeat(32)}`)).entries(),
    )
    expect(name).toBe('ada')
  })

  test('more cookies of that name than anybody has cost a few calls at most', async () => {
    const { store, sessions } = shopOf()
    const many = Array.from({ length: 500 }, (_, n) => `connect.sid=${String(n).padStart(32, 'x')}`)
    expect((await sessions.open(many.join('; '))).isNew).toBe(true)
    expect(store.counted()).toBeLessThanOrEqual(8)
  })

  test('a session that is older than our lifetime is none', async () => {
    const { visit, store } = shopOf({ lifetime: '1h' }, { createdAt: Date.now() - 2 * 3_600_000 })
    expect((await visit(user)).result).toBeUndefined()
    expect(store.counted('create')).toBe(0)
  })

  test('an application with a name finds it, too', async () => {
    const { visit } = shopOf({ app: 'shop' })
    const { result, session } = await visit(user)
    expect(result).toBe('ada')
    expect((await visit(user, OLD)).session.id).toBe(session.id)
  })

  test('without https, where the cookie is for https alone, the session is used, and the old cookie stays', async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const { sessions } = shopOf({ cookie: { accept, secure: true } })
    for (const _ of [1, 2]) {
      const session = await sessions.open(OLD, { secure: false })
      session.set('cart', ['tea'])
      expect(session.get('user')).toBe('ada')
      expect([await session.commit(), session.dueCookies()]).toEqual([undefined, []])
    }
    const session = await sessions.open(OLD, { secure: true })
    expect(session.get('cart')).toEqual(['tea'])
    expect(await session.commit()).toEqual(set)
    vi.restoreAllMocks()
  })

  test('whoever has an owner there was asked who they are nobody knows when: what needs it lately asks once more', async () => {
    const { visit } = shopOf({}, { owner: 'ada' })
    const { session } = await visit((found) => {
      expect(() => found.requireFresh('365d')).toThrow(expect.objectContaining({ status: 401 }))
      return found.confirm()
    })
    expect(() => session.requireFresh('1m')).not.toThrow()
  })

  test('belongs to whom the session belongs, as a device that can be listed and ended', async () => {
    const { visit, sessions, store } = shopOf({}, { owner: 'ada' })
    const { session } = await visit(user)
    expect([session.owner, await session.devices()]).toMatchObject(['ada', [{ current: true }]])
    await sessions.revokeAll('ada')
    expect((await visit(user)).result).toBeUndefined()
    expect((await visit(user, OLD)).result).toBeUndefined()
    expect(store.all()).toEqual([])
  })

  test.each<[string, (sessions: ReturnType<typeof shopOf>['sessions']) => unknown]>([
    ['all of their sessions', (sessions) => sessions.revokeAll('ada')],
    ['everything', (sessions) => sessions.revokeEverything()],
  ])('finds nothing where %s was ended since', async (_, end) => {
    const { visit, sessions, store } = shopOf({}, { owner: 'ada' })
    await end(sessions)
    expect((await visit(user)).result).toBeUndefined()
    expect(store.all()).toEqual([])
  })

  test('finds nothing where all is ended in the middle of it', async () => {
    for (let at = 0; at < 20; at++) {
      const { visit, sessions, store } = shopOf({}, { owner: 'ada' })
      let calls = 0
      store.between = () => (calls++ === at ? sessions.revokeAll('ada') : undefined)
      await visit(user).catch(() => {})
      store.between = () => {}
      const isOver = calls <= at
      if (isOver) return expect(at).toBeGreaterThan(5)
      await visit(() => {})
      expect([at, (await visit(user)).result, (await visit(user, OLD)).result]).toEqual([
        at,
        undefined,
        undefined,
      ])
    }
  })

  test('a store that fails: the error, or an anonymous answer, and the cookie stays', async () => {
    const { visit, store, jar } = shopOf()
    const { StoreUnavailableError } = await import('../../src/errors.ts')
    const failure = new StoreUnavailableError('The disk is full.')
    for (const method of ['load', 'create', 'save'] as const) {
      store.failing.set(method, failure)
      await expect(visit(user)).rejects.toBe(failure)
      const lenient = createSessions({ store, cookie: { accept }, onStoreError: 'anonymous' })
      const session = await lenient.open(OLD)
      expect(session.get('user')).toBeUndefined()
      expect([await session.commit(), session.dueCookies()]).toEqual([undefined, []])
      store.failing.delete(method)
    }
    expect(jar.header).toBe(OLD)
    expect((await visit(user)).result).toBe('ada')
  })
})
