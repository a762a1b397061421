import type { SessionKey } from '../../../src/contract/key.ts'
import type { NewRecord, SessionChange, SessionRecord } from '../../../src/contract/record.ts'
import type {
  LoadOptions,
  SaveOptions,
  SaveResult,
  SessionStore,
  Swept,
} from '../../../src/contract/store.ts'
import { isPromise, type MaybePromise } from '../../../src/contract/wait.ts'
import type * as errors from '../../../src/errors.ts'
import type { PlainStore } from '../../support/plain-store.ts'

/**
 * What happens to a call:
 * - `fails`: it is not carried out
 * - `loses`: it is carried out, and its answer is lost
 * - `lags`: its caller is told that it failed, and it is carried out after the next call
 * - `dies`: it is carried out, and the process that made it ends: it does nothing any more
 */
export type Fault = 'fails' | 'loses' | 'lags' | 'dies'

export interface Plan {
  /** The number of the call that it happens to. */
  at: number
  fault: Fault
  /** Until {@link FaultyStore.heal} all calls after it fail, too. */
  lasts?: boolean
}

export type Errors = Pick<typeof errors, 'MisuseError' | 'StoreUnavailableError'>

/** The store as one process has it: one of its calls meets a fault. Others may use what is behind it meanwhile. */
export class FaultyStore implements SessionStore {
  calls = 0
  met = false
  readonly #inner: PlainStore
  readonly #errors: Errors
  #plan: Plan | undefined
  #state: 'well' | 'away' | 'dead' = 'well'
  #lagging: (() => unknown) | undefined

  /** `classes`: those of the session layer over it. */
  constructor(inner: PlainStore, classes: Errors) {
    this.#inner = inner
    this.#errors = classes
  }

  /** From the next call on, which is number 0. */
  plan(plan: Plan): void {
    this.#plan = plan
    this.calls = 0
  }

  /** The store answers again. */
  heal(): void {
    this.#plan = undefined
    if (this.#state === 'away') this.#state = 'well'
  }

  create(key: SessionKey, record: NewRecord): MaybePromise<boolean> {
    return this.#call(() => this.#inner.create(key, record))
  }

  load(key: SessionKey, options?: LoadOptions): MaybePromise<SessionRecord | undefined> {
    return this.#call(() => this.#inner.load(key, options))
  }

  save(key: SessionKey, change: SessionChange, options?: SaveOptions): MaybePromise<SaveResult> {
    return this.#call(() => this.#inner.save(key, change, options))
  }

  exists(key: SessionKey): MaybePromise<boolean> {
    return this.#call(() => this.#inner.exists(key))
  }

  delete(key: SessionKey): MaybePromise<boolean> {
    return this.#call(() => this.#inner.delete(key))
  }

  clearExpired(): Promise<Swept> {
    return this.#inner.clearExpired()
  }

  records(): AsyncGenerator<[SessionKey, SessionRecord]> {
    return this.#inner.records()
  }

  close(): void {}

  #call<T>(work: () => MaybePromise<T>): MaybePromise<T> {
    const plan = this.calls++ === this.#plan?.at ? this.#plan : undefined
    if (this.#state === 'dead') throw new this.#errors.MisuseError('The process is dead.')
    if (this.#state === 'away' || plan?.fault === 'fails') {
      this.#meet(plan)
      return this.#failure()
    }
    if (plan?.fault === 'lags') {
      this.#meet(plan)
      this.#lagging = work
      return this.#failure()
    }
    if (plan === undefined) return this.#before(work)
    const answer = work()
    if (!isPromise(answer)) {
      this.#meet(plan)
      return this.#failure()
    }
    return answer.then(() => {
      this.#meet(plan)
      return this.#failure()
    })
  }

  /** A call, and then the one that has been on its way for longer. */
  #before<T>(work: () => MaybePromise<T>): MaybePromise<T> {
    const lagging = this.#lagging
    this.#lagging = undefined
    const answer = work()
    if (lagging === undefined) return answer
    if (!isPromise(answer)) {
      lagging()
      return answer
    }
    return answer.then(async (value) => {
      await lagging()
      return value
    })
  }

  #meet(plan: Plan | undefined): void {
    if (plan === undefined) return
    this.met = true
    if (plan.fault === 'dies') this.#state = 'dead'
    else if (plan.lasts) this.#state = 'away'
  }

  #failure(): never {
    throw new this.#errors.StoreUnavailableError('The answer of the store did not arrive.')
  }
}
