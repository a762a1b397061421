import {
  type FastifySessions,
  type FastifySessionsOptions,
  fastifySessions,
} from './adapters/fastify/plugin.ts'
import { sessionShown } from './adapters/node/framework-property.ts'
import type { DeclaredSession, PlainSession } from './adapters/request/plain-session.ts'
import { defaultStore } from './stores/file/default-store.ts'

export type { FastifySessions, FastifySessionsOptions } from './adapters/fastify/plugin.ts'
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
 * The values of `request.session`, for an application to fill in. The `import` above it is needed: without one TypeScript
 * takes the declaration for the whole of the module, and finds no `sessions` in it. None of them can have a name of the
 * session's own, such as `save` or `once`: every use of `request.session` is an error of the compiler then, and says which it is.
 *
 * ```ts
 * import 'untorn/fastify'
 *
 * declare module 'untorn/fastify' {
 *   interface SessionData {
 *     views: number
 *   }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: applications fill it in
export interface SessionData {}

// biome-ignore lint/suspicious/noTsIgnore: it may be there or not, and neither is an error
/** @ts-ignore: where Fastify's types are not installed there is nothing to add to */
declare module 'fastify' {
  interface FastifyRequest {
    /** Values as plain properties, and the methods beside them. Opened when it is first used. */
    readonly session: DeclaredSession<SessionData>
  }
}

/**
 * Sessions for Fastify 5, as a plugin.
 *
 * ```ts
 * app.register(sessions())
 * app.get('/', async (request) => {
 *   request.session.views = (request.session.views ?? 0) + 1
 *   return { views: request.session.views }
 * })
 * ```
 *
 * What changed is saved in `onSend`, before the head of the reply leaves, error replies too. Where the store fails, Fastify's error
 * handler gets the error and a clean reply. What an `onSend` hook changes that is registered after it is told as a late change; a
 * reply that Fastify does not send (`reply.hijack()`, `reply.raw`) gets no cookie: what a session that is stored has changed is saved,
 * a new one is not, and the event `late-change` tells. With `{ sessions }` it serves what `createSessions` has made, which others can
 * use as well. Throws what `createSessions` throws; `app.ready()` rejects with `MisuseError` (`UNTORN_MISUSE`) where another plugin
 * has `request.session` already, or another `sessions()` the same cookie.
 *
 * Fastify has one type for all requests, so `request.session` has the values of {@link SessionData}, whatever type is given
 * here; {@link sessionOf} gives a session with a type of its own. `as` names another property than `session`.
 */
export function sessions<Data extends object = SessionData>(
  options: FastifySessionsOptions<Data> = {},
): FastifySessions<Data> {
  return fastifySessions<Data>(options, defaultStore)
}

/**
 * The session of a request, with the type that its values have: `sessionOf<{ views: number }>(request).views`. It is what
 * `request.session` is, or with the name of the option `as` what that property is.
 *
 * Throws `MisuseError` (`UNTORN_MISUSE`) where `sessions()` has not seen the request.
 */
export function sessionOf<Data extends object>(request: object, as = 'session'): PlainSession<Data> {
  return sessionShown<Data>(request, as, 'request')
}
