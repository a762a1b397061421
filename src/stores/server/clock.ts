/** Milliseconds by which a second may get longer or shorter while a clock is being put right. */
const SLIPS = 1000

/**
 * The server's clock, as far as its answers tell: when a change has to have reached it is said in its own time, so that
 * no two clocks have to agree. The local side is a monotonic one, so that nobody who sets a clock moves a deadline.
 *
 * A monotonic clock stands still while the machine sleeps, and the server's does not. So what is known of it is forgotten
 * once the machine's other clock has gone on by more, or less: a process that only loads would take a session that is used
 * for one that has time.
 */
export class ServerClock {
  #ahead: number | undefined
  /** By how much the clock of this machine was ahead of the monotonic one then. */
  #ownAhead = 0

  /**
   * Takes in what the server's clock showed, in milliseconds, in an answer that came at this moment of
   * `performance.now()`. It had shown it a little earlier, so what {@link at} says is never later than the truth.
   */
  showed(serverTime: number, receivedAt: number): void {
    this.#ahead = serverTime - receivedAt
    this.#ownAhead = ownAhead()
  }

  /** A moment of `performance.now()` in the server's time, whole milliseconds; `undefined` where that is not known. */
  at(moment: number): number | undefined {
    if (this.#ahead === undefined || Math.abs(ownAhead() - this.#ownAhead) > SLIPS) return undefined
    return Math.floor(moment + this.#ahead)
  }
}

function ownAhead(): number {
  return Date.now() - performance.now()
}
