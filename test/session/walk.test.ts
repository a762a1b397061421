import { describe, expect, test } from 'vitest'
import { cookieHeader, signedIn, site, valuesOf } from '../sessions/visit.ts'
import { bothKinds } from '../support/plain-store.ts'

const HOUR = 3_600_000
const invalid = expect.objectContaining({ code: 'UNTORN_INVALID_OPTION' })

test('values are walked through, counted and cleared; what the library keeps is not among them', async () => {
  const shop = site()
  const cookie = await signedIn(shop, { a: 1 })
  const session = await shop.sessions.open(cookie)
  session.setExpiry('2h')
  session.notAfter(new Date(Date.now() + HOUR))
  session.setTestCookie()
  session.flash('notice', 'Saved')
  session.set('b', [2])
  const pairs = [
    ['user', 'ada'],
    ['a', 1],
    ['b', [2]],
  ]
  expect([...session]).toEqual(pairs)
  expect(session.entries()).toEqual(pairs)
  expect(new Map(session)).toEqual(new Map(pairs as [string, unknown][]))
  expect(session.size).toBe(3)
  expect(session.changed).toBe(true)
  // Who deletes while they walk meets what there was.
  for (const [name] of session) session.delete(name)
  expect(session.size).toBe(0)
  session.set('c', 3)
  session.clear()
  expect([...session]).toEqual([])
  await session.commit()
  expect(valuesOf(shop.store)).toEqual({})
  // The session's own is not cleared with them.
  const next = await shop.sessions.open(cookie)
  expect(next.expiry).toBe(2 * HOUR)
  expect(await next.flashes('notice')).toEqual(['Saved'])
})

test('the expiry is read as it was set', async () => {
  const shop = site()
  const cookie = await signedIn(shop)
  const until = new Date(Date.now() + HOUR)
  for (const [given, read] of [
    ['2h', 2 * HOUR],
    [90_000, 90_000],
    [until, until],
    ['browser', 'browser'],
    [undefined, undefined],
  ] as const) {
    const session = await shop.sessions.open(cookie)
    session.setExpiry(given)
    expect(session.expiry).toEqual(read)
    await session.commit()
    const next = await shop.sessions.open(cookie)
    expect(next.expiry).toEqual(read)
    // What was read can be given back.
    next.setExpiry(next.expiry)
    expect(next.changed).toBe(false)
  }
  expect((await shop.sessions.open(undefined)).expiry).toBeUndefined()
})

describe.each(bothKinds)('on $kind', ({ slow }) => {
  test('an outer expiry beside the idle timeout: use does not move it, a new id keeps it', async () => {
    const shop = site({ slow, idleTimeout: '2h', lifetime: '1d' })
    const session = await shop.sessions.open(await signedIn(shop))
    const end = Date.now() + HOUR
    session.notAfter(new Date(end))
    expect(session.expiresAt).toBe(end)
    session.setExpiry('30m')
    expect(session.expiresAt).toBeLessThanOrEqual(Date.now() + HOUR / 2)
    session.setExpiry('3h')
    await session.regenerate()
    const line = await session.commit()
    expect(shop.store.only().expiresAt).toBe(end)
    const maxAge = Number(/Max-Age=(\d+)/.exec(line!)![1])
    expect(maxAge).toBeGreaterThan(3590)
    expect(maxAge).toBeLessThanOrEqual(3600)
    const next = await shop.sessions.open(cookieHeader(line))
    next.touch()
    next.set('more', 1)
    await next.commit()
    expect(shop.store.only().expiresAt).toBe(end)
    expect(next.expiresAt).toBe(end)
    // Taken back, it is the idle timeout again.
    next.notAfter(undefined)
    await next.commit()
    expect(shop.store.only().expiresAt).toBeGreaterThan(end + HOUR)
  })

  test('an outer expiry that another request sets while one takes a new id comes along', async () => {
    const shop = site({ slow, idleTimeout: '2h' })
    const cookie = await signedIn(shop)
    const [login, other] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    const end = Date.now() + HOUR
    let met = false
    shop.store.between = async ({ method, change }) => {
      if (met || method !== 'save' || !JSON.stringify([...(change?.set ?? [])]).includes('untorn:moved'))
        return
      met = true
      other.notAfter(new Date(end))
      await other.commit()
    }
    await login.regenerate()
    await login.commit()
    expect(met).toBe(true)
    expect(shop.store.only().expiresAt).toBe(end)
  })

  test('begin(): stored with an id though nothing is in it, and found with its cookie', async () => {
    const shop = site({ slow })
    const session = await shop.sessions.open(undefined)
    await session.begin()
    expect(session.isNew).toBe(false)
    const { id } = session
    const cookie = cookieHeader(await session.commit())
    expect(cookie).toContain(id)
    const next = await shop.sessions.open(cookie)
    expect(next.isNew).toBe(false)
    expect(next.id).toBe(id)
    expect(next.toJSON()).toEqual({})
    // Of one that is stored it is a save.
    next.set('a', 1)
    await next.begin()
    expect(valuesOf(shop.store)).toEqual({ a: 1 })
    expect(shop.events.filter(({ type }) => type === 'created')).toHaveLength(1)
  })

  test('begin() with a value stores that, too; one that fails is tried again by the commit', async () => {
    const shop = site({ slow })
    const session = await shop.sessions.open(undefined)
    const down = new Error('down')
    shop.store.failing.set('create', down)
    await expect((async () => session.begin())()).rejects.toBe(down)
    shop.store.failing.clear()
    expect(await session.commit()).toBeDefined()
    expect(shop.store.only().values.size).toBe(0)
    const other = await shop.sessions.open(undefined)
    other.set('a', 1)
    await other.begin()
    expect(shop.store.all()).toHaveLength(2)
  })

  test('begin() for a late request begins none, and one that was signed out stays so', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const login = await shop.sessions.open(cookie)
    await login.regenerate()
    await login.commit()
    const late = await shop.sessions.open(cookie)
    const gone = expect.objectContaining({ code: 'UNTORN_SESSION_GONE' })
    await expect((async () => late.begin())()).rejects.toThrow(gone)
    expect(shop.store.all()).toHaveLength(1)
  })
})

test('an outer expiry that makes no sense is refused', async () => {
  const session = await site().sessions.open(undefined)
  for (const date of [new Date(Date.now() - 1), new Date('never'), 1e15, '2h']) {
    expect(() => session.notAfter(date as Date)).toThrow(invalid)
  }
  expect(session.changed).toBe(false)
  // It is nothing that a session would be stored for.
  session.notAfter(new Date(Date.now() + HOUR))
  expect(await session.commit()).toBeUndefined()
})
