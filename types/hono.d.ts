// biome-ignore-all lint/suspicious/noTsIgnore: Hono may be there or not, and neither is an error

// Written by hand, and put in the place of what the compiler makes of src/hono.ts: which variables a middleware sets, Hono infers of
// its own type `MiddlewareHandler` alone, and of none that has the same shape.

// @ts-ignore: it may not be installed
import type { MiddlewareHandler } from 'hono'
import type { HonoMount, HonoSessionsOptions, SessionVariables } from './adapters/hono/middleware.ts'
import type { AnyData } from './values/data.ts'

export type { FetchSessionsOptions } from './adapters/fetch/mount.ts'
export type { HonoMount, HonoSessionsOptions, SessionVariables } from './adapters/hono/middleware.ts'
export * from './adapters/request/session-types.ts'

/** What `sessions()` returns: a middleware that sets the variable. */
export type HonoSessions<Data extends object = AnyData, As extends string = 'session'> = MiddlewareHandler<{
  Variables: SessionVariables<Data, As>
}> &
  HonoMount<Data>

/**
 * Sessions for Hono.
 *
 * ```ts
 * const app = new Hono().use(sessions<{ views: number }>()).get('/', (c) => {
 *   const { session } = c.var
 *   session.views = (session.views ?? 0) + 1
 *   return c.text(`${session.views} views`)
 * })
 * ```
 *
 * What changed is saved once all behind it is through, an error handler too, and before anything of the answer leaves. Where it can't
 * be saved, Hono's `onError` gets the error, and what a handler has answered is gone. `etag` belongs behind it, as it takes the cookie
 * from an answer that it makes a 304; `cache` in front, where it sees whose an answer is.
 *
 * What goes on once a handler has returned, as in `streamSSE`, saves for itself: `await session.save()`. A new session can't begin
 * there. With `{ sessions }` it serves what `createSessions` has made, which others can use as well. Throws what `createSessions`
 * throws; a request is answered with `MisuseError` (`UNTORN_MISUSE`) where its variable is there already.
 */
export declare function sessions<Data extends object = AnyData, As extends string = 'session'>(
  options?: HonoSessionsOptions<Data, As>,
): HonoSessions<Data, As>
