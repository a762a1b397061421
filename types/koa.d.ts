// biome-ignore-all lint/suspicious/noEmptyInterface: applications fill it in
// biome-ignore-all lint/suspicious/noTsIgnore: the framework may be there or not, and neither is an error

// Written by hand, and put in the place of what the compiler makes of src/koa.ts: `declare module 'koa'` needs Koa's types, which
// is no dependency of this package. test/frameworks/koa holds the two together.

// @ts-ignore: who imports all entries has not installed all frameworks
import type {} from 'koa'
import type { KoaSessions, KoaSessionsOptions } from './adapters/koa/middleware.ts'
import type { DeclaredSession, PlainSession } from './adapters/request/plain-session.ts'

export type { KoaSessions, KoaSessionsOptions } from './adapters/koa/middleware.ts'
export type { Callback } from './adapters/request/callback.ts'
export type { DeclaredSession, PlainSession } from './adapters/request/plain-session.ts'
export type { SessionCookie } from './adapters/request/session-cookie.ts'
export type { SessionMethods } from './adapters/request/session-methods.ts'
export type { SessionsSource } from './adapters/request/sessions-of.ts'
export type { Device, Listed } from './session/devices.ts'
export type { OnEnd, SessionEnd } from './session/ends.ts'
export type { OnceOptions } from './session/once-options.ts'
export type { SetOptions } from './session/set-options.ts'
export type { LoginOptions } from './session/sign-in-options.ts'

/**
 * The values of `ctx.session`, for an application to fill in. The `import` above it is needed: without one TypeScript
 * takes the declaration for the whole of the module, and finds no `sessions` in it. None of them can have a name of the
 * session's own, such as `save` or `once`: every use of `ctx.session` is an error of the compiler then, and says which it is.
 *
 * ```ts
 * import 'untorn/koa'
 *
 * declare module 'untorn/koa' {
 *   interface SessionData {
 *     views: number
 *   }
 * }
 * ```
 */
export interface SessionData {}

// @ts-ignore
declare module 'koa' {
  interface ExtendableContext {
    /** Values as plain properties, and the methods beside them. Opened when it is first used. */
    readonly session: DeclaredSession<SessionData>
  }
}

/**
 * Sessions for Koa 2 and 3, as a middleware.
 *
 * ```ts
 * app.use(sessions())
 * app.use((ctx) => {
 *   ctx.session.views = (ctx.session.views ?? 0) + 1
 *   ctx.body = `${ctx.session.views} views`
 * })
 * ```
 *
 * What changed is saved when the middleware behind it are through, before Koa sends the answer, that of an error too: its cookie is
 * added even where `ctx.onerror` removes all headers. Where the store fails, the error is thrown, for a middleware in front of it or
 * for Koa to answer. What a middleware in front of it changes after `await next()` is told as a late change; an answer that has left by
 * then (`ctx.respond = false`, `ctx.res.end()`) gets no cookie: what a session that is stored has changed is saved, a new one is not, and
 * the event `late-change` tells. With `{ sessions }` it serves what `createSessions` has made, which others can use as well. Throws what
 * `createSessions` throws; a request is answered with `MisuseError` (`UNTORN_MISUSE`) where another library has `ctx.session` already,
 * or another `sessions()` the same cookie.
 *
 * `ctx.session` has the values of {@link SessionData}, whatever type is given here; {@link sessionOf} gives a session with a type of
 * its own. `as` names another property than `session`.
 */
export function sessions<Data extends object = SessionData>(
  options?: KoaSessionsOptions<Data>,
): KoaSessions<Data>

/**
 * The session of a context, with the type that its values have: `sessionOf<{ views: number }>(ctx).views`. It is what
 * `ctx.session` is, or with the name of the option `as` what that property is.
 *
 * Throws `MisuseError` (`UNTORN_MISUSE`) where `sessions()` has not seen the context.
 */
export function sessionOf<Data extends object>(ctx: object, as?: string): PlainSession<Data>
