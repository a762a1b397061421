import { describe, expect, test } from 'vitest'
import { createSessions } from '../../src/index.ts'
import { cookieHeader, signedIn, site, valuesOf } from '../sessions/visit.ts'
import { bothKinds, PlainStore } from '../support/plain-store.ts'

describe.each(bothKinds)('on $kind', ({ slow }) => {
  test('a visitor without a session costs no store call and no cookie', async () => {
    const { store, sessions } = site({ slow })
    const session = await sessions.open('theme=dark; lang=en')
    expect(session.get('user')).toBeUndefined()
    expect(session.isNew).toBe(true)
    expect(await session.commit()).toBeUndefined()
    expect(store.calls).toEqual([])
  })

  test('a session is stored when something is first put in it, and the cookie leads back to it', async () => {
    const { store, sessions, events } = site({ slow })
    const session = await sessions.open(undefined)
    session.set('user', 'ada')
    const { id } = session
    const line = await session.commit()
    expect(line).toContain(`=${id};`)
    expect(session.isNew).toBe(false)
    expect(events.map(({ type }) => type)).toEqual(['created'])

    const next = await sessions.open(cookieHeader(line))
    expect(next.id).toBe(id)
    expect(next.get('user')).toBe('ada')
    expect(next.isNew).toBe(false)
    expect(store.only().version).toBe(0)
  })

  test('reading costs no write and no cookie', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop, { cart: ['tea'] })
    shop.store.counted()
    const session = await shop.sessions.open(cookie)
    expect(session.get('cart')).toEqual(['tea'])
    expect(session.keys()).toEqual(['user', 'cart'])
    expect(session.has('cart')).toBe(true)
    expect(session.changed).toBe(false)
    expect(await session.commit()).toBeUndefined()
    expect(shop.store.calls.map(({ method }) => method)).toEqual(['load'])
  })

  test('only what changed is written, changes deep inside a value included', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop, { cart: { lines: [{ item: 'tea', count: 1 }] }, theme: 'dark' })
    const session = await shop.sessions.open(cookie)
    session.get('theme')
    session.get('cart').lines[0].count = 2
    expect(session.changed).toBe(true)
    shop.store.counted()
    await session.commit()
    const [call] = shop.store.calls
    expect([...call!.change!.set!]).toEqual([['cart', '{"lines":[{"item":"tea","count":2}]}']])
    expect(call!.change!.delete).toEqual([])
    expect(session.changed).toBe(false)
  })

  test('a value that is set to what it was is no change, nor is one that is set and deleted again', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop, { cart: ['tea'] })
    shop.store.counted()
    const session = await shop.sessions.open(cookie)
    session.set('cart', ['tea'])
    session.set('draft', 1)
    expect(session.delete('draft')).toBe(true)
    expect(session.delete('draft')).toBe(false)
    expect(session.changed).toBe(false)
    await session.commit()
    expect(shop.store.counted('save')).toBe(0)
  })

  test('a session that was emptied before it was stored is not stored', async () => {
    const { store, sessions } = site({ slow })
    const session = await sessions.open(undefined)
    session.set('draft', 1)
    session.clear()
    expect(session.changed).toBe(false)
    expect(await session.commit()).toBeUndefined()
    expect(store.calls).toEqual([])
  })

  test('an explicit save stores at once, and the commit then only sends the cookie', async () => {
    const { store, sessions } = site({ slow })
    const session = await sessions.open(undefined)
    session.set('a', 1)
    await session.save()
    expect(valuesOf(store)).toEqual({ a: 1 })
    session.set('b', 2)
    const cookie = cookieHeader(await session.commit())
    expect(await session.commit()).toBeUndefined()
    expect(store.calls.map(({ method }) => method)).toEqual(['create', 'save'])
    expect((await sessions.open(cookie)).keys()).toEqual(['a', 'b'])
  })

  test('reload drops what was not saved and shows what is stored', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop, { theme: 'dark' })
    const session = await shop.sessions.open(cookie)
    const other = await shop.sessions.open(cookie)
    other.set('theme', 'light')
    await other.commit()
    session.set('draft', 1)
    expect(session.get('theme')).toBe('dark')
    await session.reload()
    expect(session.get('theme')).toBe('light')
    expect(session.has('draft')).toBe(false)
    expect(session.changed).toBe(false)
  })
})

test('with a synchronous store everything is synchronous', async () => {
  const { sessions } = site()
  const session = sessions.open(undefined)
  if (session instanceof Promise) throw new Error('open gave a promise')
  session.set('user', 'ada')
  expect(session.save()).toBeUndefined()
  const line = session.commit()
  expect(typeof line).toBe('string')
  expect(session.take('user')).toBe('ada')
  expect(session.reload()).toBeUndefined()
  await session.regenerate()
  expect(typeof session.commit()).toBe('string')
  expect(session.destroy()).toBeUndefined()
  expect(typeof session.commit()).toBe('string')
})

test('the id is made anew when the store says that it is taken, and a store that always says so is an error', async () => {
  class Crowded extends PlainStore {
    taken = 0
    override create(...args: Parameters<PlainStore['create']>) {
      return this.taken-- > 0 ? false : super.create(...args)
    }
  }
  const store = new Crowded()
  const sessions = createSessions({ store })
  const session = await sessions.open(undefined)
  const wished = session.id
  session.set('user', 'ada')
  store.taken = 2
  const cookie = cookieHeader(await session.commit())
  expect(session.id).not.toBe(wished)
  expect((await sessions.open(cookie)).get('user')).toBe('ada')

  store.taken = 100
  const unlucky = await sessions.open(undefined)
  unlucky.set('user', 'bob')
  expect(() => unlucky.commit()).toThrow(expect.objectContaining({ code: 'UNTORN_STORE_UNAVAILABLE' }))
})

test('accessed says whether the response depends on the cookie', async () => {
  const shop = site()
  const cookie = await signedIn(shop)
  const uses: ((session: Awaited<ReturnType<typeof shop.sessions.open>>) => unknown)[] = [
    (session) => session.get('user'),
    (session) => session.has('user'),
    (session) => session.keys(),
    (session) => session.set('a', 1),
    (session) => session.delete('a'),
    (session) => session.clear(),
    (session) => session.update('n', (n = 0) => n + 1),
    (session) => session.take('user'),
    (session) => session.testCookieWorked(),
  ]
  for (const use of uses) {
    const session = await shop.sessions.open(cookie)
    expect(session.accessed).toBe(false)
    use(session)
    expect(session.accessed).toBe(true)
  }
})

test('clear empties the session and leaves it stored', async () => {
  const shop = site()
  const cookie = await signedIn(shop, { cart: [] })
  const session = await shop.sessions.open(cookie)
  session.clear()
  expect(session.keys()).toEqual([])
  await session.commit()
  expect(shop.store.only().values.size).toBe(0)
})

test('a test cookie works from the request on in which it comes back', async () => {
  const shop = site()
  const first = await shop.sessions.open(undefined)
  first.setTestCookie()
  expect(first.testCookieWorked()).toBe(false)
  expect(first.keys()).toEqual([])
  const cookie = cookieHeader(await first.commit())
  expect(first.testCookieWorked()).toBe(false)

  const second = await shop.sessions.open(cookie)
  expect(second.testCookieWorked()).toBe(true)
  second.deleteTestCookie()
  expect(second.testCookieWorked()).toBe(false)
  await second.commit()
  expect((await shop.sessions.open(cookie)).testCookieWorked()).toBe(false)
})

test('closing the sessions closes the store', async () => {
  const { store, sessions } = site()
  await sessions.close()
  expect(store.closed).toBe(true)
})
