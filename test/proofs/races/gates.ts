interface Signal {
  promise: Promise<void>
  give: () => void
}

function signal(): Signal {
  let give = () => {}
  const promise = new Promise<void>((resolve) => {
    give = resolve
  })
  return { promise, give }
}

/** Barriers in the way of requests: each is named by the test, which learns when a request stands there and lets it go. */
export class Gates {
  readonly #gates = new Map<string, { reached: Signal; opened: Signal }>()

  /** For the request: says that it has come, and waits. */
  async pass(name: string): Promise<void> {
    const { reached, opened } = this.#gate(name)
    reached.give()
    await opened.promise
  }

  /** For the test: waits until a request stands there. */
  reached(name: string): Promise<void> {
    return this.#gate(name).reached.promise
  }

  /** For the test: lets the request go on. */
  open(name: string): void {
    this.#gate(name).opened.give()
  }

  #gate(name: string) {
    const gate = this.#gates.get(name) ?? { reached: signal(), opened: signal() }
    this.#gates.set(name, gate)
    return gate
  }
}
