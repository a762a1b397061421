import { Cookie } from './adapters/express-session/cookie.ts'
import { MemoryStore } from './adapters/express-session/memory-store.ts'
import { expressSession } from './adapters/express-session/middleware.ts'
import type { SessionOptions } from './adapters/express-session/options.ts'
import { Session } from './adapters/express-session/session.ts'
import { Store } from './adapters/express-session/store.ts'
import { checkUntornOptions, type UntornOptions } from './adapters/express-session/untorn-options.ts'
import { UntornStore } from './adapters/express-session/untorn-store.ts'
import type { SessionStore } from './contract/store.ts'
import { asNamed } from './options/checks.ts'
import { asStore } from './options/store.ts'
import { defaultStore } from './stores/file/default-store.ts'

export type { CookieOptions, SessionOptions } from './adapters/express-session/options.ts'
export type { UntornOptions } from './adapters/express-session/untorn-options.ts'
export { Cookie, MemoryStore, Session, Store, session as default, session as 'module.exports' }

/**
 * express-session, by one changed import line: the same options, cookies, `req.session` and callbacks, with sessions in files, or
 * in `store`, which may be any store of untorn's or one that was made for express-session.
 *
 * ```ts
 * import session from 'untorn/express-session'
 *
 * app.use(session({ secret, resave: false, saveUninitialized: false }))
 * ```
 *
 * Requests that overlap keep each other's values, a session that was ended stays ended, and the answer leaves once what it
 * says is stored. Throws the `TypeError`s of express-session, `InvalidOptionError` (`UNTORN_INVALID_OPTION`) for options of untorn's, and what
 * the store throws where it is set up.
 */
function session(options?: SessionOptions) {
  return expressSession(options, defaultStore)
}
session.Store = Store
session.Session = Session
session.Cookie = Cookie
session.MemoryStore = MemoryStore
session.untornStore = untornStore

/**
 * Any store of untorn's as a store of express-session's: for applications that keep that middleware, for `@fastify/session` and
 * for `express-openid-connect`. Only what a request has changed is written, only where the session still is. Throws
 * `InvalidOptionError` (`UNTORN_INVALID_OPTION`).
 */
export function untornStore(store: SessionStore, options: UntornOptions = {}): UntornStore {
  return new UntornStore(asStore('store', store), checkUntornOptions(asNamed('options', options)))
}
