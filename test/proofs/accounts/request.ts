import { sessionKey } from '../../../src/contract/key.ts'
import type { SessionStore } from '../../../src/contract/store.ts'
import { type MaybePromise, run, type Steps, settled } from '../../../src/contract/wait.ts'
import type { Told } from './application.ts'
import type { Given } from './starts.ts'
import type { Verb } from './verbs.ts'

/** What a visitor is told, and the id that the answer gives, if it gives one. */
export interface Answer extends Told {
  readonly given: string | undefined
}

/** Whoever answers requests. */
export type Front = (request: Request) => MaybePromise<Answer>

/** One request: what it does, and what its visitor is told. */
export class Request {
  readonly verb: Verb
  readonly shown: Given | undefined
  readonly device: string
  readonly mark: string
  /** The moments at which it came and was answered, by the clock of all. */
  began = Number.POSITIVE_INFINITY
  ended = Number.POSITIVE_INFINITY
  /**
   * When it is taken to have arrived, at the latest: a look of a sign-in takes a while, and its answer brings the time by which
   * the request is compared with a revocation.
   */
  arrived = Number.POSITIVE_INFINITY
  /** `done`, or the code of what was thrown; `died`: nothing, as its process has died. */
  told: string | undefined
  value: unknown
  /** The id that its answer gives. */
  given: string | undefined
  #asked: number | undefined
  #looks = 0

  constructor(nth: number, verb: Verb, shown: Given | undefined) {
    this.verb = verb
    this.shown = shown
    this.device = shown?.device ?? `new ${nth}`
    this.mark = `by ${nth}`
  }

  /** `count`: the time. At once where the front and the store answer at once. Never fails. */
  run(front: Front, store: SessionStore, count: () => number): MaybePromise<void> {
    return run(this.#steps(front, store, count))
  }

  /** `looks`: at the record of an owner, or of the application; the first two are a sign-in's look before it begins. */
  looked(looks: 'asks' | 'sees', count: () => number): void {
    if (looks === 'asks') this.#asked ??= count()
    else if (this.#looks++ < 2) this.arrived = count() - (this.#asked! - this.began)
  }

  /** Its process dies: there is no answer. */
  die(count: () => number): void {
    this.told ??= 'died'
    this.ended = Math.min(this.ended, count())
  }

  *#steps(front: Front, store: SessionStore, count: () => number): Steps<void> {
    this.began = count()
    try {
      if (this.verb.does === 'expiry') yield* this.#expire(store)
      else this.#answered(yield* settled(front(this)))
      this.told ??= 'done'
    } catch (error) {
      this.told = codeOf(error)
    }
    this.ended = count()
  }

  #answered({ told, value, given }: Answer): void {
    this.value = value
    this.given = given
    this.told = told
  }

  /** The time of the session has come. */
  *#expire(store: SessionStore): Steps<void> {
    if (this.shown !== undefined) yield* settled(store.save(sessionKey(this.shown.id), { expiresAt: 1 }))
  }
}

export function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? String(error)
}
