/**
 * The server's clock, as far as its answers tell: when a change has to have reached it is said in its own time, so that
 * no two clocks have to agree. The local side is a monotonic one, so that nobody who sets a clock moves a deadline.
 */
export class ServerClock {
  #ahead: number | undefined

  /**
   * Takes in what the server's clock showed, in milliseconds, in an answer that came at this moment of
   * `performance.now()`. It had shown it a little earlier, so what {@link at} says is never later than the truth.
   */
  showed(serverTime: number, receivedAt: number): void {
    this.#ahead = serverTime - receivedAt
  }

  /** A moment of `performance.now()` in the server's time, whole milliseconds; `undefined` before its first answer. */
  at(moment: number): number | undefined {
    return this.#ahead === undefined ? undefined : Math.floor(moment + this.#ahead)
  }
}
