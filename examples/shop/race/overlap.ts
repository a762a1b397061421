import type { RequestHandler } from 'express'

/** Counts how many requests are under way at once. */
export class Overlap {
  #now = 0
  #most = 0

  /** The most at one moment since the last `reset`. */
  get most(): number {
    return this.#most
  }

  reset(): void {
    this.#most = this.#now
  }

  readonly count: RequestHandler = (_req, res, next) => {
    this.#now++
    this.#most = Math.max(this.#most, this.#now)
    res.once('close', () => {
      this.#now--
    })
    next()
  }
}
