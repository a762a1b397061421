import type { FetchSessionsOptions } from './adapters/fetch/mount.ts'
import { type FetchSessions, fetchSessions } from './adapters/fetch/sessions.ts'
import { defaultStore } from './stores/file/default-store.ts'
import type { AnyData } from './values/data.ts'

export type { FetchSessionsOptions } from './adapters/fetch/mount.ts'
export type { FetchSessions, HeadersGiven, OpenedRequest } from './adapters/fetch/sessions.ts'
export * from './adapters/request/session-types.ts'

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
