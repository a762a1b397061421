import { setImmediate } from 'node:timers/promises'

const SLICE_MS = 2

/** Time that long work may hold the event loop for before it lets requests through. */
export class Slice {
  #end = performance.now() + SLICE_MS

  get isOver(): boolean {
    return performance.now() >= this.#end
  }

  /** Lets everything else that waits have its turn, and begins the next slice. */
  async next(): Promise<void> {
    await setImmediate()
    this.#end = performance.now() + SLICE_MS
  }
}
