import { millisecondsOfAge } from './adapters/adonisjs/age.ts'
import { AdonisSessionStore } from './adapters/adonisjs/store.ts'
import { checkSocketOptions, type SocketOptions } from './adapters/kept/options.ts'
import { KeptRecords } from './adapters/kept/records.ts'
import type { SessionStore } from './contract/store.ts'
import { asStore } from './options/store.ts'
import { defaultStore } from './stores/file/default-store.ts'

export type { SocketOptions } from './adapters/kept/options.ts'
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
 * which a collection's `get` and `destroy` take it. Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`), for an `age` that is none too; the verbs reject
 * with `TypeError` (`UNTORN_INVALID_ARGUMENT`), `MisuseError` (`UNTORN_MISUSE`, for a value whose name begins with `untorn:`) and the store's errors.
 */
export function untornStore(
  store: SessionStore = defaultStore(),
  options: SocketOptions = {},
): (ctx: unknown, config: { age: string | number }) => AdonisSessionStore {
  const records = new KeptRecords(asStore('store', store))
  const { app } = checkSocketOptions(options, 'adonisjs')
  return (ctx, { age }) => new AdonisSessionStore(records, app, millisecondsOfAge(age), ctx !== null)
}
