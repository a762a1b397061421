import type { SessionKey } from '../../../src/contract/key.ts'
import {
  applyChange,
  copyRecord,
  type NewRecord,
  type SessionChange,
  type SessionRecord,
} from '../../../src/contract/record.ts'
import type { SaveOptions, SaveResult, SessionStore } from '../../../src/contract/store.ts'

/** One clock for everybody. */
export interface Clock {
  now: number
}

/** A call that waits for its turn; it takes effect when it is performed. */
export class Call<T = unknown> {
  readonly perform: () => T

  constructor(perform: () => T) {
    this.perform = perform
  }

  // What makes the steps take it for a promise; the one who explores carries it out.
  // biome-ignore lint/suspicious/noThenProperty: it stands for a promise
  then(): never {
    throw new Error('A call is performed, not awaited.')
  }
}

function waits<T>(perform: () => T): Promise<T> {
  return new Call(perform) as unknown as Promise<T>
}

/** The least that keeps the contract; each call is one moment. */
export class ModelStore implements SessionStore {
  readonly #records = new Map<SessionKey, SessionRecord>()
  readonly #clock: Clock
  /** What has expired keeps its key until a load meets it, as with files. */
  readonly #keepsDead: boolean

  constructor(clock: Clock, keepsDead: boolean) {
    this.#clock = clock
    this.#keepsDead = keepsDead
  }

  create(key: SessionKey, record: NewRecord): Promise<boolean> {
    return waits(() => {
      if (this.#keepsDead ? this.#records.has(key) : this.live(key)) return false
      this.put(key, { version: 0, ...record })
      return true
    })
  }

  load(key: SessionKey): Promise<SessionRecord | undefined> {
    return waits(() => {
      const record = this.live(key)
      if (!record) this.#records.delete(key)
      return record && copyRecord(record)
    })
  }

  save(key: SessionKey, change: SessionChange, options?: SaveOptions): Promise<SaveResult> {
    return waits((): SaveResult => {
      const record = this.live(key)
      if (!record) return { outcome: 'gone' }
      if (options?.ifVersion !== undefined && options.ifVersion !== record.version) {
        return { outcome: 'conflict', record: copyRecord(record) }
      }
      const changed = applyChange(record, change)
      this.put(key, changed)
      return { outcome: 'saved', record: copyRecord(changed) }
    })
  }

  exists(key: SessionKey): Promise<boolean> {
    return waits(() => this.live(key) !== undefined)
  }

  delete(key: SessionKey): Promise<boolean> {
    return waits(() => {
      const found = this.live(key) !== undefined
      this.#records.delete(key)
      return found
    })
  }

  put(key: SessionKey, record: SessionRecord): void {
    this.#records.set(key, copyRecord(record))
  }

  live(key: SessionKey): SessionRecord | undefined {
    const record = this.#records.get(key)
    return record && record.expiresAt > this.#clock.now ? record : undefined
  }

  /** All that is in it, the dead included. */
  get text(): string {
    return [...this.#records.values()].map(recordText).join()
  }

  clearExpired(): never {
    throw new Error('Nothing is swept here.')
  }

  records(): never {
    throw new Error('Nothing is listed here.')
  }

  now(): number {
    return this.#clock.now
  }

  close(): void {}
}

export function recordText(record: SessionRecord): string {
  return `${record.version} ${contentText(record)}`
}

/** All but the version. */
export function contentText({ values, createdAt, expiresAt, owner }: Omit<SessionRecord, 'version'>): string {
  return `${[...values].map(([name, text]) => `${name}=${text}`).sort()} ${createdAt} ${expiresAt} ${owner}`
}

export function answerText(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null) return String(answer)
  if ('values' in answer) return recordText(answer as SessionRecord)
  const { outcome, record } = answer as SaveResult & { record?: SessionRecord }
  return record ? `${outcome} ${recordText(record)}` : String(outcome)
}
