import { describe, expect, test } from 'vitest'
import {
  MisuseError,
  type Session,
  StoreBusyError,
  StoreConfigError,
  StoreUnavailableError,
} from '../../src/index.ts'
import { signedIn, site, valuesOf } from '../sessions/visit.ts'
import { asksForNewId } from '../support/new-id.ts'
import { bothKinds, type PlainStore } from '../support/plain-store.ts'

const unavailable = new StoreUnavailableError('The server does not answer.')
const busy = new StoreBusyError('The session is held.')

function breaks(store: PlainStore, error: Error = unavailable): void {
  for (const call of ['create', 'load', 'save', 'exists', 'delete'] as const) store.failing.set(call, error)
}

const thrown = (work: () => unknown) => (async () => work())()

describe.each(bothKinds)('onStoreError: fail, on $kind', ({ slow }) => {
  test('is the default: whoever opens a session gets the error', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    breaks(shop.store)
    await expect(thrown(() => shop.sessions.open(cookie))).rejects.toBe(unavailable)
  })

  test('a new session that can not be stored fails the commit', async () => {
    const shop = site({ slow, onStoreError: 'fail' })
    const fresh = await shop.sessions.open(undefined)
    fresh.set('views', 1)
    breaks(shop.store)
    await expect(thrown(() => fresh.commit())).rejects.toBe(unavailable)
  })
})

