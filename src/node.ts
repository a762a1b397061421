import { type NodeSessions, type NodeSessionsOptions, nodeSessions } from './adapters/node/middleware.ts'
import { defaultStore } from './stores/file/default-store.ts'
import type { AnyData } from './values/data.ts'

export type {
  NodeRequest,
  NodeResponse,
  NodeSessions,
  NodeSessionsOptions,
  NoResponse,
  WithSession,
} from './adapters/node/middleware.ts'
export { sessionOf } from './adapters/node/property.ts'
export type { Callback } from './adapters/request/callback.ts'
export type { PlainSession } from './adapters/request/plain-session.ts'
export type { SessionCookie } from './adapters/request/session-cookie.ts'
export type { SessionMethods } from './adapters/request/session-methods.ts'
export type { SessionsSource } from './adapters/request/sessions-of.ts'
export type { Device, Listed } from './session/devices.ts'
export type { OnEnd, SessionEnd } from './session/ends.ts'
export type { OnceOptions } from './session/once-options.ts'
export type { SetOptions } from './session/set-options.ts'
export type { LoginOptions } from './session/sign-in-options.ts'

/**
 * Sessions for `node:http`.
 *
 * ```ts
 * const session = sessions<{ views: number }>({ store: fileStore('./.sessions') })
 * const server = createServer(
 *   session((req, res) => {
 *     req.session.views = (req.session.views ?? 0) + 1
 *     res.end(`${req.session.views} views`)
 *   }),
 * )
 * ```
 *
 * With `{ sessions }` it serves what `createSessions` has made, which others can use as well. Where the store fails and
 * there is no `next`, the answer is a plain 500, and the event `error` tells why (the first time a warning as well).
 * Throws what `createSessions` throws.
 */
export function sessions<Data extends object = AnyData, As extends string = 'session'>(
  options: NodeSessionsOptions<Data, As> = {},
): NodeSessions<Data, As> {
  return nodeSessions<Data, As>(options, defaultStore)
}
