import { setImmediate } from 'node:timers/promises'
import { assertChange, assertNewRecord, assertOwner, assertSessionKey } from '../../contract/check.ts'
import { isNoSession, type SessionKey } from '../../contract/key.ts'
import {
  applyChange,
  copyRecord,
  type NewRecord,
  type SessionChange,
  type SessionRecord,
} from '../../contract/record.ts'
import type {
  ClearExpiredOptions,
  RecordsOptions,
  SaveOptions,
  SaveResult,
  SessionStore,
  Swept,
} from '../../contract/store.ts'
import { MisuseError, StoreUnavailableError } from '../../errors.ts'
import { asOptions, asWholeNumber } from '../../options/checks.ts'
import { Slice, type SliceClock } from '../slice.ts'
import { ExpiringRecords } from './expiring-records.ts'

/** What {@link memoryStore} can be told. */
export interface MemoryStoreOptions {
  /**
   * How many live sessions the store holds at most: a bound for its memory. Beside them it holds as many records that are no
   * sessions, such as the notes that an id was replaced. Default: no bound.
   *
   * A full store refuses new sessions (`create` throws `StoreUnavailableError`, code `UNTORN_STORE_UNAVAILABLE`) until
   * others expire or are deleted. It never removes a live session to make room for another: otherwise anyone who can
   * start sessions could sign everybody out.
   */
  maxSessions?: number
}

/**
 * Keeps sessions in the memory of this process: for tests, development, and programs whose sessions may end with
 * them. Other processes see none of them, and nothing outlives the process or `close()`.
 *
 * Expired sessions are removed by `clearExpired`, when they are met, and, in a store of a thousand or more, a few
 * with each new session, so that memory stays bounded without a timer. `clearExpired`, `count` and the listings let
 * requests through every 2 milliseconds; `byOwner` and `count` look at every session.
 *
 * After `close()` every other call, and a sweep or listing under way, ends with `MisuseError` (`UNTORN_MISUSE`): a
 * closed store that found nothing would look like one that had signed everybody out.
 *
 * Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`) for a `maxSessions` that is no whole number above 0.
 *
 * ```ts
 * const sessions = createSessions({ store: memoryStore({ maxSessions: 100_000 }) })
 * ```
 */
export function memoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const { maxSessions = Number.POSITIVE_INFINITY } = asOptions(options, ['maxSessions'])
  const isBound = maxSessions !== Number.POSITIVE_INFINITY
  return new MemoryStore(isBound ? asWholeNumber('maxSessions', maxSessions, { from: 1 }) : maxSessions)
}

/** What {@link memoryStore} makes. Every answer but the sweep, the count and the listings is there at once. */
export class MemoryStore implements SessionStore {
  readonly loadsAtOnce = true
  readonly #maxSessions: number
  #records: ExpiringRecords | undefined = new ExpiringRecords()

  /** @internal */
  constructor(maxSessions: number) {
    this.#maxSessions = maxSessions
  }

  create(key: SessionKey, record: NewRecord): boolean {
    assertSessionKey(key)
    assertNewRecord(record)
    const records = this.#open()
    if (records.get(key)) return false
    records.tidy()
    if (!records.hasRoom(this.#maxSessions, key)) throw full(key, this.#maxSessions)
    records.put(key, copyRecord({ ...record, version: record.version ?? 0 }))
    return true
  }

  load(key: SessionKey): SessionRecord | undefined {
    const record = this.#find(key)
    return record && copyRecord(record)
  }

  save(key: SessionKey, change: SessionChange, options?: SaveOptions): SaveResult {
    assertSessionKey(key)
    assertChange(change, options)
    const records = this.#open()
    const record = records.get(key)
    if (!record) return { outcome: 'gone' }
    const ifVersion = options?.ifVersion ?? record.version
    if (ifVersion !== record.version) return { outcome: 'conflict', record: copyRecord(record) }
    const changed = applyChange(record, change)
    records.put(key, changed)
    return { outcome: 'saved', record: copyRecord(changed) }
  }

  exists(key: SessionKey): boolean {
    return this.#find(key) !== undefined
  }

  delete(key: SessionKey): boolean {
    return this.#find(key) !== undefined && this.#open().delete(key)
  }

  async clearExpired({ signal, onProgress }: ClearExpiredOptions = {}): Promise<Swept> {
    const records = this.#open()
    signal?.throwIfAborted()
    const swept: Swept = { scanned: 0, removed: 0 }
    const total = records.size
    let done = 0
    const slice = new Slice(CLOCK)
    for (const entry of records) {
      // What was created since the beginning comes after what was there: a busy store would never be done.
      if (done === total) break
      done++
      const counts = isNoSession(entry[0]) ? 0 : 1
      swept.scanned += counts
      if (records.dropIfExpired(...entry)) swept.removed += counts
      if (!slice.isOver) continue
      onProgress?.({ done, total, ...swept })
      await slice.next()
      signal?.throwIfAborted()
      this.#open()
    }
    onProgress?.({ done: total, total, ...swept })
    return swept
  }

  records({ all = false }: RecordsOptions = {}): AsyncGenerator<[SessionKey, SessionRecord]> {
    return this.#list(this.#open(), (key) => all || !isNoSession(key))
  }

  byOwner(owner: string): AsyncGenerator<[SessionKey, SessionRecord]> {
    assertOwner(owner)
    return this.#list(this.#open(), (key, record) => record.owner === owner && !isNoSession(key))
  }

  /** To the last one, as it is when the last one is looked at. */
  async count(): Promise<number> {
    const records = this.#open()
    const slice = new Slice(CLOCK)
    let count = 0
    for (const [key, record] of records) {
      if (!records.dropIfExpired(key, record) && !isNoSession(key)) count++
      if (!slice.isOver) continue
      await slice.next()
      this.#open()
    }
    return count
  }

  now(): number {
    this.#open()
    return Date.now()
  }

  /** Forgets every session. */
  close(): void {
    this.#records = undefined
  }

  async *#list(
    records: ExpiringRecords,
    wanted: (key: SessionKey, record: SessionRecord) => boolean,
  ): AsyncGenerator<[SessionKey, SessionRecord]> {
    const slice = new Slice(CLOCK)
    for (const [key, record] of records) {
      if (!records.dropIfExpired(key, record) && wanted(key, record)) {
        yield [key, copyRecord(record)]
      }
      // Last, so that the next record is taken from the store as it is after the wait.
      if (slice.isOver) await slice.next()
      this.#open()
    }
  }

  #find(key: SessionKey): SessionRecord | undefined {
    assertSessionKey(key)
    return this.#open().get(key)
  }

  #open(): ExpiringRecords {
    if (this.#records) return this.#records
    throw new MisuseError(
      'The memory store is closed, and with it its sessions are gone. Use it before `close()`.',
    )
  }
}

function full(key: SessionKey, most: number): StoreUnavailableError {
  const held = isNoSession(key)
    ? 'records that are no sessions (notes that an id was replaced)'
    : 'live sessions'
  return new StoreUnavailableError(
    `The memory store is full: it holds ${most} ${held}, as many as its option \`maxSessions\` allows, and removes none ` +
      'of them for a new one. Raise the option or let sessions expire sooner.',
  )
}

const CLOCK: SliceClock = { monotonic: () => performance.now(), pause: () => setImmediate() }
