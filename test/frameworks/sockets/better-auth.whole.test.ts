import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { describe, expect, test } from 'vitest'
import { secondaryStorage } from '../../../src/better-auth.ts'
import { STORES } from '../../sockets/stores.ts'
import { lateMap, type Storage } from './storages.ts'

const ORIGIN = 'http://localhost:3000'
const PASSWORD = 'correct horse battery'

/** better-auth, and what a visitor asks of it. */
function authOver(storage: Storage) {
  const auth = betterAuth({
    baseURL: ORIGIN,
    secret: 'a secret that is long enough for it to be taken',
    database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
    secondaryStorage: storage,
    emailAndPassword: {
      enabled: true,
      password: { hash: async (text) => text, verify: async (given) => given.hash === given.password },
    },
    // Each look at a session refreshes it.
    session: { updateAge: 0 },
    logger: { disabled: true },
    telemetry: { enabled: false },
  })
  const ask = async (path: string, cookie = '', body?: object) => {
    const headers: Record<string, string> = { cookie, origin: ORIGIN }
    if (body) headers['content-type'] = 'application/json'
    const init = body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers }
    const response = await auth.handler(new Request(`${ORIGIN}/api/auth${path}`, init))
    const set = response.headers.getSetCookie().find((line) => line.includes('session_token'))
    const text = await response.text()
    return {
      status: response.status,
      cookie: set?.split(';')[0] ?? cookie,
      body: text === '' ? undefined : JSON.parse(text),
    }
  }
  const who = { email: 'ann@example.com', password: PASSWORD }
  return {
    signUp: () => ask('/sign-up/email', '', { ...who, name: 'Ann' }),
    signIn: async () => (await ask('/sign-in/email', '', who)).cookie,
    whoIs: async (cookie: string) => (await ask('/get-session', cookie)).body?.user?.email,
    rename: (cookie: string, name: string) => ask('/update-user', cookie, { name }),
    nameOf: async (cookie: string) => (await ask('/get-session', cookie)).body?.user?.name,
    list: async (cookie: string) =>
      (await ask('/list-sessions', cookie)).body.map((s: { token: string }) => s.token),
    signOut: (cookie: string) => ask('/sign-out', cookie, {}),
    revoke: (cookie: string, token: string) => ask('/revoke-session', cookie, { token }),
    revokeOthers: (cookie: string) => ask('/revoke-other-sessions', cookie, {}),
    revokeAll: (cookie: string) => ask('/revoke-sessions', cookie, {}),
  }
}

const tokenOf = (cookie: string) => decodeURIComponent(cookie.split('=')[1]!).split('.')[0]!

/** The same with the next `set` of this key held back until it is let go. */
function holding(storage: Storage) {
  let held: { key: string; reached: () => void; go: Promise<void> } | undefined
  const hold = (key: string) => {
    let [reached, letGo] = [() => {}, () => {}]
    const isReached = new Promise<void>((done) => (reached = done))
    held = { key, reached, go: new Promise<void>((done) => (letGo = done)) }
    return { isReached, letGo }
  }
  const set: Storage['set'] = async (key, ...rest) => {
    if (held?.key === key) {
      const { reached, go } = held
      held = undefined
      reached()
      await go
    }
    return storage.set(key, ...rest)
  }
  return { hold, storage: { ...storage, set } as Storage }
}

/** Signs in so often at once, and revokes all but the first. How many are still signed in. */
async function leftByRevocation(storage: Storage): Promise<number> {
  const auth = authOver(storage)
  const { cookie } = await auth.signUp()
  const others = await Promise.all(Array.from({ length: 5 }, () => auth.signIn()))
  await auth.revokeOthers(cookie)
  expect(await auth.whoIs(cookie)).toBe('ann@example.com')
  const left = await Promise.all(others.map((other) => auth.whoIs(other)))
  return left.filter((who) => who !== undefined).length
}

/** A session is revoked while a request refreshes it. Whether it is there behind that, and how many are listed. */
async function afterRefresh(under: Storage): Promise<{ isThere: boolean; listed: number }> {
  const { storage, hold } = holding(under)
  const auth = authOver(storage)
  const { cookie } = await auth.signUp()
  const other = await auth.signIn()
  const { isReached, letGo } = hold(tokenOf(other))
  const refresh = auth.whoIs(other)
  await isReached
  await auth.revoke(cookie, tokenOf(other))
  letGo()
  await refresh
  const listed = (await auth.list(cookie)).length
  return { isThere: (await auth.whoIs(other)) !== undefined, listed }
}

describe.each(Object.entries(STORES))('better-auth over %s', (_, makeStore) => {
  const make = () => secondaryStorage(makeStore())

  test('a sign-in, a look, a sign-out', async () => {
    const auth = authOver(make())
    const { cookie } = await auth.signUp()
    expect(await auth.whoIs(cookie)).toBe('ann@example.com')
    expect(await auth.list(cookie)).toEqual([tokenOf(cookie)])
    await auth.signOut(cookie)
    expect(await auth.whoIs(cookie)).toBeUndefined()
  })

  test('sign-ins at once are all in the list, so that revoking the others ends each', async () => {
    expect(await leftByRevocation(make())).toBe(0)
  })

  test('what was revoked while it was refreshed stays revoked', async () => {
    expect(await afterRefresh(make())).toEqual({ isThere: false, listed: 1 })
  })

  test('a sign-out during a slow refresh stays', async () => {
    const { storage, hold } = holding(make())
    const auth = authOver(storage)
    const { cookie } = await auth.signUp()
    const { isReached, letGo } = hold(tokenOf(cookie))
    const refresh = auth.whoIs(cookie)
    await isReached
    await auth.signOut(cookie)
    letGo()
    await refresh
    expect(await auth.whoIs(cookie)).toBeUndefined()
  })

  test('all are revoked, also one that is being refreshed', async () => {
    const { storage, hold } = holding(make())
    const auth = authOver(storage)
    const { cookie } = await auth.signUp()
    const other = await auth.signIn()
    const { isReached, letGo } = hold(tokenOf(other))
    const refresh = auth.whoIs(other)
    await isReached
    await auth.revokeAll(cookie)
    letGo()
    await refresh
    expect(await auth.whoIs(other)).toBeUndefined()
    expect(await auth.whoIs(cookie)).toBeUndefined()
    expect(await auth.whoIs(await auth.signIn())).toBe('ann@example.com')
  })

  test('a new name and a refresh at once both stay', async () => {
    const { storage, hold } = holding(make())
    const auth = authOver(storage)
    const { cookie } = await auth.signUp()
    const other = await auth.signIn()
    const { isReached, letGo } = hold(tokenOf(other))
    const refresh = auth.whoIs(other)
    await isReached
    await auth.rename(cookie, 'Anne')
    letGo()
    await refresh
    expect(await auth.nameOf(other)).toBe('Anne')
  })
})

describe('the same over a map that answers later', () => {
  test('sign-ins at once are lost from the list, and survive their revocation', async () => {
    expect(await leftByRevocation(lateMap())).toBeGreaterThan(0)
  })

  test('a refresh brings back what was revoked', async () => {
    expect(await afterRefresh(lateMap())).toEqual({ isThere: true, listed: 2 })
  })
})
