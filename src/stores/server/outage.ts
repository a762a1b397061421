import type { ServerStoreEvent } from './options.ts'

/** So many calls in a row without an answer are an outage; a connection that breaks takes fewer with it. */
const FAILURES = 3

/**
 * Whether a server answers. While it does not, one call at a time asks it, and the others are refused at once: they
 * would wait for nothing, and pile up in the driver.
 */
export class Outage {
  readonly #report: (event: ServerStoreEvent) => void
  #failures = 0
  #since = 0
  #last: unknown
  #asking = false

  constructor(report: (event: ServerStoreEvent) => void) {
    this.#report = report
  }

  /** What a call may do now: `'go'`; `'ask'`, with the duty to say what came of it; or wait for another that asks. */
  enter(): 'go' | 'ask' | 'refused' {
    if (this.#failures < FAILURES) return 'go'
    if (this.#asking) return 'refused'
    this.#asking = true
    return 'ask'
  }

  /** What the last call without an answer met. */
  get last(): unknown {
    return this.#last
  }

  answered(entered: 'go' | 'ask'): void {
    if (entered === 'ask') this.#asking = false
    if (this.#failures === 0) return
    const wasOut = this.#failures >= FAILURES
    this.#failures = 0
    this.#last = undefined
    if (wasOut) this.#report({ type: 'available', after: Math.round(performance.now() - this.#since) })
  }

  /** The call ended before it came to asking. */
  left(entered: 'go' | 'ask'): void {
    if (entered === 'ask') this.#asking = false
  }

  failed(entered: 'go' | 'ask', error: unknown): void {
    if (entered === 'ask') this.#asking = false
    if (this.#failures === 0) this.#since = performance.now()
    this.#last = error
    this.#failures++
    if (this.#failures === FAILURES) this.#report({ type: 'unavailable', error })
  }
}
