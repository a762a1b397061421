import { type H3Sessions, type H3SessionsOptions, h3Sessions } from './adapters/h3/sessions.ts'
import type { DeclaredSession } from './adapters/request/plain-session.ts'
import { defaultStoreOnUse } from './stores/file/default-store.ts'

export { sessionOf } from './adapters/h3/event.ts'
export type { H3Sessions, H3SessionsOptions } from './adapters/h3/sessions.ts'
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
 * The values of `event.context.session`, for an application to fill in. The `import` above it is needed: without one TypeScript
 * takes the declaration for the whole of the module. None of them can have a name of the session's own, such as `save` or `once`:
 * every use of it is an error of the compiler then, and says which it is.
 *
 * ```ts
 * import 'untorn/h3'
 *
 * declare module 'untorn/h3' {
 *   interface SessionData {
 *     views: number
 *   }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: applications fill it in
export interface SessionData {}

// biome-ignore lint/suspicious/noTsIgnore: h3 may be there or not, and neither is an error
/** @ts-ignore: where h3 is not installed there is nothing to add to */
declare module 'h3' {
  interface H3EventContext {
    /** Values as plain properties, and the methods beside them. Opened when it is first used. */
    session: DeclaredSession<SessionData>
  }
}

/**
 * Sessions for h3 2 and h3 1, and so for Nitro and Nuxt.
 *
 * ```ts
 * const app = new H3()
 * app.use(sessions())
 * app.get('/', ({ context: { session } }) => {
 *   session.views = (session.views ?? 0) + 1
 *   return `${session.views} views`
 * })
 * ```
 *
 * What changed is saved before h3 sends what a handler answers: a text, a stream, a `Response`, an error. Where the store fails
 * h3's `onError` gets the error, which has a `status`. A handler of Node.js within h3 2 (`fromNodeHandler`) has sent its answer by
 * then: values are saved, a session that would begin there does not, and that is told.
 *
 * In h3 1 `app.use(sessions())` is the same; `sessions().install` does it for an application whose `onError` is to answer what
 * could not be saved, and is what a plugin of Nitro 2 is made of. With `{ sessions }` it serves what `createSessions` has made,
 * which others can use as well. The default store opens when it is first used: a build of Nitro or Nuxt makes no directory. Throws what
 * `createSessions` throws.
 */
export function sessions<Data extends object = SessionData>(
  options: H3SessionsOptions<Data> = {},
): H3Sessions<Data> {
  return h3Sessions<Data>(options, defaultStoreOnUse)
}
