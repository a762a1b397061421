import { parseSetCookie } from 'cookie'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createSessions, presets, type Session } from '../../src/index.ts'
import { cookieHeader, type Site, signedIn, site } from '../sessions/visit.ts'
import { bothKinds, PlainStore } from '../support/plain-store.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const START = Date.UTC(2026, 0, 1)

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: START }))
afterEach(() => void vi.useRealTimers())

const clockAt = (ms: number) => vi.setSystemTime(START + ms)

/** One request that reads; whether it still found the session. */
async function read(shop: Site, cookie: string): Promise<boolean> {
  const session = await shop.sessions.open(cookie)
  const found = session.get('user') === 'ada'
  // No cookie, but the removal of one whose session has ended.
  expect(await session.commit()).toEqual(
    found ? undefined : expect.stringMatching(/^__Host-sid=; Max-Age=0;/),
  )
  return found
}

describe.each(bothKinds)('on $kind', ({ slow }) => {
  test('a session that is used lives on, one that is not used for its idle timeout ends', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    for (let used = 29 * MINUTE; used < 5 * HOUR; used += 29 * MINUTE) {
      clockAt(used)
      expect(await read(shop, cookie)).toBe(true)
    }
    vi.setSystemTime(Date.now() + 33 * MINUTE)
    expect(await read(shop, cookie)).toBe(false)
    expect(shop.events.at(-1)).toMatchObject({ type: 'unknown-id' })
  })

  test('constant use extends a session to its lifetime and no further', async () => {
    const shop = site({ slow, lifetime: '3h' })
    const cookie = await signedIn(shop)
    for (let used = 0; used < 3 * HOUR; used += 10 * MINUTE) {
      clockAt(used)
      const session = await shop.sessions.open(cookie)
      session.set('used', used)
      session.touch()
      await session.commit()
      expect(session.expiresAt).toBe(Math.min(START + used + 30 * MINUTE, START + 3 * HOUR))
      expect(shop.store.only().expiresAt).toBeLessThanOrEqual(START + 3 * HOUR)
    }
    clockAt(3 * HOUR)
    expect(await read(shop, cookie)).toBe(false)
  })
})

test('the store hears of reads at most every tenth of the idle timeout, with an expiry and no values', async () => {
  const shop = site()
  const cookie = await signedIn(shop)
  shop.store.counted()
  for (let used = 0; used < 30 * MINUTE; used += MINUTE / 2) {
    clockAt(used)
    await read(shop, cookie)
  }
  const saves = shop.store.calls.filter(({ method }) => method === 'save')
  // 59 reads after the first; it is written again after more than three minutes.
  expect(saves).toHaveLength(8)
  for (const { change } of saves) expect(Object.keys(change!)).toEqual(['expiresAt'])
  expect(shop.store.only().version).toBe(0)
})

test('what was promised at a use is never cut shorter', async () => {
  const shop = site()
  const cookie = await signedIn(shop)
  for (let used = 0; used < 2 * HOUR; used += 47_000) {
    clockAt(used)
    const session = await shop.sessions.open(cookie)
    session.get('user')
    const promised = session.expiresAt
    expect(promised).toBe(START + used + 30 * MINUTE)
    expect(session.expiresIn).toBe(30 * MINUTE)
    await session.commit()
    const stored = shop.store.only().expiresAt
    expect(stored).toBeGreaterThanOrEqual(promised)
    expect(stored).toBeLessThanOrEqual(promised + 3 * MINUTE)
  }
})

test('a request that did not look at the session does not extend it', async () => {
  const shop = site()
  const cookie = await signedIn(shop)
  clockAt(20 * MINUTE)
  shop.store.counted()
  const session = await shop.sessions.open(cookie)
  await session.save()
  await session.commit()
  expect(shop.store.counted('save')).toBe(0)
})

