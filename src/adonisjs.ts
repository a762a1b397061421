import { millisecondsOfAge } from './adapters/adonisjs/age.ts'
import { AdonisSessionStore } from './adapters/adonisjs/store.ts'
import { checkListingSocket, type ListingSocketOptions } from './adapters/kept/options.ts'
import type { SessionStore } from './contract/store.ts'
import { defaultStore } from './stores/file/default-store.ts'

export type { ListingSocketOptions, SocketOptions } from './adapters/kept/options.ts'
export type { AdonisSessionStore }

/**
 * A store for `@adonisjs/session`: any store of untorn's, by default files below the working directory.
 *
 * ```ts
 * import { untornStore } from 'untorn/adonisjs'
 *
 * export default defineConfig({ store: 'untorn', stores: { untorn: untornStore() } })
 * ```
 *
 * Of a session only what its request has changed is saved, value by value, while it still is there: exactly, as AdonisJS makes a store for
 * each request. Sessions live for the `age` of the configuration. `tagged` names a session by its key, the hash of its id, by
 * which a collection's `get` and `destroy` take it; a value that can't be read is left out there, and `onEvent` told. Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`), for an `age` that is none too; the verbs reject
 * with `TypeError` (`UNTORN_INVALID_ARGUMENT`), `MisuseError` (`UNTORN_MISUSE`, for a value whose name begins with `untorn:`) and the store's errors.
 */
export function untornStore(
  store: SessionStore = defaultStore(),
  options: ListingSocketOptions = {},
): (ctx: unknown, config: { age: string | number }) => AdonisSessionStore {
  const socket = checkListingSocket(store, options, 'adonisjs')
  return (ctx, { age }) => new AdonisSessionStore(socket, millisecondsOfAge(age), ctx !== null)
}
