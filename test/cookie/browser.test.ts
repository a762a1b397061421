import { parseSetCookie } from 'cookie'
import { describe, expect, test } from 'vitest'
import type { CookieOptions, Session } from '../../src/index.ts'
import { site } from '../sessions/visit.ts'

const browser: CookieOptions = { expires: 'browser' }

async function lineOf(change: (session: Session) => void = () => {}, cookie = browser) {
  const shop = site({ cookie })
  const session = await shop.sessions.open(undefined)
  session.set('user', 'ada')
  change(session)
  const { maxAge, expires } = parseSetCookie((await session.commit())!)
  return { maxAge, expires, ...shop, session }
}

describe("cookie.expires: 'browser'", () => {
  test('a cookie ends with the browser, and its session by the idle timeout', async () => {
    const { maxAge, expires, session } = await lineOf()
    expect([maxAge, expires]).toEqual([undefined, undefined])
    expect(session.expiresIn).toBeGreaterThan(29 * 60_000)
  })

  test('"remember me" gives a session a cookie that stays, and back', async () => {
    const { maxAge, expires } = await lineOf((session) => session.setExpiry('6d'))
    expect(maxAge).toBe(7 * 24 * 60 * 60)
    expect(expires!.getTime() - Date.now()).toBeGreaterThan(6 * 24 * 60 * 60 * 1000)
    const until = await lineOf((session) => session.setExpiry(new Date(Date.now() + 60_000)))
    expect(until.maxAge).toBe(60)
    const back = await lineOf((session) => {
      session.setExpiry('6d')
      session.setExpiry(undefined)
    })
    expect(back.maxAge).toBeUndefined()
  })

  test('a sign-in and a sign-out go by it too', async () => {
    const { sessions, session } = await lineOf()
    await session.regenerate()
    expect(parseSetCookie((await session.commit())!).maxAge).toBeUndefined()
    await session.destroy()
    expect(parseSetCookie((await session.commit())!)).toMatchObject({ maxAge: 0, expires: new Date(0) })
    expect(sessions).toBeDefined()
  })

  test('nothing of it is in the record: sessions of before follow the option', async () => {
    const { store } = await lineOf()
    expect([...store.only().values.keys()]).toEqual(['user'])
    const persistent = await lineOf(() => {}, {})
    expect(persistent.maxAge).toBe(7 * 24 * 60 * 60)
    const other = site({ store: persistent.store, cookie: browser })
    const session = await other.sessions.open(`__Host-sid=${persistent.session.id}`)
    await session.regenerate()
    expect(parseSetCookie((await session.commit())!).maxAge).toBeUndefined()
  })
})

test('a cookie with Max-Age has Expires too, of the same moment', async () => {
  const since = Date.now()
  const { maxAge, expires } = await lineOf(() => {}, {})
  const moment = expires!.getTime() - maxAge! * 1000
  // In whole seconds.
  expect(moment).toBeGreaterThan(since - 1000)
  expect(moment).toBeLessThan(Date.now() + 1000)
})
