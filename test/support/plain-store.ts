import { setTimeout as delay } from 'node:timers/promises'
import { isNoSession, type SessionKey } from '../../src/contract/key.ts'
import {
  applyChange,
  copyRecord,
  type NewRecord,
  type SessionChange,
  type SessionRecord,
} from '../../src/contract/record.ts'
import type {
  LoadOptions,
  RecordsOptions,
  SaveOptions,
  SaveResult,
  SessionStore,
  Swept,
} from '../../src/contract/store.ts'
import type { MaybePromise } from '../../src/contract/wait.ts'
import { reservedKeys } from '../../src/values/data.ts'

export interface Call {
  method: 'create' | 'load' | 'save' | 'exists' | 'delete'
  key: SessionKey
  change?: SessionChange
}

/** The least that keeps the contract's promises, in a Map: for tests of the layers above. */
export class PlainStore implements SessionStore {
  /** Every call that was made, oldest first. */
  readonly calls: Call[] = []
  /** Runs before each call takes effect: what it does to the store happens between this request's calls. */
  between: (call: Call) => unknown = () => {}
  /** What the next calls of a method throw, until it is deleted. */
  readonly failing = new Map<Call['method'], Error>()
  /** As {@link failing}, after the call has taken effect: its answer is lost. */
  readonly losing = new Map<Call['method'], Error>()
  closed = false
  readonly #records = new Map<SessionKey, SessionRecord>()
  readonly #slow: boolean
  readonly now?: () => MaybePromise<number>
  /** Milliseconds by which its clock is ahead of this process'. */
  readonly #ahead: number

  /**
   * `slow`: every answer is a promise that takes a few milliseconds, before and after the call takes effect. `ahead`: it
   * has a clock of its own, which is ahead by so many milliseconds.
   */
  constructor(options: { slow?: boolean; ahead?: number } = {}) {
    this.#slow = options.slow ?? false
    this.#ahead = options.ahead ?? 0
    if (options.ahead !== undefined) this.now = () => (this.#slow ? Promise.resolve(this.time) : this.time)
  }

  /** What its clock shows. */
  get time(): number {
    return Date.now() + this.#ahead
  }

  create(key: SessionKey, record: NewRecord): MaybePromise<boolean> {
    return this.#answer({ method: 'create', key }, () => {
      if (this.#records.has(key)) return false
      this.#records.set(key, copyRecord({ ...record, version: record.version ?? 0 }))
      return true
    })
  }

  load(key: SessionKey, _options?: LoadOptions): MaybePromise<SessionRecord | undefined> {
    return this.#answer({ method: 'load', key }, () => {
      const record = this.#live(key)
      return record && copyRecord(record)
    })
  }

  save(key: SessionKey, change: SessionChange, options?: SaveOptions): MaybePromise<SaveResult> {
    return this.#answer({ method: 'save', key, change }, (): SaveResult => {
      const record = this.#live(key)
      if (record === undefined) return { outcome: 'gone' }
      if (options?.ifVersion !== undefined && options.ifVersion !== record.version) {
        return { outcome: 'conflict', record: copyRecord(record) }
      }
      const changed = applyChange(record, change)
      this.#records.set(key, changed)
      return { outcome: 'saved', record: copyRecord(changed) }
    })
  }

  exists(key: SessionKey): MaybePromise<boolean> {
    return this.#answer({ method: 'exists', key }, () => this.#live(key) !== undefined)
  }

  delete(key: SessionKey): MaybePromise<boolean> {
    return this.#answer(
      { method: 'delete', key },
      () => this.#live(key) !== undefined && this.#records.delete(key),
    )
  }

  async clearExpired(): Promise<Swept> {
    const sessions = (): number => [...this.#records.keys()].filter((key) => !isNoSession(key)).length
    const scanned = sessions()
    for (const key of this.#records.keys()) if (this.#live(key) === undefined) this.#records.delete(key)
    return { scanned, removed: scanned - sessions() }
  }

  async *records({ all = false }: RecordsOptions = {}): AsyncGenerator<[SessionKey, SessionRecord]> {
    for (const key of this.#records.keys()) {
      if (!all && isNoSession(key)) continue
      const record = this.#live(key)
      if (record !== undefined) yield [key, copyRecord(record)]
    }
  }

  close(): void {
    this.closed = true
  }

  /** Every live session, for looking at. What is noted of an id is none. */
  all(): [SessionKey, SessionRecord][] {
    const keys = [...this.#records.keys()]
    return keys.flatMap((key) => {
      const record = this.#live(key)
      const shown = record !== undefined && !isNoSession(key)
      return shown ? [[key, copyRecord(record)] as [SessionKey, SessionRecord]] : []
    })
  }

  /** What is noted of ids that were replaced. */
  notes(): SessionRecord[] {
    return [...this.#records.values()].filter(({ values }) => values.has(reservedKeys.replaced))
  }

  /** The one live record; fails if there is none, or another one. */
  only(): SessionRecord {
    const all = this.all()
    if (all.length !== 1) throw new Error(`${all.length} sessions are stored`)
    return all[0]![1]
  }

  /** How many calls there were, of one method or in all, and forgets them. */
  counted(method?: Call['method']): number {
    const calls = this.calls.splice(0)
    return calls.filter((call) => method === undefined || call.method === method).length
  }

  /** Puts a text into a record that no session layer would have written. */
  plant(key: SessionKey, name: string, text: string): void {
    const record = this.#records.get(key)!
    this.#records.set(key, applyChange(record, { set: new Map([[name, text]]) }))
  }

  /** Puts a record there that no session layer has stored. */
  put(key: SessionKey, record: NewRecord): void {
    this.#records.set(key, copyRecord({ ...record, version: record.version ?? 0 }))
  }

  /** Has these records and no others, and no call was made as yet. */
  reset(records: Iterable<readonly [SessionKey, SessionRecord]>): void {
    this.calls.length = 0
    this.#records.clear()
    for (const [key, record] of records) this.put(key, record)
  }

  #live(key: SessionKey): SessionRecord | undefined {
    const record = this.#records.get(key)
    return record !== undefined && record.expiresAt > this.time ? record : undefined
  }

  #answer<T>(call: Call, effect: () => T): MaybePromise<T> {
    this.calls.push(call)
    if (this.#slow) return this.#later(call, effect)
    this.between(call)
    return this.#failOr(call, effect)
  }

  async #later<T>(call: Call, effect: () => T): Promise<T> {
    await delay(Math.random() * 3)
    await this.between(call)
    const result = this.#failOr(call, effect)
    await delay(Math.random() * 3)
    return result
  }

  #failOr<T>(call: Call, effect: () => T): T {
    const error = this.failing.get(call.method)
    if (error !== undefined) throw error
    const answer = effect()
    const lost = this.losing.get(call.method)
    if (lost !== undefined) throw lost
    return answer
  }
}

/** Both kinds, for `describe.each`. */
export const bothKinds = [
  { kind: 'a synchronous store', slow: false },
  { kind: 'an asynchronous store', slow: true },
]
