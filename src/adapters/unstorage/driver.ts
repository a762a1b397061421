import { AT_ONCE, concurrently } from '../../contract/concurrently.ts'
import type { SessionStore } from '../../contract/store.ts'
import { WITHOUT_END } from '../kept/arguments.ts'
import { keyIn, textIn, textsOf } from './forms.ts'
import { KeptItems } from './items.ts'
import { checkItemOptions } from './options.ts'

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

  /** `ttl`: how many seconds the item still has; none, where it lives without end. */
  readonly getMeta = async (key: string): Promise<{ ttl?: number } | null> => {
    const left = await this.#items.left(key)
    if (left === undefined) return null
    // What was set as without end has a hundred years, of which some may be over.
    return left > WITHOUT_END / 2 ? {} : { ttl: Math.max(0, Math.round(left / 1000)) }
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
   * Does the work of one request: what it reads is what its own changes are told from, whichever functions of it read and write, and what
   * it has not read it sets whole. Without it a write is told from what the functions that led to it have read, or else from what
   * the same request of a server of `node:http` has read last, or else from what this process has.
   */
  readonly within = <T>(work: () => T): T => this.#items.within(work)
}

/** Throws `InvalidOptionError`. */
export function unstorageDriver(given: unknown, defaultStore: () => SessionStore): UntornDriver {
  const { records, ...options } = checkItemOptions(given, 'unstorage', defaultStore)
  return new UntornDriver(new KeptItems(records, { ...options, areSessions: false, textsOf, textIn }))
}
