// biome-ignore-all lint/suspicious/noTsIgnore: Elysia may be there or not, and neither is an error
// biome-ignore-all lint/complexity/noBannedTypes: any that Elysia has for "nothing of this kind"

// Written by hand, and put in the place of what the compiler makes of src/elysia.ts: what a plugin adds to the context, Elysia infers
// of the instance that a plugin returns, which has private members, so that nothing of the same shape is one.

// @ts-ignore: it may not be installed
import type { Elysia } from 'elysia'
import type { ElysiaMount, ElysiaSessionsOptions, WithSession } from './adapters/elysia/plugin.ts'
import type { AnyData } from './values/data.ts'

export type { ElysiaMount, ElysiaSessionsOptions, WithSession } from './adapters/elysia/plugin.ts'
export type { FetchSessionsOptions } from './adapters/fetch/mount.ts'
export * from './adapters/request/session-types.ts'

/** What a plugin adds where hooks are local, and nothing else. */
type Adds<Derived extends object> = Elysia<
  '',
  { decorator: {}; store: {}; derive: {}; resolve: {} },
  { typebox: {}; error: {} },
  { schema: {}; standaloneSchema: {}; macro: {}; macroFn: {}; parser: {}; response: {} },
  {},
  { derive: {}; resolve: {}; schema: {}; standaloneSchema: {}; response: {} },
  { derive: Derived; resolve: {}; schema: {}; standaloneSchema: {}; response: {} }
>

/** What `sessions()` returns: a plugin that adds to the context. */
export type ElysiaSessions<Data extends object = AnyData, As extends string = 'session'> = ((
  // biome-ignore lint/suspicious/noExplicitAny: it adds to whatever there is
  app: any,
) => Adds<WithSession<Data, As>>) &
  ElysiaMount<Data>

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
export declare function sessions<Data extends object = AnyData, As extends string = 'session'>(
  options?: ElysiaSessionsOptions<Data, As>,
): ElysiaSessions<Data, As>