test('an extension of a session that was signed out is no error', async () => {
  const shop = site()
  const cookie = await signedIn(shop)
  clockAt(20 * MINUTE)
  const [reader, logout] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
  reader.get('user')
  await logout.destroy()
  expect(await reader.commit()).toBeUndefined()
  expect(shop.events.map(({ type }) => type)).toEqual(['created', 'signed-out'])
})

test('with rolling: false only a change or touch() extends', async () => {
  const shop = site({ rolling: false })
  const cookie = await signedIn(shop)
  const stored = () => shop.store.only().expiresAt - START
  expect(stored()).toBe(30 * MINUTE)
  const request = async (use: (session: Session) => unknown) => {
    const session = await shop.sessions.open(cookie)
    use(session)
    const promised = session.expiresAt - START
    await session.commit()
    expect(stored()).toBe(promised)
  }
  clockAt(10 * MINUTE)
  await request((session) => session.get('user'))
  expect(stored()).toBe(30 * MINUTE)
  await request((session) => session.touch())
  expect(stored()).toBe(40 * MINUTE)
  clockAt(20 * MINUTE)
  await request((session) => session.set('a', 1))
  expect(stored()).toBe(50 * MINUTE)
})

test('a lifetime that was shortened holds for sessions that are older', async () => {
  const store = new PlainStore()
  const cookie = await signedIn(site({ store, idleTimeout: '2d' }))
  clockAt(DAY)
  const { sessions } = site({ store, lifetime: '1d' })
  expect((await sessions.open(cookie)).isNew).toBe(true)
  const lenient = site({ store, lifetime: '2d', idleTimeout: '1h' })
  const session = await lenient.sessions.open(cookie)
  expect(session.isNew).toBe(false)
  // It ends while a request uses it.
  clockAt(2 * DAY - 1)
  session.set('a', 1)
  clockAt(2 * DAY)
  expect(() => session.reload()).toThrow(expect.objectContaining({ code: 'UNTORN_SESSION_GONE' }))
})

test.each([
  ['AAL2', HOUR],
  ['AAL3', HOUR / 4],
] as const)(
  'with the preset %s a session has ended when its longest time without use has passed',
  async (name, longest) => {
    for (const used of [0, longest / 100, longest / 12, longest / 10]) {
      const shop = site({ ...presets[name] })
      clockAt(0)
      const cookie = await signedIn(shop)
      clockAt(used)
      expect(await read(shop, cookie)).toBe(true)
      clockAt(used + longest * 0.9)
      expect(await shop.sessions.open(cookie)).toMatchObject({ isNew: false })
      clockAt(used + longest)
      expect(await read(shop, cookie)).toBe(false)
    }
  },
)

describe('an idle timeout that was shortened', () => {
  const stored = ({ store }: Site) => store.only().expiresAt - START

  test('holds for a session that there is already from its next use on, which is noted once', async () => {
    const store = new PlainStore()
    const cookie = await signedIn(site({ store, idleTimeout: '2d' }))
    const strict = site({ store, idleTimeout: '10m' })
    clockAt(HOUR)
    store.counted()
    expect(await read(strict, cookie)).toBe(true)
    expect(stored(strict)).toBe(HOUR + 11 * MINUTE)
    clockAt(HOUR + MINUTE)
    expect(await read(strict, cookie)).toBe(true)
    expect(store.counted('save')).toBe(1)
    clockAt(HOUR + 11 * MINUTE)
    expect(await read(strict, cookie)).toBe(false)
  })

  test('and with a change, also with rolling: false', async () => {
    const store = new PlainStore()
    const cookie = await signedIn(site({ store, idleTimeout: '2d' }))
    const strict = site({ store, idleTimeout: '10m', rolling: false })
    const session = await strict.sessions.open(cookie)
    session.set('a', 1)
    await session.commit()
    expect(stored(strict)).toBe(10 * MINUTE)
  })

  test('shows no use in the future, in a list of devices', async () => {
    const store = new PlainStore()
    const session = await site({ store, idleTimeout: '2d' }).sessions.open(undefined)
    await session.login('ada')
    await session.commit()
    clockAt(HOUR)
    const [device] = await site({ store, idleTimeout: '10m' }).sessions.list('ada')
    expect(device).toMatchObject({ createdAt: START, lastUsedAt: START + HOUR })
  })

  test('is no reason to write again for a clock that is a little behind', async () => {
    const shop = site()
    const cookie = await signedIn(shop)
    shop.store.counted()
    clockAt(-1000)
    expect(await read(shop, cookie)).toBe(true)
    expect(shop.store.counted('save')).toBe(0)
  })
})

