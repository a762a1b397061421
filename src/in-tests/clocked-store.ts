import { InTurn } from '../adapters/kept/in-turn.ts'
import type { SessionKey } from '../contract/key.ts'
import { isNoSession } from '../contract/key.ts'
import type { NewRecord, SessionChange, SessionRecord } from '../contract/record.ts'
import type {
  ClearExpiredOptions,
  LoadOptions,
  RecordsOptions,
  SaveOptions,
  SaveResult,
  SessionStore,
  Swept,
} from '../contract/store.ts'
import { after, type MaybePromise } from '../contract/wait.ts'
import { asMilliseconds, type Duration } from '../options/duration.ts'
import { asStore } from '../options/store.ts'

/** A store whose clock a test sets forward. */
export interface ClockedStore extends SessionStore {
  /**
   * Sets the clock of the store forward: `store.advance('1h')`. What has expired by then is gone, for whoever has the store in this
   * process. There is no way back: real clocks have none, either. Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`) for what
   * is no length of time.
   */
  advance(by: Duration): void
  now(): MaybePromise<number>
}

/**
 * A store in front of another one, whose clock a test sets forward in place of waiting: for idle timeouts, lifetimes, values
 * with an expiry, `requireFresh()`. All of untorn goes by the clock of the store, so that timers and `Date` stay as they are. A
 * session may live up to a tenth longer than its idle timeout, as its use is noted so far ahead.
 *
 * ```ts
 * const store = clockedStore(memoryStore())
 * const app = makeApp({ store, idleTimeout: '30m' })
 * store.advance('34m')
 * await request(app).get('/cart').set('Cookie', cookie).expect(401)
 * ```
 *
 * For tests alone: two processes that share a store have to have one clock. Throws `InvalidOptionError`
 * (`UNTORN_INVALID_OPTION`) for what is no store.
 */
export function clockedStore(store: SessionStore): ClockedStore {
  return new Clocked(asStore('store', store))
}

class Clocked implements ClockedStore {
  declare readonly loadsAtOnce?: boolean
  declare readonly byOwner?: (owner: string) => AsyncIterable<[SessionKey, SessionRecord]>
  declare readonly count?: () => MaybePromise<number>
  readonly #store: SessionStore
  readonly #inTurn = new InTurn()
  /** Milliseconds by which its clock is ahead of that of the store behind it. */
  #ahead = 0

  constructor(store: SessionStore) {
    this.#store = store
    // What the store behind it can't do, nobody is to ask of it.
    if (store.loadsAtOnce !== undefined) this.loadsAtOnce = store.loadsAtOnce
    if (store.byOwner !== undefined) this.byOwner = (owner) => this.#live(store.byOwner!(owner))
    if (store.count !== undefined) this.count = () => store.count!()
  }

  advance(by: Duration): void {
    this.#ahead += asMilliseconds('by', by)
  }

  now(): MaybePromise<number> {
    return after(this.#store.now?.() ?? Date.now(), (now) => now + this.#ahead)
  }

  create(key: SessionKey, record: NewRecord): MaybePromise<boolean> {
    return this.#afterExpiry(key, () => this.#store.create(key, record))
  }

  load(key: SessionKey, options?: LoadOptions): MaybePromise<SessionRecord | undefined> {
    return after(this.#store.load(key, options), (record) =>
      record === undefined
        ? undefined
        : after(this.now(), (now) => (record.expiresAt > now ? record : undefined)),
    )
  }

  save(key: SessionKey, change: SessionChange, options?: SaveOptions): MaybePromise<SaveResult> {
    return this.#afterExpiry(key, () => this.#store.save(key, change, options))
  }

  exists(key: SessionKey): MaybePromise<boolean> {
    return this.#afterExpiry(key, () => this.#store.exists(key))
  }

  delete(key: SessionKey): MaybePromise<boolean> {
    return this.#afterExpiry(key, () => this.#store.delete(key))
  }

  async clearExpired(options: ClearExpiredOptions = {}): Promise<Swept> {
    // What the store behind it finds to have expired goes first: to list it may be to forget it.
    const { scanned, removed } = await this.#store.clearExpired(options)
    let besides = 0
    for await (const [key, record] of this.#store.records({ all: true })) {
      options.signal?.throwIfAborted()
      if (record.expiresAt > (await this.now()) || !(await this.#removeExpired(key))) continue
      if (!isNoSession(key)) besides++
    }
    return { scanned, removed: removed + besides }
  }

  /** Whether there was something to remove still: what is there by now may be a new record. */
  #removeExpired(key: SessionKey): MaybePromise<boolean> {
    return this.#inTurn.do(key, () =>
      after(this.#store.load(key), (record) =>
        after(this.now(), (now) =>
          record !== undefined && record.expiresAt > now ? false : this.#store.delete(key),
        ),
      ),
    )
  }

  records(options?: RecordsOptions): AsyncIterable<[SessionKey, SessionRecord]> {
    return this.#live(this.#store.records(options))
  }

  close(): MaybePromise<void> {
    return this.#store.close()
  }

  /**
   * What has expired by this clock is removed first: by its own, the store behind it would still find it. Calls for one key take turns:
   * between the look and the removal somebody could put a new record there.
   */
  #afterExpiry<T>(key: SessionKey, work: () => MaybePromise<T>): MaybePromise<T> {
    if (this.#ahead === 0) return work()
    return this.#inTurn.do(key, () =>
      after(this.#store.load(key), (record) => {
        if (record === undefined) return work()
        return after(this.now(), (now) =>
          record.expiresAt > now ? work() : after(this.#store.delete(key), work),
        )
      }),
    )
  }

  async *#live(
    records: AsyncIterable<[SessionKey, SessionRecord]>,
  ): AsyncGenerator<[SessionKey, SessionRecord]> {
    for await (const entry of records) if (entry[1].expiresAt > (await this.now())) yield entry
  }
}
