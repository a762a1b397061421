import { isNoSession, type SessionKey } from '../../contract/key.ts'
import type { SessionRecord } from '../../contract/record.ts'

// Below this, what has expired takes too little memory to be worth a look.
const TIDY_FROM = 1000
const LOOKS_PER_NEW_RECORD = 2

/** Records by key, of which the expired ones are as good as absent and are dropped when met. */
export class ExpiringRecords {
  #records = new Map<SessionKey, SessionRecord>()
  /** Those that are no sessions. */
  #others = 0
  #hand = this.#records.entries()
  // No record expires before this: it spares a full store a search for room where there can be none.
  #earliestExpiry = Number.POSITIVE_INFINITY

  /** With those that have expired and were not met yet. */
  get size(): number {
    return this.#records.size
  }

  get(key: SessionKey): SessionRecord | undefined {
    const record = this.#records.get(key)
    return record && !this.dropIfExpired(key, record) ? record : undefined
  }

  put(key: SessionKey, record: SessionRecord): void {
    if (isNoSession(key) && !this.#records.has(key)) this.#others++
    this.#records.set(key, record)
    this.#earliestExpiry = Math.min(this.#earliestExpiry, record.expiresAt)
  }

  delete(key: SessionKey): boolean {
    const was = this.#records.delete(key)
    if (was && isNoSession(key)) this.#others--
    return was
  }

  dropIfExpired(key: SessionKey, record: SessionRecord): boolean {
    return record.expiresAt <= Date.now() && this.delete(key)
  }

  /** In the order of their creation, the expired ones included; what is added on the way comes last. */
  [Symbol.iterator](): IterableIterator<[SessionKey, SessionRecord]> {
    return this.#records.entries()
  }

  /**
   * Whether one more record under such a key leaves no more than `limit`, those that have expired not counted. Of what is no
   * session as many may be there beside the sessions: it takes no room from them, and is bounded too.
   */
  hasRoom(limit: number, key: SessionKey): boolean {
    if (this.#sizeLike(key) >= limit && this.#earliestExpiry <= Date.now()) this.#dropAllExpired()
    return this.#sizeLike(key) < limit
  }

  #sizeLike(key: SessionKey): number {
    return isNoSession(key) ? this.#others : this.#records.size - this.#others
  }

  /** Each new record pays for a look at two others: a store that nobody sweeps must not grow for ever. */
  tidy(): void {
    if (this.#records.size < TIDY_FROM) return
    for (let looks = 0; looks < LOOKS_PER_NEW_RECORD; looks++) {
      const { value, done } = this.#hand.next()
      if (done) this.#hand = this.#records.entries()
      else this.dropIfExpired(...value)
    }
  }

  #dropAllExpired(): void {
    this.#earliestExpiry = Number.POSITIVE_INFINITY
    for (const [key, record] of this.#records) {
      if (!this.dropIfExpired(key, record)) {
        this.#earliestExpiry = Math.min(this.#earliestExpiry, record.expiresAt)
      }
    }
  }
}