describe.each(bothKinds)('onStoreError: anonymous, on $kind', ({ slow }) => {
  const options = { slow, onStoreError: 'anonymous' } as const

  async function detached(error: Error = unavailable) {
    const shop = site(options)
    const cookie = await signedIn(shop, { views: 1 })
    shop.events.length = 0
    breaks(shop.store, error)
    const session = await shop.sessions.open(cookie)
    shop.store.counted()
    return { ...shop, cookie, session, recovers: () => shop.store.failing.clear() }
  }

  test.each([unavailable, busy])('a session that can not be loaded is a new one: $code', async (error) => {
    const { session, cookie, events, sessions, store, recovers } = await detached(error)
    expect(session.isNew).toBe(true)
    expect(session.get('user')).toBeUndefined()
    expect(session.keys()).toEqual([])
    expect(cookie).not.toContain(session.id)
    expect(await session.commit()).toBeUndefined()
    expect(session.dueCookies()).toEqual([])
    expect(events).toEqual([{ type: 'degraded', error, dropped: false }])
    expect(store.calls).toEqual([])
    recovers()
    expect((await sessions.open(cookie)).get('user')).toBe('ada')
    expect(sessions.stats.unknownIds).toBe(0)
  })

  test('nobody has to look at it to be told of it, and is told once', async () => {
    const { session, events } = await detached()
    await session.commit()
    await session.commit()
    expect(events).toEqual([{ type: 'degraded', error: unavailable, dropped: false }])
  })

  test('what is put in it lasts as long as the request, though the store is back', async () => {
    const { session, events, store, recovers } = await detached()
    session.set('basket', [1])
    session.update('views', (n = 10) => n + 1)
    session.setExpiry('2h')
    recovers()
    expect(session.get('views')).toBe(11)
    expect(await session.commit()).toBeUndefined()
    expect(events).toEqual([{ type: 'degraded', error: unavailable, dropped: true }])
    expect(session.get('basket')).toEqual([1])
    expect(session.changed).toBe(false)
    expect(store.calls).toEqual([])
    expect(valuesOf(store)).toEqual({ user: 'ada', views: 1 })
  })

  test('a value that was put in it can be taken, one of the visitor’s own is not there', async () => {
    const { session, store } = await detached()
    session.set('notice', 'Hello')
    expect(await session.take('notice')).toBe('Hello')
    expect(await session.take('user')).toBeUndefined()
    expect(store.calls).toEqual([])
  })

  test.each(['save', 'destroy', 'reload'] as const)('%s() throws, and is not carried out', async (method) => {
    for (const error of [unavailable, busy]) {
      const { session, store, recovers } = await detached(error)
      session.set('views', 2)
      recovers()
      await expect(thrown(() => session[method]())).rejects.toMatchObject({
        constructor: error.constructor,
        code: error.code,
        cause: error,
      })
      expect(store.calls).toEqual([])
      expect(valuesOf(store)).toEqual({ user: 'ada', views: 1 })
    }
  })

  test('a destroy that failed is no sign-out: the commit fails, no cookie is removed', async () => {
    const { session, store, events, recovers } = await detached()
    await expect(thrown(() => session.destroy())).rejects.toThrow(StoreUnavailableError)
    recovers()
    await expect(thrown(() => session.commit())).rejects.toThrow(StoreUnavailableError)
    await expect(thrown(() => session.save())).rejects.toThrow(StoreUnavailableError)
    expect(session.dueCookies()).toEqual([])
    expect(store.calls).toEqual([])
    expect(events).toEqual([])
  })

  test.each(['save', 'regenerate'] as const)('after %s() the commit fails as well', async (method) => {
    const { session, store, recovers } = await detached()
    session.set('user', 'eve')
    await thrown(() => session[method]()).catch(() => {})
    recovers()
    await expect(thrown(() => session.commit())).rejects.toMatchObject({ cause: unavailable })
    expect(store.calls).toEqual([])
  })

  test('a failed reload leaves the commit as it is: it was to change nothing', async () => {
    const { session } = await detached()
    await expect(thrown(() => session.reload())).rejects.toThrow(StoreUnavailableError)
    expect(await session.commit()).toBeUndefined()
  })

  test.each([
    new StoreConfigError('The password is wrong.'),
    new MisuseError('The store is closed.'),
    new TypeError('key is no text'),
  ])('a mistake is an error: $name', async (error) => {
    const shop = site(options)
    const cookie = await signedIn(shop)
    const fresh = await shop.sessions.open(undefined)
    fresh.set('views', 1)
    breaks(shop.store, error)
    await expect(thrown(() => shop.sessions.open(cookie))).rejects.toBe(error)
    await expect(thrown(() => fresh.commit())).rejects.toBe(error)
    expect(shop.events.map(({ type }) => type)).toEqual(['created'])
  })

  test('an id that no session has, and the store fails before it can say whether it was replaced', async () => {
    const shop = site(options)
    shop.store.between = () => {
      if (shop.store.calls.length === 2) breaks(shop.store)
    }
    const session = await shop.sessions.open(`__Host-sid=${'a'.repeat(43)}`)
    expect(await session.commit()).toBeUndefined()
    expect(shop.events).toEqual([{ type: 'degraded', error: unavailable, dropped: false }])
    expect(shop.sessions.stats.unknownIds).toBe(0)
  })

  describe('a new session that can not be stored', () => {
    async function begun(header?: string) {
      const shop = site(options)
      const session = await shop.sessions.open(header)
      session.set('basket', [1])
      shop.events.length = 0
      breaks(shop.store)
      return { ...shop, session, recovers: () => shop.store.failing.clear() }
    }

    test.each([
      ['no cookie', undefined],
      ['one that no store knows', `__Host-sid=${'a'.repeat(43)}`],
    ])('is dropped at the commit, of a visitor with %s', async (_, header) => {
      const { session, events, store, recovers } = await begun(header)
      expect(await session.commit()).toBeUndefined()
      expect(events).toEqual([{ type: 'degraded', error: unavailable, dropped: true }])
      expect(session.get('basket')).toEqual([1])
      expect(session.changed).toBe(false)
      recovers()
      expect(await session.commit()).toBeUndefined()
      expect(store.all()).toEqual([])
      await expect(thrown(() => session.save())).rejects.toMatchObject({ cause: unavailable })
      expect(events).toHaveLength(1)
    })

    test('save() throws, and so does the commit if that does not help', async () => {
      const { session, events, store, recovers } = await begun()
      await expect(thrown(() => session.save())).rejects.toBe(unavailable)
      await expect(thrown(() => session.commit())).rejects.toBe(unavailable)
      expect(events).toEqual([])
      recovers()
      expect(await session.commit()).toMatch(/^__Host-sid=/)
      expect(valuesOf(store)).toEqual({ basket: [1] })
    })

    test('a sign-in, which calls regenerate(), fails', async () => {
      const { session, events } = await begun()
      asksForNewId(session)
      await expect(thrown(() => session.commit())).rejects.toBe(unavailable)
      expect(events).toEqual([])
    })

    test('a sign-in fails that has nothing to store yet when it asks for the new id', async () => {
      const shop = site(options)
      const session = await shop.sessions.open(undefined)
      asksForNewId(session)
      await session.save()
      session.set('user', 'ada')
      breaks(shop.store)
      await expect(thrown(() => session.commit())).rejects.toBe(unavailable)
      expect(shop.events).toEqual([])
    })

    test('after a sign-out that worked: the cookie is removed', async () => {
      const shop = site(options)
      const session = await shop.sessions.open(await signedIn(shop))
      await session.destroy()
      session.flash('notice', 'Good bye')
      shop.events.length = 0
      breaks(shop.store)
      expect(await session.commit()).toMatch(/^__Host-sid=; Max-Age=0/)
      expect(shop.events).toEqual([{ type: 'degraded', error: unavailable, dropped: true }])
    })
  })

  describe('of a session that was loaded', () => {
    async function loaded() {
      const shop = site({ ...options, idleTimeout: '30m', rolling: false })
      const session = await shop.sessions.open(await signedIn(shop, { views: 1 }))
      shop.events.length = 0
      // So that an extension is due.
      await new Promise((later) => setTimeout(later, 5))
      breaks(shop.store)
      return { ...shop, session }
    }

    test.each<[string, (session: Awaited<ReturnType<typeof loaded>>['session']) => unknown]>([
      ['a value', (session) => session.set('views', 2)],
      ['an update', (session) => session.update('views', (n) => n + 1)],
      ['a removal', (session) => session.delete('views')],
      ['an own expiry', (session) => session.setExpiry('1h')],
      ['a new id', (session) => asksForNewId(session)],
      ['an end', (session) => thrown(() => session.destroy()).catch(() => {})],
      [
        'an extension that was asked for',
        (session) => {
          session.touch()
          return thrown(() => session.save()).catch(() => {})
        },
      ],
    ])('%s that can not be saved fails the commit', async (_, change) => {
      const { session, events } = await loaded()
      await change(session)
      await expect(thrown(() => session.commit())).rejects.toBe(unavailable)
      expect(events.filter(({ type }) => type === 'degraded')).toEqual([])
    })

    test('a new id fails the commit, though a save that began before it has worked', async () => {
      const { session, store } = await loaded()
      store.failing.clear()
      session.set('views', 2)
      const saving = session.save()
      asksForNewId(session)
      await saving
      breaks(store)
      await expect(thrown(() => session.commit())).rejects.toBe(unavailable)
    })

    test('an extension that can not be saved is an event', async () => {
      const { session, events, store } = await loaded()
      store.counted()
      session.touch()
      session.get('user')
      expect(await session.commit()).toBeUndefined()
      expect(store.counted('save')).toBe(1)
      expect(events).toEqual([{ type: 'error', error: unavailable }])
    })
  })
})

