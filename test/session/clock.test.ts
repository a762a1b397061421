import { parseSetCookie } from 'cookie'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Session, StoreUnavailableError } from '../../src/index.ts'
import { cookieHeader, type Site, signedIn, site } from '../sessions/visit.ts'
import { PlainStore } from '../support/plain-store.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const START = Date.UTC(2026, 0, 1)

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: START }))
afterEach(() => void vi.useRealTimers())

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms)

const distances: [name: string, ms: number][] = [
  ['20 minutes', 20 * MINUTE],
  ['an hour', HOUR],
  ['a year', 365 * DAY],
  ['the time since 1970', START - DAY],
]
const clocks = distances.flatMap(([name, ms]) => [
  { name: `${name} ahead`, ahead: ms },
  { name: `${name} behind`, ahead: -ms },
])
const places = clocks.flatMap((clock) => [
  { ...clock, kind: 'answers at once', slow: false },
  { ...clock, kind: 'answers later', slow: true },
])

describe.each(places)('a store that $kind, with a clock $name', ({ ahead, slow }) => {
  const shopWith = (options: Parameters<typeof site>[0] = {}): Site =>
    site({ ...options, store: new PlainStore({ slow, ahead }) })

  const known = async ({ sessions }: Site, cookie: string) => {
    const session = await sessions.open(cookie)
    const user = session.get('user')
    // No cookie, but the removal of one whose session has ended.
    expect(await session.commit()).toEqual(
      user === 'ada' ? undefined : expect.stringMatching(/^__Host-sid=; Max-Age=0;/),
    )
    return user === 'ada'
  }

  test('whoever signs in is known at the next request, and for as long as the session is used', async () => {
    const shop = shopWith()
    const cookie = await signedIn(shop)
    for (let used = 0; used < 20; used++) {
      expect(await known(shop, cookie)).toBe(true)
      pass(29 * MINUTE)
    }
    expect(shop.store.only().createdAt).toBe(START + ahead)
  })

  test('a session that nobody uses ends after its idle timeout, and not before', async () => {
    const shop = shopWith({ rolling: false })
    const cookie = await signedIn(shop)
    pass(30 * MINUTE - 1)
    expect(await known(shop, cookie)).toBe(true)
    pass(1)
    expect(await known(shop, cookie)).toBe(false)
  })

  test('its lifetime is what the options say, and the cookie lives as long', async () => {
    const shop = shopWith({ lifetime: '3h' })
    const session = await shop.sessions.open(undefined)
    session.set('user', 'ada')
    const line = (await session.commit())!
    expect(parseSetCookie(line).maxAge).toBe(3 * 60 * 60)
    for (let used = 0; used < 9; used++) {
      expect(await known(shop, cookieHeader(line))).toBe(true)
      pass(20 * MINUTE)
    }
    expect(await known(shop, cookieHeader(line))).toBe(false)
  })

  test('a handler reads how long it has, and that it was begun now', async () => {
    const shop = shopWith()
    const cookie = await signedIn(shop)
    pass(10 * MINUTE)
    const session = await shop.sessions.open(cookie)
    expect(Math.abs(session.expiresIn - 30 * MINUTE)).toBeLessThan(MINUTE)
    expect(session.createdAt).toBe(START + ahead)
    await session.reload()
    expect(session.get('user')).toBe('ada')
  })

  test('a session that is to end in an hour, by the clock of the application, lives an hour', async () => {
    const shop = shopWith()
    const cookie = await signedIn(shop)
    const session = await shop.sessions.open(cookie)
    session.setExpiry(new Date(Date.now() + HOUR))
    await session.commit()
    pass(HOUR - 2000)
    expect(await known(shop, cookie)).toBe(true)
    pass(4000)
    expect(await known(shop, cookie)).toBe(false)
  })

  test.each([
    ['and its record is removed', undefined],
    ['and its record can not be removed', new StoreUnavailableError('The disk is full.')],
  ])(
    'after a sign-in the old id is of no use, %s, and who arrived with it before stores nothing',
    async (_, error) => {
      const shop = shopWith()
      const before = await signedIn(shop)
      if (error !== undefined) shop.store.failing.set('delete', error)
      const arrivedAt = Date.now()
      pass(MINUTE)
      const login = await shop.sessions.open(before)
      await login.regenerate()
      login.set('user', 'root')
      const after = cookieHeader(await login.commit())
      pass(MINUTE)
      const late: Session = await shop.sessions.open(before, { arrivedAt })
      late.set('cart', ['tea'])
      await expect(async () => late.commit()).rejects.toMatchObject({ code: 'UNTORN_SESSION_GONE' })
      expect((await shop.sessions.open(after)).get('user')).toBe('root')
      shop.store.failing.clear()
      // A minute after it: the client never got the new id.
      const again = await shop.sessions.open(before)
      again.set('cart', ['tea'])
      expect(await again.commit()).toBeDefined()
    },
  )
})

test('a clock of the application that is put right while it runs changes nothing', async () => {
  for (const step of [HOUR, -HOUR, 365 * DAY, -365 * DAY]) {
    vi.setSystemTime(START)
    let off = 0
    const store = new PlainStore({ ahead: 0 })
    Object.defineProperty(store, 'time', { get: () => Date.now() - off })
    const shop = site({ store })
    const cookie = await signedIn(shop)
    off = step
    pass(step)
    const session = await shop.sessions.open(cookie)
    session.set('seen', true)
    await session.commit()
    expect(store.only().expiresAt).toBe(START + 33 * MINUTE)
    expect(session.expiresIn).toBeLessThanOrEqual(33 * MINUTE)
  }
})

test('a store that can not tell the time fails the sign-in by its own error, and is asked again', async () => {
  const store = new PlainStore({ ahead: HOUR })
  const tells = store.now
  const shop = site({ store })
  Object.assign(store, { now: () => Promise.reject(new Error('no clock')) })
  const session = await shop.sessions.open(undefined)
  session.set('user', 'ada')
  await expect(async () => session.commit()).rejects.toThrow('no clock')
  Object.assign(store, { now: tells })
  await session.commit()
  expect(store.only().createdAt).toBe(START + HOUR)
})
