import { AT_ONCE, concurrently } from '../../contract/concurrently.ts'
import type { SessionStore } from '../../contract/store.ts'
import { asOptions, asText } from '../../options/checks.ts'
import { asMilliseconds, type Duration } from '../../options/duration.ts'
import { asStore } from '../../options/store.ts'
import { WITHOUT_END } from '../kept/arguments.ts'
import type { SocketOptions } from '../kept/options.ts'
import { KeptRecords } from '../kept/records.ts'
import { keyIn, textIn, textsOf } from './forms.ts'
import { KeptItems } from './items.ts'

export interface UnstorageOptions extends SocketOptions {
  /** Any store of untorn's. Default: files below the working directory. */
  store?: SessionStore | undefined
  /** How long an item lives that is set without a `ttl` of its own. Default: without end, as with other drivers. */
  lifetime?: Duration | undefined
}

/** What a call of unstorage's says besides. */
interface Call {
  /** Seconds. */
  readonly ttl?: number
}

/** What `createStorage({ driver })` takes. */
export class UntornDriver {
  readonly name = 'untorn'
  readonly flags = { ttl: true } as const
  readonly #items: KeptItems

  constructor(items: KeptItems) {
    this.#items = items
  }

  readonly hasItem = (key: string): Promise<boolean> => this.#items.has(key)
  readonly getItem = (key: string): Promise<string | null> => this.#items.get(key)
  readonly setItem = (key: string, value: string, { ttl }: Call = {}): Promise<void> =>
    this.#items.set(key, value, ttl)
  readonly removeItem = (key: string): Promise<void> => this.#items.remove(key)

  /** `ttl`: how many seconds the item still has. */
  readonly getMeta = async (key: string): Promise<{ ttl: number } | null> => {
    const end = await this.#items.endOf(key)
    return end === undefined ? null : { ttl: Math.max(0, Math.round((end - Date.now()) / 1000)) }
  }

  readonly getKeys = async (base = ''): Promise<string[]> => {
    const keys: string[] = []
    for await (const key of this.#items.keys(keyIn)) if (key.startsWith(base)) keys.push(key)
    return keys
  }

  readonly clear = async (base = ''): Promise<void> => {
    await concurrently(await this.getKeys(base), { concurrency: AT_ONCE }, (key) => this.#items.remove(key))
  }

  /** Closes the store. */
  readonly dispose = (): Promise<void> => this.#items.close()

  /**
   * Does the work of one request: what it reads is what its own changes are told from, whichever functions of it read and write. For
   * requests that overlap in one process; without it a write is told from what the functions that led to it have read, or
   * else from what this process has read last.
   */
  readonly within = <T>(work: () => T): T => this.#items.within(work)
}

/** Throws `InvalidOptionError`. */
export function unstorageDriver(given: unknown, defaultStore: () => SessionStore): UntornDriver {
  const { store, app = 'unstorage', lifetime } = asOptions(given, ['store', 'app', 'lifetime'])
  const records = new KeptRecords(store === undefined ? defaultStore() : asStore('store', store))
  const lives = lifetime === undefined ? WITHOUT_END : asMilliseconds('lifetime', lifetime)
  const kept = { app: asText('app', app), lives, areSessions: false, textsOf, textIn }
  return new UntornDriver(new KeptItems(records, kept))
}