describe('setExpiry', () => {
  /** Signs in with an expiry; the cookie's Max-Age comes along. */
  async function with_(shop: Site, expiry: Parameters<Session['setExpiry']>[0]) {
    const session = await shop.sessions.open(undefined)
    session.set('user', 'ada')
    session.setExpiry(expiry)
    const line = await session.commit()
    return { session, cookie: cookieHeader(line), maxAge: parseSetCookie(line!).maxAge }
  }

  test('a duration is an idle timeout of the session’s own', async () => {
    const shop = site()
    const { session, cookie, maxAge } = await with_(shop, '2h')
    expect(maxAge).toBe((7 * DAY) / 1000)
    expect(session.expiresAt).toBe(START + 2 * HOUR)
    shop.store.counted()
    for (const used of [5 * MINUTE, 11 * MINUTE, HOUR, 2 * HOUR, 3.9 * HOUR]) {
      clockAt(used)
      expect(await read(shop, cookie)).toBe(true)
      expect(shop.store.only().expiresAt).toBeGreaterThanOrEqual(START + used + 2 * HOUR)
    }
    expect(shop.store.counted('save')).toBe(3)
    clockAt(6.2 * HOUR)
    expect(await read(shop, cookie)).toBe(false)
  })

  test('a number is milliseconds', async () => {
    const { session } = await with_(site(), 5000)
    expect(session.expiresIn).toBe(5000)
  })

  test('a Date is a fixed end, which use does not move', async () => {
    const shop = site()
    const { session, cookie, maxAge } = await with_(shop, new Date(START + 2 * HOUR))
    expect(maxAge).toBe(7200)
    expect(session.expiresAt).toBe(START + 2 * HOUR)
    shop.store.counted()
    clockAt(2 * HOUR - 1)
    expect(await read(shop, cookie)).toBe(true)
    expect(shop.store.counted('save')).toBe(0)
    clockAt(2 * HOUR)
    expect(await read(shop, cookie)).toBe(false)
  })

  test('a Date holds although a request that knew nothing of it extended the session afterwards', async () => {
    const shop = site()
    const cookie = await signedIn(shop)
    clockAt(10 * MINUTE)
    const [slow, strict] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    strict.setExpiry(new Date(START + 15 * MINUTE))
    await strict.commit()
    slow.set('a', 1)
    await slow.commit()
    clockAt(15 * MINUTE)
    expect(await read(shop, cookie)).toBe(false)
  })

  test("'browser' keeps the options' times and sends a cookie without Max-Age", async () => {
    const shop = site()
    const { session, cookie, maxAge } = await with_(shop, 'browser')
    expect(maxAge).toBeUndefined()
    expect(session.expiresAt).toBe(START + 30 * MINUTE)
    clockAt(25 * MINUTE)
    expect(await read(shop, cookie)).toBe(true)
    clockAt(50 * MINUTE)
    expect(await read(shop, cookie)).toBe(true)
  })

  test('undefined is the options again; each change writes the expiry and sends the cookie again', async () => {
    const shop = site()
    const cookie = await signedIn(shop)
    const request = async (expiry: Parameters<Session['setExpiry']>[0]) => {
      const session = await shop.sessions.open(cookie)
      session.setExpiry(expiry)
      const line = await session.commit()
      if (line !== undefined) expect(cookieHeader(line)).toBe(cookie)
      return { maxAge: line && parseSetCookie(line).maxAge, stored: shop.store.only().expiresAt - START }
    }
    expect(await request('5m')).toEqual({ maxAge: 604800, stored: 5.5 * MINUTE })
    expect(await request('5m')).toEqual({ maxAge: undefined, stored: 5.5 * MINUTE })
    const date = new Date(START + HOUR)
    expect(await request(date)).toEqual({ maxAge: 3600, stored: HOUR })
    expect(await request(date)).toEqual({ maxAge: undefined, stored: HOUR })
    expect(await request('browser')).toEqual({ maxAge: undefined, stored: 33 * MINUTE })
    expect(await request(undefined)).toEqual({ maxAge: 604800, stored: 33 * MINUTE })
    expect(shop.store.only().values.has('untorn:expiry')).toBe(false)
  })

  test('nothing goes beyond the lifetime', async () => {
    const shop = site({ lifetime: '1h' })
    for (const expiry of ['3h', new Date(START + 3 * HOUR)] as const) {
      const { session, cookie, maxAge } = await with_(shop, expiry)
      expect(maxAge).toBe(3600)
      expect(session.expiresAt).toBe(START + HOUR)
      clockAt(HOUR - 1)
      expect(await read(shop, cookie)).toBe(true)
      clockAt(HOUR)
      expect(await read(shop, cookie)).toBe(false)
      clockAt(0)
    }
  })

  test('it is kept by regenerate, and alone it stores nothing', async () => {
    const shop = site()
    const { session } = await with_(shop, 'browser')
    await session.regenerate()
    expect(parseSetCookie((await session.commit())!).maxAge).toBeUndefined()
    const empty = await shop.sessions.open(undefined)
    empty.setExpiry('2h')
    expect(empty.expiresIn).toBe(2 * HOUR)
    expect(empty.keys()).toEqual([])
    expect(await empty.commit()).toBeUndefined()
    expect(shop.store.all()).toHaveLength(1)
  })

  test.each([
    0,
    -1,
    30,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '',
    'soon',
    '-5m',
    null,
    {},
    new Date(Number.NaN),
    new Date(START),
  ])('%o is refused, by name', async (expiry) => {
    const session = await site().sessions.open(undefined)
    expect(() => session.setExpiry(expiry as never)).toThrow(
      expect.objectContaining({ code: 'UNTORN_INVALID_OPTION', option: 'setExpiry' }),
    )
  })
})

