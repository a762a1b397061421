import { type UntornDriver, unstorageDriver } from './adapters/unstorage/driver.ts'
import type { UnstorageOptions } from './adapters/unstorage/options.ts'
import { defaultStore } from './stores/file/default-store.ts'

export type { SocketOptions } from './adapters/kept/options.ts'
export type { UntornDriver } from './adapters/unstorage/driver.ts'
export type { UnstorageOptions } from './adapters/unstorage/options.ts'

/**
 * A driver of unstorage over any store of untorn's, by default files below the working directory.
 *
 * ```ts
 * import { createStorage } from 'unstorage'
 * import { untornDriver } from 'untorn/unstorage'
 *
 * const storage = createStorage({ driver: untornDriver() })
 * ```
 *
 * An item is never read half written. Of one that is a plain object only what was changed since it was read is saved, value by
 * value, so that what others have changed meanwhile stays; an item that was removed after it was read is not brought back.
 * What was read is known by the chain of calls, as far as Node.js can follow it, and by the request: see `within`. `ttl` is in seconds. `getKeys` and
 * `clear` read every record of the store.
 *
 * Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`); the verbs reject with a `TypeError` (`UNTORN_INVALID_ARGUMENT`) for a `ttl` that is
 * no number, and with the store's errors.
 */
export function untornDriver(options: UnstorageOptions = {}): UntornDriver {
  return unstorageDriver(options, defaultStore)
}
