import type { SessionStore } from '../../contract/store.ts'
import { asOptions } from '../../options/checks.ts'
import { asMilliseconds, type Duration } from '../../options/duration.ts'
import { asStore } from '../../options/store.ts'
import { WITHOUT_END } from '../kept/arguments.ts'
import { asApp, type SocketOptions } from '../kept/options.ts'
import { KeptRecords } from '../kept/records.ts'

/** Where unstorage keeps its items, and for how long. */
export interface UnstorageOptions extends SocketOptions {
  /** Any store of untorn's. Default: files below the working directory. */
  store?: SessionStore | undefined
  /** How long an item lives that is set without a `ttl` of its own. Default: without end, as with other drivers. */
  lifetime?: Duration | undefined
}

/** How and where items are kept. */
export interface CheckedItemOptions {
  readonly records: KeptRecords
  readonly app: string
  /** In milliseconds. */
  readonly lives: number
}

/** Throws `InvalidOptionError`. */
export function checkItemOptions(
  given: unknown,
  entry: string,
  defaultStore: () => SessionStore,
): CheckedItemOptions {
  const { store, app = entry, lifetime } = asOptions(given, ['store', 'app', 'lifetime'])
  const name = asApp(app)
  const lives = lifetime === undefined ? WITHOUT_END : asMilliseconds('lifetime', lifetime)
  return {
    records: new KeptRecords(store === undefined ? defaultStore() : asStore('store', store)),
    app: name,
    lives,
  }
}
