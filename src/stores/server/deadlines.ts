/** What waits for an answer. */
export interface Waiting {
  /** Until when, by `performance.now()`. */
  readonly until: number
  /** Called once it is over, when it waits no longer. */
  tooLate(): void
  /** Its neighbours in line, which are {@link Deadlines}' own. */
  before: Waiting | undefined
  after: Waiting | undefined
}

/**
 * What waits, all for the same time, so that who came first is over first: one timer is enough for them all. One for each
 * would cost a call more than all else that is done for it here.
 */
export class Deadlines {
  #first: Waiting | undefined
  #last: Waiting | undefined
  #timer: NodeJS.Timeout | undefined
  #whenEmpty: (() => void)[] = []

  add(waiting: Waiting): void {
    waiting.before = this.#last
    if (this.#last) this.#last.after = waiting
    else this.#first = waiting
    this.#last = waiting
    if (this.#timer === undefined) this.#wait(waiting.until - performance.now())
    else if (this.#first === waiting) this.#timer.ref()
  }

  remove(waiting: Waiting): void {
    const { before, after } = waiting
    if (before) before.after = after
    else this.#first = after
    if (after) after.before = before
    else this.#last = before
    waiting.before = undefined
    waiting.after = undefined
    if (this.#first) return
    // It stays for the next one, which most often comes soon, and must not keep the process from ending until then.
    this.#timer?.unref()
    for (const resolve of this.#whenEmpty.splice(0)) resolve()
  }

  /** Resolves when nothing waits. */
  async empty(): Promise<void> {
    if (this.#first) await new Promise<void>((resolve) => this.#whenEmpty.push(resolve))
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => this.#look(), Math.max(ms, 0))
  }

  #look(): void {
    this.#timer = undefined
    const now = performance.now()
    for (let first = this.#first; first && first.until <= now; first = this.#first) {
      this.remove(first)
      first.tooLate()
    }
    // Whoever was told may have begun to wait anew, and set it for that.
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#first) this.#wait(this.#first.until - performance.now())
  }
}