test.each<[unknown, RegExp]>([
  [null, /a length of time such as '30m', a Date, 'browser' or undefined is needed, not null/],
  [{ idle: 5 }, /a Date, 'browser' or undefined is needed, not an object/],
  [true, /a Date, 'browser' or undefined is needed, not true/],
  [30, /write '30m' or '30s', or '30ms'/],
  [START + HOUR, new RegExp(`a moment is given as a Date: write new Date\\(${START + HOUR}\\)`)],
  [new Date(START - 1), /`destroy\(\)` ends a session now/],
])('setExpiry(%o) says what it takes', async (expiry, says) => {
  const session = await site().sessions.open(undefined)
  expect(() => session.setExpiry(expiry as never)).toThrow(says)
})

test('the cookie is sent when a session is created or gets a new id, and not to extend it', async () => {
  const shop = site({ slow: false })
  const cookie = await signedIn(shop)
  for (let day = 1; day < 7; day++) {
    for (let hour = 0; hour < 24; hour += 0.25) {
      clockAt(day * DAY + hour * HOUR - DAY)
      const session = await shop.sessions.open(cookie)
      session.set('seen', Date.now())
      expect(await session.commit()).toBeUndefined()
    }
  }
  const session = await shop.sessions.open(cookie)
  await session.regenerate()
  // What is left of the lifetime.
  expect(parseSetCookie((await session.commit())!).maxAge).toBe((7 * DAY - (Date.now() - START)) / 1000)
})

test('idleTimeout falls back to a shorter lifetime', async () => {
  const sessions = createSessions({ store: new PlainStore(), lifetime: '10m' })
  expect((await sessions.open(undefined)).expiresIn).toBe(10 * MINUTE)
})
