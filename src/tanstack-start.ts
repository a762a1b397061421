import type { FetchSessionsOptions } from './adapters/fetch/mount.ts'
import { type StartSessions, startSessions } from './adapters/tanstack-start/sessions.ts'
import { defaultStoreOnUse } from './stores/file/default-store.ts'
import type { AnyData } from './values/data.ts'

export type { FetchSessionsOptions } from './adapters/fetch/mount.ts'
export type { Callback } from './adapters/request/callback.ts'
export type { PlainSession } from './adapters/request/plain-session.ts'
export type { SessionCookie } from './adapters/request/session-cookie.ts'
export type { SessionMethods } from './adapters/request/session-methods.ts'
export type { SessionsSource } from './adapters/request/sessions-of.ts'
export type { StartSessions } from './adapters/tanstack-start/sessions.ts'
export type { Device, Listed } from './session/devices.ts'
export type { OnEnd, SessionEnd } from './session/ends.ts'
export type { OnceOptions } from './session/once-options.ts'
export type { SetOptions } from './session/set-options.ts'
export type { LoginOptions } from './session/sign-in-options.ts'

/**
 * Sessions for TanStack Start, on Node.js.
 *
 * ```ts
 * // src/session.ts
 * export const app = sessions<{ cart: string[] }>()
 * export const session = createMiddleware({ type: 'request' }).server(({ request, next }) =>
 *   app.handle(request, (session) => next({ context: { session } })),
 * )
 *
 * // src/start.ts
 * const csrf = createCsrfMiddleware({ filter: ({ handlerType }) => handlerType === 'serverFn' })
 * export const startInstance = createStart(() => ({ requestMiddleware: [csrf, session] }))
 *
 * // a server function
 * const add = createServerFn({ method: 'POST' })
 *   .middleware([session])
 *   .handler(({ context }) => context.session.update('cart', (cart = []) => [...cart, 'tea']))
 * ```
 *
 * With `{ sessions }` it serves what `createSessions` has made. The default store opens when it is first used: a build that renders pages
 * makes no directory. Throws what `createSessions` throws.
 */
export function sessions<Data extends object = AnyData>(
  options: FetchSessionsOptions<Data> = {},
): StartSessions<Data> {
  return startSessions<Data>(options, defaultStoreOnUse)
}
