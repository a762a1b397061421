/** Node takes a longer one for 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Calls back once, later, unless it is cancelled; keeps no process alive. @returns what cancels it */
export function later(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, Math.min(ms, LONGEST_TIMER_MS)).unref()
  return () => clearTimeout(timer)
}

/** What a {@link SweepTimer} does, and when. */
export interface SweepPlan {
  /** Milliseconds between two sweeps, about; 0: there are none. */
  readonly every: number
  /** One sweep; the signal ends it. */
  sweep(signal: AbortSignal): Promise<unknown>
  /** Told of a sweep that failed, unless it was ended. */
  failed(error: unknown): void
  /** Default: {@link later}. */
  later?(ms: number, call: () => void): () => void
  /** Chance, from 0 up to, but not including, 1. Default: `Math.random`. */
  fraction?(): number
}

/** Sweeps in the background, again and again: the next one is timed when one is over. */
export class SweepTimer {
  readonly #plan: SweepPlan
  readonly #stopped = new AbortController()
  #cancel: (() => void) | undefined
  #underWay: Promise<void> | undefined

  constructor(plan: SweepPlan) {
    this.#plan = plan
    this.#next()
  }

  /** Ends the sweep that is under way, and waits for its end. There is no other one. */
  async stop(): Promise<void> {
    this.#cancel?.()
    this.#stopped.abort()
    await this.#underWay
  }

  #next(): void {
    const { every, fraction = Math.random } = this.#plan
    if (every === 0) return
    const call = (): void => {
      this.#underWay = this.#sweep()
    }
    // Not all processes of an application at the same moment.
    this.#cancel = (this.#plan.later ?? later)(every * (0.75 + fraction() / 2), call)
  }

  async #sweep(): Promise<void> {
    const { signal } = this.#stopped
    try {
      await this.#plan.sweep(signal)
    } catch (error) {
      if (!signal.aborted) this.#plan.failed(error)
    }
    if (!signal.aborted) this.#next()
  }
}
