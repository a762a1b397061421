import type { SessionKey } from '../../../src/contract/key.ts'
import type { NewRecord, SessionChange, SessionRecord } from '../../../src/contract/record.ts'
import type {
  RecordsOptions,
  SaveOptions,
  SaveResult,
  SessionStore,
  Swept,
} from '../../../src/contract/store.ts'
import { applicationKey, ownerKey } from '../../../src/owners/keys.ts'
import type { PlainStore } from '../../support/plain-store.ts'
import { ADA, BOB } from './verbs.ts'

/** A step of a request that waits to be taken. */
export interface Step {
  /** Which request. */
  readonly of: number
  /** Which of its steps; -1: that it begins. */
  readonly nth: number
  /** The record that it is about, by a number that is the same in each play; `undefined`: none, or all that there are. */
  readonly about: number | undefined
  readonly changes: boolean
  take(): void
}

/**
 * Which call of a request fails: before it is carried out, or after it, so that only its answer is lost. Or it is carried
 * out, and then the process dies that has made it.
 */
export interface Failure {
  readonly of: number
  readonly nth: number
  readonly how: 'fails' | 'loses' | 'dies'
}

/** Where the calls of all requests wait until somebody says whose is next. */
export class Gate {
  readonly waiting: Step[] = []
  readonly #numbers = new Map<SessionKey, number>()

  numberOf(key: SessionKey): number {
    const number = this.#numbers.get(key) ?? this.#numbers.size
    this.#numbers.set(key, number)
    return number
  }

  take(step: Step): void {
    this.waiting.splice(this.waiting.indexOf(step), 1)
    step.take()
  }
}

/** What a sign-in looks at first. */
const LOOKED_AT: ReadonlySet<SessionKey> = new Set([
  applicationKey(undefined),
  ...[ADA, BOB].map((owner) => ownerKey(undefined, owner)),
])

/** The store as one process has it: each call waits at the gate. What is behind it answers at once. */
export class GatedStore implements SessionStore {
  readonly #inner: PlainStore
  readonly #gate: Gate
  readonly #of: number
  readonly #failure: Failure | undefined
  readonly #error: () => Error
  #calls = 0
  /** The call that was to fail was made. */
  hasFailed = false
  /** Called when an owner's record, or the application's, is asked for, and when it is read. */
  onLook: (looks: 'asks' | 'sees') => void = () => {}
  /** Called when the process dies. */
  onDeath: () => void = () => {}

  constructor(inner: PlainStore, gate: Gate, of: number, failure: Failure | undefined, error: () => Error) {
    this.#inner = inner
    this.#gate = gate
    this.#of = of
    this.#failure = failure?.of === of ? failure : undefined
    this.#error = error
  }

  create(key: SessionKey, record: NewRecord): Promise<boolean> {
    return this.#pass(key, true, () => this.#inner.create(key, record))
  }

  load(key: SessionKey): Promise<SessionRecord | undefined> {
    if (!LOOKED_AT.has(key)) return this.#pass(key, false, () => this.#inner.load(key))
    this.onLook('asks')
    return this.#pass(key, false, () => {
      this.onLook('sees')
      return this.#inner.load(key)
    })
  }

  save(key: SessionKey, change: SessionChange, options?: SaveOptions): Promise<SaveResult> {
    return this.#pass(key, true, () => this.#inner.save(key, change, options))
  }

  exists(key: SessionKey): Promise<boolean> {
    return this.#pass(key, false, () => this.#inner.exists(key))
  }

  delete(key: SessionKey): Promise<boolean> {
    return this.#pass(key, true, () => this.#inner.delete(key))
  }

  clearExpired(): Promise<Swept> {
    return this.#inner.clearExpired()
  }

  /** Which there are is one step, and each of them is read by another: what comes meanwhile is not met. */
  async *records(options?: RecordsOptions): AsyncGenerator<[SessionKey, SessionRecord]> {
    const keys = await this.#pass(undefined, false, () => this.#inner.all().map(([key]) => key))
    for (const key of keys) {
      const record = await this.load(key)
      if (record !== undefined && options?.all !== false) yield [key, record]
    }
  }

  close(): void {}

  get #isDead(): boolean {
    return this.hasFailed && this.#failure?.how === 'dies'
  }

  #pass<T>(key: SessionKey | undefined, changes: boolean, work: () => T): Promise<Awaited<T>> {
    const nth = this.#calls++
    const how = this.#failure?.nth === nth ? this.#failure.how : undefined
    const about = key && this.#gate.numberOf(key)
    return new Promise((resolve, reject) => {
      const take = (): void => {
        if (how !== undefined) this.hasFailed = true
        const answer = how === 'fails' ? undefined : (work() as Awaited<T>)
        if (how === undefined) resolve(answer as Awaited<T>)
        else if (how === 'dies') this.onDeath()
        else reject(this.#error())
      }
      // What is on its way when the process dies gets there, and then there is nothing more.
      if (!this.#isDead) this.#gate.waiting.push({ of: this.#of, nth, about, changes, take })
    })
  }
}
