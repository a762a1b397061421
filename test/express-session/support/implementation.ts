import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import dropInMiddleware, * as dropInExports from '../../../src/express-session.ts'

// biome-ignore lint/suspicious/noExplicitAny: the cases also do what no type would let through
export type Anything = any

/** A request as it is behind the middleware, and before it as other middlewares have left it. */
export interface Req extends IncomingMessage {
  session: Anything
  sessionID: Anything
  sessionStore: AnyStore
  originalUrl?: string
  secure?: unknown
  secret?: unknown
  cookies?: unknown
  signedCookies?: unknown
}

export type Next = (error?: Anything) => void
export type Middleware = (req: Req, res: ServerResponse, next: Next) => unknown
type Callback = (error?: Anything, value?: Anything) => void

/** A store with all that it may have. */
export interface AnyStore extends EventEmitter {
  get(sid: string, callback: Callback): void
  set(sid: string, session: object, callback?: Callback): void
  destroy(sid: string, callback?: Callback): void
  touch?(sid: string, session: object, callback?: Callback): void
  all?(callback?: Callback): void
  length?(callback: Callback): void
  clear?(callback?: Callback): void
  load(sid: string, callback: Callback): void
  regenerate(req: object, callback: Callback): void
  createSession(req: object, session: object): Anything
  generate(req: object): void
}

/** What express-session exports. It is here without its types, as they are those of one of the two that are compared. */
export interface Implementation {
  (options?: object): Middleware
  Store: new () => AnyStore
  MemoryStore: new () => AnyStore & { sessions: Record<string, string> }
  Cookie: new (options?: unknown) => Anything
  Session: new (req: object, data?: unknown) => Anything
}

export const expressSession: Implementation = withoutDeprecations(
  () => createRequire(import.meta.url)('express-session') as Implementation,
)

const { Store, MemoryStore, Cookie, Session, untornStore: asStore } = dropInExports as Anything
export const dropIn: Implementation = Object.assign(
  (options?: object) => (dropInMiddleware as Anything)(options),
  {
    Store,
    MemoryStore,
    Cookie,
    Session,
  },
)

/** An untorn store as one of express-session's. */
export const untornStore = asStore as (store: object) => AnyStore

/** express-session says on standard error what should be said in another way; the cases say much of it. */
function withoutDeprecations<T>(load: () => T): T {
  const before = process.env.NO_DEPRECATION
  process.env.NO_DEPRECATION = 'express-session'
  try {
    return load()
  } finally {
    if (before === undefined) delete process.env.NO_DEPRECATION
    else process.env.NO_DEPRECATION = before
  }
}
