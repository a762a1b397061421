import type { ServerStoreEvent } from './options.ts'

/** So many failures, without an answer in between, are an outage. */
const FAILURES = 3

/** What was known when a call began. */
export interface Entry {
  /** It is the one that finds out whether the server answers again. */
  readonly asks: boolean
  readonly answers: number
  readonly failures: number
}

/**
 * Whether a server answers. While it does not, one call at a time asks it, and the others are refused at once: they
 * would wait for nothing, and pile up in the driver.
 */
export class Outage {
  readonly #report: (event: ServerStoreEvent) => void
  #answers = 0
  #failures = 0
  #since = 0
  #last: unknown
  #asking = false

  constructor(report: (event: ServerStoreEvent) => void) {
    this.#report = report
  }

  /** Lets a call begin, which has to say what came of it; `undefined`: another one asks, and this is refused. */
  enter(): Entry | undefined {
    const asks = this.#isOut
    if (asks && this.#asking) return undefined
    this.#asking = asks
    return { asks, answers: this.#answers, failures: this.#failures }
  }

  /** What the last call without an answer met. */
  get last(): unknown {
    return this.#last
  }

  answered(entry: Entry): void {
    this.left(entry)
    this.#answers++
    const wasOut = this.#isOut
    this.#failures = 0
    if (!wasOut) return
    this.#last = undefined
    this.#report({ type: 'available', after: Math.round(performance.now() - this.#since) })
  }

  /** The call ended before it came to asking. */
  left({ asks }: Entry): void {
    if (asks) this.#asking = false
  }

  /** An error in place of an answer. Of the calls that one broken connection takes with it, one counts. */
  failed(entry: Entry, error: unknown): void {
    this.left(entry)
    this.#last = error
    if (this.#isOut || entry.failures === this.#failures) this.#count(error)
  }

  /** No answer by the deadline. It does not count if others had one meanwhile: then a part of a cluster, or a lock, is it. */
  late(entry: Entry, error: unknown): void {
    this.left(entry)
    this.#last = error
    if (entry.answers === this.#answers) this.#count(error)
  }

  get #isOut(): boolean {
    return this.#failures >= FAILURES
  }

  #count(error: unknown): void {
    if (this.#failures === 0) this.#since = performance.now()
    this.#failures++
    if (this.#failures === FAILURES) this.#report({ type: 'unavailable', error })
  }
}
