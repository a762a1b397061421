import { createRequire } from 'node:module'
import { newKey, tokens, values } from './sample.ts'

// Neither has types here: what the bench calls of them, by its shape.
const require = createRequire(import.meta.url)

export interface PeerSession extends Record<string, unknown> {
  cookie: { originalMaxAge: number; expires: string; httpOnly: boolean; path: string }
}

/** A store of express-session, as express-session calls it. */
export interface PeerStore {
  get(id: string, done: (error: unknown, session?: PeerSession | null) => void): void
  set(id: string, session: PeerSession, done: (error?: unknown) => void): void
}

/** What those on a server have besides. */
export interface PeerServerStore extends PeerStore {
  touch(id: string, session: PeerSession, done: (error?: unknown) => void): void
  destroy(id: string, done: (error?: unknown) => void): void
  /** Ends what it does in the background, if it does something. */
  close?(): Promise<void>
}

interface ExpressSession {
  MemoryStore: new () => PeerStore
}

const expressSession = require('express-session') as ExpressSession
const sessionFileStore = require('session-file-store') as (
  library: ExpressSession,
) => new (options: {
  path: string
  logFn: () => void
}) => PeerStore

export function peerMemoryStore(): PeerStore {
  return new expressSession.MemoryStore()
}

/** With its own defaults, retries included; only its log is off. */
export function peerFileStore(path: string): PeerStore {
  const FileStore = sessionFileStore(expressSession)
  return new FileStore({ path, logFn() {} })
}

/** With its own defaults. `client`: of node-redis, the only driver that it takes. */
export function connectRedis(client: unknown): PeerServerStore {
  const { RedisStore } = require('connect-redis') as {
    RedisStore: new (options: { client: unknown }) => PeerServerStore
  }
  return new RedisStore({ client })
}

/** With its own defaults, and its table made when it is first needed. `pool`: of pg. */
export function connectPgSimple(pool: unknown): PeerServerStore {
  const simple = require('connect-pg-simple') as (
    library: ExpressSession,
  ) => new (options: {
    pool: unknown
    createTableIfMissing: boolean
  }) => PeerServerStore
  const PostgresStore = simple(expressSession)
  return new PostgresStore({ pool, createTableIfMissing: true })
}

/** What express-session stores for the same values: they and the cookie. */
export function peerSession(values: object): PeerSession {
  const originalMaxAge = 30 * 60_000
  const expires = new Date(Date.now() + originalMaxAge).toISOString()
  return { cookie: { originalMaxAge, expires, httpOnly: true, path: '/' }, ...values }
}

type Done = (error?: unknown) => void

/** Getting and setting one session that holds the sample; each set is a change. */
export function peerCalls(store: PeerStore): { get(done: Done): void; set(done: Done, index: number): void } {
  const id = newKey()
  const session = peerSession(values)
  return {
    get: (done) =>
      store.get(id, (error, found) => done(error ?? (found ? undefined : new Error('The session is lost.')))),
    set(done, index) {
      session.token = tokens[index % 2]
      store.set(id, session, done)
    },
  }
}