describe.each(bothKinds)('a save that may have been carried out, on $kind', ({ slow }) => {
  async function lost(how: 'losing' | 'failing', change: (session: Session) => unknown) {
    const shop = site({ slow, merge: { tags: (_base: unknown, mine: unknown) => mine } })
    const cookie = await signedIn(shop, { views: 1 })
    const session = (await shop.sessions.open(cookie)) as unknown as Session
    await change(session)
    shop.store[how].set('save', unavailable)
    await expect(thrown(() => session.save())).rejects.toBe(unavailable)
    shop.store[how].clear()
    return { ...shop, cookie, session }
  }
  const count = (session: Session) => session.update('views', (n) => n + 1)

  test('and was: an update is not made twice, however often it is tried', async () => {
    const { session, store } = await lost('losing', count)
    for (const _ of [1, 2]) {
      await expect(thrown(() => session.commit())).rejects.toMatchObject({ code: 'UNTORN_STORE_UNAVAILABLE' })
    }
    count(session)
    await expect(thrown(() => session.save())).rejects.toMatchObject({ code: 'UNTORN_STORE_UNAVAILABLE' })
    expect(valuesOf(store)).toMatchObject({ views: 2 })
  })

  test('and was: nor with a new id', async () => {
    const { session, store } = await lost('losing', count)
    asksForNewId(session)
    await expect(thrown(() => session.commit())).rejects.toMatchObject({ code: 'UNTORN_STORE_UNAVAILABLE' })
    // The copy under the new id is removed without being waited for.
    await expect.poll(() => valuesOf(store)).toEqual({ user: 'ada', views: 2 })
  })

  test('and was: nor after a value was taken, which shows the newest version', async () => {
    const { session, store } = await lost('losing', count)
    expect(await session.take('user')).toBe('ada')
    await expect(thrown(() => session.commit())).rejects.toMatchObject({ code: 'UNTORN_STORE_UNAVAILABLE' })
    expect(valuesOf(store)).toEqual({ views: 2 })
  })

  test('and was: reading it again shows it, and goes on from there', async () => {
    const { session, store } = await lost('losing', count)
    await session.reload()
    expect(session.get('views')).toBe(2)
    count(session)
    await session.commit()
    expect(valuesOf(store)).toMatchObject({ views: 3 })
  })

  test('and was: a plain value is sent again, and does no harm', async () => {
    const { session, store } = await lost('losing', (session) => session.set('views', 7))
    await session.commit()
    count(session)
    await session.commit()
    expect(valuesOf(store)).toMatchObject({ views: 8 })
  })

  test('and was not: the commit makes up for it', async () => {
    const { session, store } = await lost('failing', count)
    await session.commit()
    count(session)
    await session.commit()
    expect(valuesOf(store)).toMatchObject({ views: 3 })
  })

  test('and was not, while others went on: nobody can tell, and the request fails', async () => {
    const { session, store, sessions, cookie } = await lost('failing', count)
    const other = (await sessions.open(cookie)) as unknown as Session
    count(other)
    await other.commit()
    await expect(thrown(() => session.commit())).rejects.toMatchObject({ code: 'UNTORN_STORE_UNAVAILABLE' })
    expect(valuesOf(store)).toMatchObject({ views: 2 })
  })
})
