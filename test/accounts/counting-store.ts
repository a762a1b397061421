import type { SessionStore } from '../../src/contract/store.ts'
import { PlainStore } from '../support/plain-store.ts'

/** What something cost: how often it had to wait for the store, and how many calls that were. */
export interface Cost {
  trips: number
  calls: number
}

const VERBS = ['create', 'load', 'save', 'exists', 'delete'] as const
type Verb = (typeof VERBS)[number]
type Call = (...args: unknown[]) => unknown

/**
 * A store as far away as a server is: calls that are made before the next answer comes travel together, and are one round
 * trip.
 */
export class CountingStore {
  readonly store: SessionStore
  #answered: Cost = { trips: 0, calls: 0 }
  #underWay: Promise<void> | undefined

  constructor() {
    const plain = new PlainStore()
    const verbs = VERBS.map((verb): [Verb, Call] => {
      const call = plain[verb].bind(plain) as Call
      return [verb, (...args) => this.#sent().then(() => call(...args))]
    })
    this.store = Object.assign(Object.create(plain) as SessionStore, Object.fromEntries(verbs))
  }

  /** What was answered since the last look. What is on its way then counts for the next one. */
  take(): Cost {
    const cost = this.#answered
    this.#answered = { trips: 0, calls: 0 }
    return cost
  }

  /** {@link take}, once nothing is on its way any more. */
  async takeAll(): Promise<Cost> {
    for (let quiet = 0; quiet < 3; quiet++) {
      await new Promise((resolve) => setImmediate(resolve))
      if (this.#underWay !== undefined) quiet = -1
    }
    return this.take()
  }

  #sent(): Promise<void> {
    this.#underWay ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#underWay = undefined
        this.#answered.trips++
        resolve()
      })
    })
    return this.#underWay.then(() => void this.#answered.calls++)
  }
}
