import { BetterAuthStorage } from './adapters/better-auth/storage.ts'
import { checkListingSocket, type ListingSocketOptions } from './adapters/kept/options.ts'
import type { SessionStore } from './contract/store.ts'
import { defaultStore } from './stores/file/default-store.ts'

export type { ListingSocketOptions, SocketOptions } from './adapters/kept/options.ts'
export type { BetterAuthStorage }

/**
 * Where better-auth keeps its sessions, verifications and counters: any store of untorn's, by default files below the working directory.
 *
 * ```ts
 * import { betterAuth } from 'better-auth'
 * import { secondaryStorage } from 'untorn/better-auth'
 *
 * export const auth = betterAuth({ secondaryStorage: secondaryStorage() })
 * ```
 *
 * Sign-ins at the same time all are in the list of a user's sessions, so that a revocation finds them; a session that was revoked
 * while a request refreshed it stays revoked; a value is given out once by `getAndDelete`; no increment is lost, whichever
 * process counts. `ttl` is in seconds; without one a value has no end. What better-auth keeps has its tokens in it: whoever can
 * read the store can read them, as with any secondary storage. An entry of a user's list that can't be read is left out, and
 * `onEvent` told.
 *
 * Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`); the verbs reject with a `TypeError` (`UNTORN_INVALID_ARGUMENT`) for what is no
 * text or number of seconds, and with the store's errors.
 */
export function secondaryStorage(
  store: SessionStore = defaultStore(),
  options: ListingSocketOptions = {},
): BetterAuthStorage {
  return new BetterAuthStorage(checkListingSocket(store, options, 'better-auth'))
}
