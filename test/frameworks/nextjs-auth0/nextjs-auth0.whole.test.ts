import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { SessionStore } from '../../../src/index.ts'
import { type Auth0Session, sessionStore } from '../../../src/nextjs-auth0.ts'
import { meeting } from '../../../src/testing/adapter/gate.ts'
import { STORES } from '../../sockets/stores.ts'
import { againIfSlow } from '../../support/again-if-slow.ts'
import { temporaryDirectory } from '../../support/directory.ts'

interface Cookies {
  get(name: string): { name: string; value: string } | undefined
  has(name: string): boolean
  set(name: string, value: string, options?: object): void
  delete(name: string): void
}

interface Client {
  get(request: Cookies): Promise<Auth0Session | null>
  set(request: Cookies, response: Cookies, session: Auth0Session, isNew?: boolean): Promise<void>
  delete(request: Cookies, response: Cookies): Promise<void>
}

// What the client does to a store; it is no entry of the package.
const place = new URL(
  './node_modules/@auth0/nextjs-auth0/dist/server/session/stateful-session-store.js',
  import.meta.url,
)
const { StatefulSessionStore } = (await import(fileURLToPath(place))) as {
  StatefulSessionStore: new (options: object) => Client
}

function jar(from: ReadonlyMap<string, string> = new Map()) {
  const values = new Map(from)
  const cookies: Cookies = {
    get: (name) => {
      const value = values.get(name)
      return value === undefined ? undefined : { name, value }
    },
    has: (name) => values.has(name),
    set: (name, value) => void (value === '' ? values.delete(name) : values.set(name, value)),
    delete: (name) => void values.delete(name),
  }
  return { ...cookies, values }
}

const now = () => Math.floor(Date.now() / 1000)
const sessionOf = (sub: string, sid = `sid of ${sub}`): Auth0Session => ({
  user: { sub },
  tokenSet: { accessToken: 'a', expiresAt: 1 },
  internal: { sid, createdAt: now() },
})

/** A visitor who has signed in; `request` is one of theirs, which reads and writes later. */
async function signedIn(store: SessionStore, sub = 'ann', sid?: string) {
  const cookies = jar()
  const visitor = visitorOf(store, cookies)
  await visitor.client.set(jar(), cookies, sessionOf(sub, sid), true)
  return { ...visitor, again: () => visitorOf(store, cookies) }
}

function visitorOf(store: SessionStore, cookies: ReturnType<typeof jar>) {
  const kept = sessionStore(store)
  const client = new StatefulSessionStore({ secret: 'a secret of thirty-two characters', store: kept })
  const request = async (
    change: (session: Auth0Session) => void,
    meanwhile: () => Promise<unknown> = async () => {},
  ) => {
    const [asked, answer] = [jar(cookies.values), jar()]
    const session = await client.get(asked)
    await meanwhile()
    if (session === null) return undefined
    change(session)
    await client.set(asked, answer, session)
    return answer.values.size
  }
  /** As `updateSession` of the client has it: what the application makes of what it had is written after one more read. */
  const update = async (to: (session: Auth0Session) => Auth0Session, meanwhile: () => Promise<unknown>) => {
    const asked = jar(cookies.values)
    const next = to((await client.get(asked))!)
    await meanwhile()
    const { internal } = (await client.get(asked))!
    await client.set(asked, jar(), { ...next, internal: { ...internal } })
  }
  return {
    client,
    kept,
    request,
    update,
    now: () => client.get(jar(cookies.values)),
    signOut: () => client.delete(jar(cookies.values), jar()),
  }
}

