import { type MaybePromise, type Outcome, outcomeOf } from '../../contract/wait.ts'

/**
 * Messages of one socket: each is begun behind the one that came before it, also where its session is there sooner, and so many
 * of them are under way at once. The others wait.
 */
export class InOrder {
  #free: number
  readonly #waiting: (() => void)[] = []
  /** The last of them has begun. */
  #begun: Promise<void> = Promise.resolve()

  constructor(atOnce: number) {
    this.#free = atOnce
  }

  /** Gets ready for a message, and handles it with that when it is its turn. */
  async take<Ready, T>(
    getReady: () => MaybePromise<Ready>,
    handle: (ready: Ready) => MaybePromise<T>,
  ): Promise<T> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((free) => this.#waiting.push(free))
    try {
      return await this.#next(getReady, handle)
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }

  async #next<Ready, T>(
    getReady: () => MaybePromise<Ready>,
    handle: (ready: Ready) => MaybePromise<T>,
  ): Promise<T> {
    const before = this.#begun
    let begin!: () => void
    this.#begun = new Promise((resolve) => {
      begin = resolve
    })
    try {
      const gettingReady = outcomeOf(getReady)
      await before
      const ready: Outcome<Ready> = await gettingReady
      if (!ready.done) throw ready.error
      const handling = handle(ready.value)
      begin()
      return await handling
    } finally {
      begin()
    }
  }
}
