/** How time goes by for long work: the store's clock, so that a simulation decides about it. */
export interface SliceClock {
  /** Milliseconds that only ever rise. */
  monotonic(): number
  /** Resolves after so many milliseconds; 0: after the events that are due. */
  pause(ms: number): Promise<void>
}

const SLICE_MS = 2

/** Time that long work (a sweep, a listing) may hold the event loop for before it lets requests through. */
export class Slice {
  readonly #clock: SliceClock
  #end: number

  constructor(clock: SliceClock) {
    this.#clock = clock
    this.#end = clock.monotonic() + SLICE_MS
  }

  get isOver(): boolean {
    return this.#clock.monotonic() >= this.#end
  }

  /** Lets everything else that waits have its turn, and begins the next slice. */
  async next(): Promise<void> {
    await this.#clock.pause(0)
    this.#end = this.#clock.monotonic() + SLICE_MS
  }
}