describe.each(Object.entries(STORES))('nextjs-auth0 over %s', (_, make) => {
  test('a session is stored, read, rolled, deleted', async () => {
    const ann = await signedIn(make())
    expect((await ann.now())?.user).toEqual({ sub: 'ann' })
    expect(await ann.request((session) => (session.extra = 1))).toBe(1)
    expect((await ann.now())?.extra).toBe(1)
    await ann.signOut()
    expect(await ann.now()).toBeNull()
  })

  test('set stores and overwrites, update only where it exists, delete of nothing is none', async () => {
    const store = sessionStore(make())
    expect(await store.get('an id')).toBeNull()
    expect(await store.update('an id', sessionOf('ann'))).toBe(false)
    expect(await store.get('an id')).toBeNull()
    await store.set('an id', sessionOf('ann'))
    await store.set('an id', sessionOf('eve'))
    expect((await store.get('an id'))?.user.sub).toBe('eve')
    expect(await store.update('an id', { ...sessionOf('eve'), more: true })).toBe(true)
    expect((await store.get('an id'))?.more).toBe(true)
    await store.delete('an id')
    await store.delete('an id')
    expect(await store.get('an id')).toBeNull()
  })

  test('a logout token ends the sessions that it means, of its issuer', async () => {
    const store = sessionStore(make())
    const of = (issuer: string) => ({
      internal: { sid: 's3', createdAt: now(), mcd: { domain: 'd', issuer } },
    })
    await store.set('1', sessionOf('ann', 's1'))
    await store.set('2', sessionOf('ann', 's2'))
    await store.set('3', { ...sessionOf('ann'), ...of('https://one/') })
    await store.set('4', sessionOf('bob', 's4'))
    const left = async () => {
      const found = await Promise.all(['1', '2', '3', '4'].map((id) => store.get(id)))
      return found.flatMap((session, at) => (session === null ? [] : [at + 1]))
    }
    await store.deleteByLogoutToken({ sub: 'ann', sid: 's1' })
    expect(await left()).toEqual([2, 3, 4])
    await store.deleteByLogoutToken({ sid: 's4' })
    expect(await left()).toEqual([2, 3])
    await store.deleteByLogoutToken({ sub: 'ann', sid: 's3', iss: 'https://two/' })
    expect(await left()).toEqual([2, 3])
    await store.deleteByLogoutToken({ sub: 'ann' })
    expect(await left()).toEqual([])
    await expect(store.deleteByLogoutToken({})).rejects.toMatchObject({ code: 'UNTORN_INVALID_ARGUMENT' })
  })

  test('two requests that set different values keep both', async () => {
    const ann = await signedIn(make())
    const both = meeting(2)
    await Promise.all([
      ann.request((session) => (session.one = 1), both),
      ann.request((session) => (session.tokenSet = { accessToken: 'b', expiresAt: 2 }), both),
    ])
    expect(await ann.now()).toMatchObject({ one: 1, tokenSet: { accessToken: 'b' } })
  })

  test.each(['in this process', 'in another one'])(
    'tokens that were refreshed %s stay, where the application adds to what it had read before',
    async (where) => {
      const store = make()
      const here = await signedIn(store)
      const there = where === 'in this process' ? here : here.again()
      const refresh = () =>
        there.request((session) => (session.tokenSet = { refreshToken: 'R1', expiresAt: 2 }))
      await here.update((session) => ({ ...session, theme: 'dark' }), refresh)
      expect(await there.now()).toMatchObject({ theme: 'dark', tokenSet: { refreshToken: 'R1' } })
    },
  )

  test('a slow request that has changed nothing changes nothing, whatever others have read', async () => {
    const ann = await signedIn(make())
    await ann.request(
      () => {},
      async () => {
        await ann.request((session) => (session.tokenSet = { refreshToken: 'R1', expiresAt: 2 }))
        await ann.now()
      },
    )
    expect(await ann.now()).toMatchObject({ tokenSet: { refreshToken: 'R1' } })
  })

  test('a sign-out under a slow request stays, and the slow one gets no cookie', async () => {
    const ann = await signedIn(make())
    expect(await ann.request((session) => (session.late = 1), ann.signOut)).toBe(0)
    expect(await ann.now()).toBeNull()
  })

  test('so does a logout by token', async () => {
    const ann = await signedIn(make())
    const logout = async () => ann.kept.deleteByLogoutToken({ sub: 'ann' })
    expect(await ann.request((session) => (session.late = 1), logout)).toBe(0)
    expect(await ann.now()).toBeNull()
  })

  test('a session lives for idleTimeout from each write on, and for lifetime at most', async () => {
    await againIfSlow(150, async (idle, pass) => {
      const store = sessionStore(make(), { idleTimeout: `${idle}ms`, lifetime: `${idle + 2000}ms` })
      const session = sessionOf('ann')
      await store.set('1', session)
      await pass(idle * 0.7)
      expect(await store.update('1', session)).toBe(true)
      await pass(idle * 0.7)
      expect(await store.get('1')).not.toBeNull()
      await pass(idle * 0.8)
      expect(await store.get('1')).toBeNull()
      const longAgo = now() - 3 - Math.ceil(idle / 1000)
      await store.set('2', { ...session, internal: { sid: 's', createdAt: longAgo } })
      expect(await store.get('2')).toBeNull()
    })
  })
})

test('a store that is not used yet has made no directory', () => {
  const before = process.cwd()
  const directory = temporaryDirectory()
  process.chdir(directory)
  try {
    sessionStore()
    expect(readdirSync(directory)).toEqual([])
  } finally {
    process.chdir(before)
  }
})

test('what is no session is refused', async () => {
  const store = sessionStore(STORES.memory!())
  await expect(store.set('an id', {} as never)).rejects.toMatchObject({ code: 'UNTORN_INVALID_ARGUMENT' })
  await expect(store.get('')).rejects.toMatchObject({ code: 'UNTORN_INVALID_ARGUMENT' })
})
