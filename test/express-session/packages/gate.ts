/** Where a request of an application waits until a test lets it go on: that makes it the slow one. */
export class Gate {
  /** Resolves when a request waits. */
  readonly reached: Promise<void>
  readonly #opened: Promise<void>
  #reach!: () => void
  #open!: () => void

  constructor() {
    this.reached = new Promise((resolve) => {
      this.#reach = resolve
    })
    this.#opened = new Promise((resolve) => {
      this.#open = resolve
    })
  }

  /** Called by the application. */
  pass(): Promise<void> {
    this.#reach()
    return this.#opened
  }

  /** Does what happens `meanwhile`, while `slow` waits here, and answers what came of the slow one. */
  async hold<T>(slow: Promise<T>, meanwhile: () => Promise<unknown>): Promise<T> {
    const early = slow.then(() => {
      throw new Error('The slow request was answered before it came to the gate.')
    })
    await Promise.race([this.reached, early])
    early.catch(() => {})
    await meanwhile()
    this.#open()
    return slow
  }
}
