import { randomBytes } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { StoreUnavailableError } from '../../src/index.ts'
import { cookieHeader, signedIn, site } from '../sessions/visit.ts'
import { bothKinds } from '../support/plain-store.ts'
import { Jar } from './support/jar.ts'

const guess = () => `__Host-sid=${randomBytes(32).toString('base64url')}`
const removal = expect.stringMatching(
  /^__Host-sid=; Max-Age=0; Path=\/; Expires=Thu, 01 Jan 1970 .*; HttpOnly; Secure/,
)

describe.each(bothKinds)('a cookie whose session has ended, with $kind', ({ slow }) => {
  /** A visitor whose session was signed out elsewhere. */
  async function signedOut() {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    await (await shop.sessions.open(cookie)).destroy()
    shop.events.length = 0
    shop.store.counted()
    return { ...shop, cookie }
  }

  test('is removed with the first answer that looks at the session, and costs nothing from then on', async () => {
    const { sessions, store, cookie } = await signedOut()
    const jar = new Jar()
    jar.keep(cookie)
    const session = await sessions.open(jar.header)
    expect(session.get('user')).toBeUndefined()
    const line = await session.commit()
    expect(line).toEqual(removal)
    expect(await session.commit()).toBeUndefined()
    jar.keep(line)
    expect(jar.header).toBeUndefined()
    store.counted()
    const next = await sessions.open(jar.header)
    next.get('user')
    await next.commit()
    expect(store.counted()).toBe(0)
  })

  test('stays where nobody looks at the session', async () => {
    const { sessions, cookie } = await signedOut()
    expect(await (await sessions.open(cookie)).commit()).toBeUndefined()
  })

  test('is replaced, not removed, where a new session begins', async () => {
    const { sessions, cookie } = await signedOut()
    const session = await sessions.open(cookie)
    session.set('user', 'bob')
    const next = cookieHeader(await session.commit())
    expect(session.dueCookies()).toEqual([])
    expect((await sessions.open(next)).get('user')).toBe('bob')
  })

  test('is not removed by a slow answer, once another request of the page has begun a session', async () => {
    for (const opensFirst of [true, false]) {
      const { sessions, cookie } = await signedOut()
      const slowOne = opensFirst ? await sessions.open(cookie) : undefined
      const token = await sessions.open(cookie)
      token.set('token', 't')
      expect(await token.commit()).toBeDefined()
      const other = slowOne ?? (await sessions.open(cookie))
      other.get('user')
      expect(await other.commit()).toBeUndefined()
    }
  })

  test('is not removed where the id was replaced: the new cookie may be on its way', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const login = await shop.sessions.open(cookie)
    await login.regenerate()
    await login.commit()
    const late = await shop.sessions.open(cookie)
    late.get('user')
    expect(await late.commit()).toBeUndefined()
  })

  test('is not removed where the store can not say whether it was replaced, and the page is answered', async () => {
    const { sessions, store, events, cookie } = await signedOut()
    const session = await sessions.open(cookie)
    session.get('user')
    const failure = new StoreUnavailableError('no answer')
    store.failing.set('load', failure)
    expect(await session.commit()).toBeUndefined()
    expect(events.at(-1)).toEqual({ type: 'error', error: failure })
  })

  test('what is noted of it is no session, and goes by itself', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { sessions, store, cookie } = await signedOut()
    const session = await sessions.open(cookie)
    session.set('user', 'bob')
    await session.commit()
    const listed = async (all: boolean) => {
      let count = 0
      for await (const _ of store.records({ all })) count++
      return count
    }
    expect([await listed(false), await listed(true)]).toEqual([1, 2])
    vi.setSystemTime(Date.now() + 11 * 60_000)
    expect([await listed(false), await listed(true)]).toEqual([1, 1])
    vi.useRealTimers()
  })

  test('does not keep a sign-in from being stored where it can not be noted', async () => {
    const { sessions, store, events, cookie } = await signedOut()
    let creations = 0
    store.between = ({ method }) => {
      if (method === 'create' && ++creations === 2) throw new Error('the store is full')
    }
    const session = await sessions.open(cookie)
    session.set('user', 'bob')
    expect((await sessions.open(cookieHeader(await session.commit()))).get('user')).toBe('bob')
    expect(events).toContainEqual({ type: 'error', error: new Error('the store is full') })
  })
})

test('several dead ones: each is told, and the one of now is removed', async () => {
  const shop = site()
  const [one, other] = [guess(), guess()]
  const session = await shop.sessions.open(`${one}; ${other}`)
  session.get('user')
  expect(await session.commit()).toEqual(removal)
  expect(shop.events.map(({ type }) => type)).toEqual(['duplicate-cookie', 'unknown-id', 'unknown-id'])
})

describe('the count of unknown ids tells visitors who come back from somebody who guesses', () => {
  test('a browser whose session has ended is counted once, however long it stays', async () => {
    const shop = site()
    const jar = new Jar()
    jar.keep(await signedIn(shop))
    await (await shop.sessions.open(jar.header)).destroy()
    for (let visits = 0; visits < 20; visits++) {
      const session = await shop.sessions.open(jar.header)
      session.get('user')
      jar.keep(await session.commit())
    }
    expect(shop.sessions.stats.unknownIds).toBe(1)
  })

  test('each guess is counted', async () => {
    const shop = site()
    for (let tries = 0; tries < 20; tries++) await shop.sessions.open(guess())
    expect(shop.sessions.stats.unknownIds).toBe(20)
  })

  test('what can not be a guess is not: malformed, of more than one live session, replaced', async () => {
    const shop = site()
    const [one, other] = [await signedIn(shop), await signedIn(shop)]
    await shop.sessions.open('__Host-sid=abc')
    await shop.sessions.open(`${one}; ${other}`)
    const login = await shop.sessions.open(one)
    await login.regenerate()
    await login.commit()
    await shop.sessions.open(one)
    expect(shop.sessions.stats.unknownIds).toBe(0)
    expect(shop.events.slice(2).map(({ type }) => type)).toEqual([
      'malformed-cookie',
      'duplicate-cookie',
      'rotated',
      'replaced-id-used',
    ])
  })
})
