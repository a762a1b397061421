import type { FetchSessionsOptions } from './adapters/fetch/mount.ts'
import { type StartSessions, startSessions } from './adapters/tanstack-start/sessions.ts'
import { defaultStoreOnUse } from './stores/file/default-store.ts'
import type { AnyData } from './values/data.ts'

export type { FetchSessionsOptions } from './adapters/fetch/mount.ts'
export * from './adapters/request/session-types.ts'
export type { StartSessions } from './adapters/tanstack-start/sessions.ts'

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
