import type { SessionStore } from '../contract/store.ts'
import { isPromise, type MaybePromise } from '../contract/wait.ts'

/** Milliseconds: clocks that are less apart are taken for one, as an answer of a server takes a while. */
export const APART = 1000

/**
 * What time it is for sessions: what the store says, as it decides what has expired. Records hold its time. Where it is an
 * hour ahead of this process, a session that was begun by this one's clock would be over at once.
 *
 * Of a store that does not say, it is the time of this process, and looked up at each call: a test may set it.
 */
export class Clock {
  readonly #store: SessionStore
  /** By how much the store's time was ahead of `performance.now()` when it last took its time to say so. */
  #ahead: number | undefined
  /** Its last answer was a promise. */
  #waits = false

  constructor(store: SessionStore) {
    this.#store = store
  }

  /** The time, asked for where it is not known. */
  now(): MaybePromise<number> {
    const { now } = this.#store
    if (now === undefined) return Date.now()
    const answer = now.call(this.#store)
    this.#waits = isPromise(answer)
    return isPromise(answer) ? answer.then((time) => this.#shown(time)) : answer
  }

  /**
   * The time without waiting for it: exact behind {@link now}, which whatever reads or makes a record has called. Before
   * that, and of a store that is closed, it may be that of this process.
   */
  get known(): number {
    if (this.#store.now === undefined) return Date.now()
    if (!this.#waits) {
      const answer = this.#askedOrNot()
      if (typeof answer === 'number') return answer
    }
    return this.#ahead === undefined ? Date.now() : Math.floor(performance.now() + this.#ahead)
  }

  /** How long a request has been under way of which this process has noted when it arrived. */
  underWay(arrivedAt: number): number {
    return Date.now() - arrivedAt
  }

  /** A moment of this process' clock in the store's time. Where the two are as good as one it stays what it is. */
  moment(own: number): number {
    const apart = this.known - Date.now()
    return Math.abs(apart) < APART ? own : own + APART * Math.round(apart / APART)
  }

  /** The same back again. */
  ownMoment(moment: number): number {
    const apart = this.known - Date.now()
    return Math.abs(apart) < APART ? moment : moment - APART * Math.round(apart / APART)
  }

  #askedOrNot(): MaybePromise<number> | undefined {
    try {
      const answer = this.now()
      if (isPromise(answer)) answer.catch(() => {}) // whoever has to know the time asks again, and gets the error
      return answer
    } catch {
      return undefined
    }
  }

  #shown(time: number): number {
    this.#ahead = time - performance.now()
    return time
  }
}
