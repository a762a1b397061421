import {
  type ExpressSessions,
  type ExpressSessionsOptions,
  expressSessions,
} from './adapters/express/middleware.ts'
import type { DeclaredSession } from './adapters/request/plain-session.ts'
import { defaultStore } from './stores/file/default-store.ts'

export type { ExpressSessions, ExpressSessionsOptions } from './adapters/express/middleware.ts'
export type { NoResponse } from './adapters/node/middleware.ts'
export { sessionOf } from './adapters/node/property.ts'
export type { DeclaredSession } from './adapters/request/plain-session.ts'
// By their names: where a module exports another one as a whole, TypeScript 5 and 6 miss names that an application adds to it.
export type {
  Callback,
  Device,
  Listed,
  LoginOptions,
  OnceOptions,
  OnEnd,
  PlainSession,
  SessionCookie,
  SessionEnd,
  SessionMethods,
  SessionsSource,
  SetOptions,
} from './adapters/request/session-types.ts'

/**
 * The values of `req.session`, for an application to fill in. The `import` above it is needed: without one TypeScript
 * takes the declaration for the whole of the module, and finds no `sessions` in it. None of them can have a name of the
 * session's own, such as `save` or `once`: every use of `req.session` is an error of the compiler then, and says which it is.
 *
 * ```ts
 * import 'untorn/express'
 *
 * declare module 'untorn/express' {
 *   interface SessionData {
 *     views: number
 *   }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: applications fill it in
export interface SessionData {}

declare global {
  namespace Express {
    interface Request {
      /** Values as plain properties, and the methods beside them. Opened when it is first used. */
      session: DeclaredSession<SessionData>
      /** The secret that the cookie carries: never log it. */
      sessionID: string
    }
  }
}

/**
 * Sessions for Express 4 and 5.
 *
 * ```ts
 * app.use(sessions())
 * app.get('/', (req, res) => {
 *   req.session.views = (req.session.views ?? 0) + 1
 *   res.send(`${req.session.views} views`)
 * })
 * ```
 *
 * What changed is saved before the head of the response leaves, however it is sent. Where the store fails, the
 * application's error handler gets the error and a clean response. With `{ sessions }` it serves what `createSessions`
 * has made, which others can use as well. Throws what `createSessions` throws.
 *
 * Express has one type for all requests, so `req.session` has the values of {@link SessionData}, whatever type is given
 * here; {@link sessionOf} gives a session with a type of its own. `as` names another property than `session`.
 */
export function sessions<Data extends object = SessionData>(
  options: ExpressSessionsOptions<Data> = {},
): ExpressSessions<Data> {
  return expressSessions<Data>(options, defaultStore)
}
