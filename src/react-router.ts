import type { FetchSessionsOptions } from './adapters/fetch/mount.ts'
import { type RouterSessions, routerSessions } from './adapters/react-router/middleware.ts'
import {
  beginningAnew,
  type RouterStorage,
  type StorageOptions,
  type StorageVerbs,
  UntornStorage,
} from './adapters/react-router/storage.ts'
import type { SessionStore } from './contract/store.ts'
import { invalidArgument } from './errors.ts'
import { asObject } from './options/checks.ts'
import { asStore } from './options/store.ts'
import { defaultStoreOnUse } from './stores/file/default-store.ts'
import type { AnyData } from './values/data.ts'

export type { FetchSessionsOptions } from './adapters/fetch/mount.ts'
export type { RouterContext, RouterContexts, RouterSessions } from './adapters/react-router/middleware.ts'
export type { RouterStorage, StorageOptions, StorageVerbs } from './adapters/react-router/storage.ts'
export * from './adapters/request/session-types.ts'

/**
 * Sessions for React Router, 7 and 8, as a middleware: in framework mode, on Node.js.
 *
 * ```ts
 * // app/session.server.ts
 * export const app = sessions<{ cart: string[] }>()
 *
 * // app/root.tsx
 * export const middleware = [app.middleware]
 *
 * // a route
 * export async function action({ request, context }: Route.ActionArgs) {
 *   const session = app.getSession(context)
 *   session.cart = [...(session.cart ?? []), String((await request.formData()).get('item'))]
 *   return redirect('/cart')
 * }
 * ```
 *
 * With `{ sessions }` it serves what `createSessions` has made. The default store opens when it is first used: a build that renders pages
 * makes no directory. Throws what `createSessions` throws.
 */
export function sessions<Data extends object = AnyData>(
  options: FetchSessionsOptions<Data> = {},
): RouterSessions<Data> {
  return routerSessions<Data>(options, defaultStoreOnUse)
}

/**
 * Any store of untorn's for a session storage of React Router's own, for applications that keep that:
 * `withNewIds(createSessionStorage({ cookie, ...untornStorage(store) }))`, see {@link withNewIds}. A commit sends only what its request has changed, and where the session was ended meanwhile it stores
 * nothing.
 *
 * A session lives as long as its cookie says (`maxAge`, `expires`), from each commit on; where that says nothing, `idleTimeout` from its
 * last use (default: `'1d'`), and `lifetime` at most (default: `'400d'`). `flash` is React Router's: two requests at once may both show a
 * message. What is in a session is under its own name in the store, so `untorn:read` is none for a value.
 *
 * Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`).
 */
export function untornStorage<Data extends object = AnyData>(
  store: SessionStore,
  options: StorageOptions = {},
): StorageVerbs<Data> {
  const storage = new UntornStorage<Data>(asStore('store', store), asObject('options', options))
  // Spread into what `createSessionStorage` takes.
  return {
    createData: (data, expires) => storage.createData(data, expires),
    readData: (id) => storage.readData(id),
    updateData: (id, data, expires) => storage.updateData(id, data, expires),
    deleteData: (id) => storage.deleteData(id),
  }
}

/**
 * A session storage of React Router's over {@link untornStorage}, but that a visitor whose cookie is of no session any more has a new one:
 * `getSession` gives one without an id, and what is committed is a session of its own, with another cookie.
 *
 * ```ts
 * export const { getSession, commitSession, destroySession } = withNewIds(
 *   createSessionStorage({ cookie, ...untornStorage(store) }),
 * )
 * ```
 *
 * React Router itself goes on with the id of the cookie, whatever became of its session. No store of untorn's begins a session under
 * an id that has ended, or that somebody else gave out: so without this a sign-in with such a cookie stores nothing, and the
 * warning `UNTORN_NOT_STORED` says so. Throws a `TypeError` (`UNTORN_INVALID_ARGUMENT`) for what is no storage.
 */
export function withNewIds<Storage extends RouterStorage>(storage: Storage): Storage {
  if (typeof storage?.getSession !== 'function') {
    throw invalidArgument('storage', 'what `createSessionStorage` has returned is needed')
  }
  return beginningAnew(storage)
}
