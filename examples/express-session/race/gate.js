/**
 * Stands in for the database of a request: whoever comes to it waits until it is opened. So all of the requests that are to
 * overlap do, on any machine.
 */
export class Gate {
  #waiting = []
  #expected = Number.POSITIVE_INFINITY
  #arrived = () => {}

  get wait() {
    return () =>
      new Promise((resolve) => {
        this.#waiting.push(resolve)
        if (this.#waiting.length >= this.#expected) this.#arrived()
      })
  }

  /** Resolves once so many requests wait. */
  async filled(number) {
    if (this.#waiting.length >= number) return
    this.#expected = number
    await new Promise((resolve) => {
      this.#arrived = resolve
    })
    this.#expected = Number.POSITIVE_INFINITY
  }

  open() {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
