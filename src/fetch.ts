import type { FetchSessionsOptions } from './adapters/fetch/mount.ts'
import { type FetchSessions, fetchSessions } from './adapters/fetch/sessions.ts'
import { defaultStore } from './stores/file/default-store.ts'
import type { AnyData } from './values/data.ts'

export type { FetchSessionsOptions } from './adapters/fetch/mount.ts'
export type { FetchSessions, HeadersGiven, OpenedRequest } from './adapters/fetch/sessions.ts'
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
 * Sessions for whatever answers a `Request` with a `Response`: Bun, Deno, the handlers of many frameworks.
 *
 * ```ts
 * const app = sessions<{ views: number }>()
 * Bun.serve({
 *   fetch: (request) =>
 *     app.handle(request, (session) => {
 *       session.views = (session.views ?? 0) + 1
 *       return new Response(`${session.views} views`)
 *     }),
 * })
 * ```
 *
 * With `{ sessions }` it serves what `createSessions` has made, which others can use as well. Throws what `createSessions`
 * throws.
 */
export function sessions<Data extends object = AnyData>(
  options: FetchSessionsOptions<Data> = {},
): FetchSessions<Data> {
  return fetchSessions<Data>(options, defaultStore)
}
