import { type KoaSessions, type KoaSessionsOptions, koaSessions } from './adapters/koa/middleware.ts'
import { sessionShown } from './adapters/node/framework-property.ts'
import type { DeclaredSession, PlainSession } from './adapters/request/plain-session.ts'
import { defaultStore } from './stores/file/default-store.ts'

export type { KoaSessions, KoaSessionsOptions } from './adapters/koa/middleware.ts'
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
// biome-ignore lint/suspicious/noEmptyInterface: applications fill it in
export interface SessionData {}

// biome-ignore lint/suspicious/noTsIgnore: it may be there or not, and neither is an error
/** @ts-ignore: where Koa's types are not installed there is nothing to add to */
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
  options: KoaSessionsOptions<Data> = {},
): KoaSessions<Data> {
  return koaSessions<Data>(options, defaultStore)
}

/**
 * The session of a context, with the type that its values have: `sessionOf<{ views: number }>(ctx).views`. It is what
 * `ctx.session` is, or with the name of the option `as` what that property is.
 *
 * Throws `MisuseError` (`UNTORN_MISUSE`) where `sessions()` has not seen the context.
 */
export function sessionOf<Data extends object>(ctx: object, as = 'session'): PlainSession<Data> {
  return sessionShown<Data>(ctx, as, 'ctx')
}
