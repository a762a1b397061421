import { type ElysiaSessions, type ElysiaSessionsOptions, elysiaSessions } from './adapters/elysia/plugin.ts'
import { defaultStore } from './stores/file/default-store.ts'
import type { AnyData } from './values/data.ts'

export type {
  ElysiaMount,
  ElysiaSessions,
  ElysiaSessionsOptions,
  WithSession,
} from './adapters/elysia/plugin.ts'
export type { FetchSessionsOptions } from './adapters/fetch/mount.ts'
export * from './adapters/request/session-types.ts'

/**
 * Sessions for Elysia.
 *
 * ```ts
 * const app = new Elysia()
 *   .use(sessions<{ views: number }>())
 *   .get('/', ({ session }) => {
 *     session.views = (session.views ?? 0) + 1
 *     return `${session.views} views`
 *   })
 * ```
 *
 * It is a plugin that is local to the application, or group, that uses it, as a hook of that would be; `.as('scoped')` and
 * `.as('global')` behind it lift it, as they do with all. `session` is there from `transform` on, so for `onError` too where the
 * request was refused by a schema. What changed is saved once the handler is through, and what hooks and `onError` change before the
 * answer is handed on. What can't be saved is an error for `onError`, in place of the handler's answer.
 *
 * Needs Elysia 1.4, compiled ahead (the default; with `aot: false` each request is refused), as it stands around the application by
 * `wrap`: only there is the answer of every path, with all headers and cookies. On the upgrade to a WebSocket no session begins.
 *
 * What goes on once a handler has returned, as a generator or a stream does, saves for itself: `await session.save()`. A new session
 * can't begin there. With `{ sessions }` it serves what `createSessions` has made, which others can use as well. Throws what
 * `createSessions` throws, and `MisuseError` (`UNTORN_MISUSE`) where the context has the property already by `decorate`.
 */
export function sessions<Data extends object = AnyData, As extends string = 'session'>(
  options: ElysiaSessionsOptions<Data, As> = {},
): ElysiaSessions<Data> {
  return elysiaSessions<Data>(options, defaultStore)
}
