/** Who a promise that was handed out tells of its rejection. */
export interface Told {
  /** It reaches somebody now. */
  told(error: unknown): void
  /** Nobody waits for it. */
  unheard(error: unknown): void
}

/**
 * A promise of which nobody has to look after the rejection: not waited for, it ends no process. It says when its
 * rejection reaches somebody, and when it reaches nobody: whoever answers after the first does so knowing of it.
 */
export class ToldPromise<T> extends Promise<T> {
  // What `then` makes is for others to handle.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  readonly #told: Told
  #waitedFor = false

  constructor(work: Promise<T>, told: Told) {
    super((resolve, reject) => work.then(resolve, reject))
    this.#told = told
    super.then(undefined, (error: unknown) => {
      // An `await` comes a turn after the call, and the work may have failed within it.
      process.nextTick(() => {
        if (!this.#waitedFor) told.unheard(error)
      })
    })
  }

  // biome-ignore lint/suspicious/noThenProperty: this is a promise; `await` and `catch` come through here
  override then<Done = T, Failed = never>(
    done?: ((value: T) => Done | PromiseLike<Done>) | null,
    failed?: ((error: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Done | Failed> {
    this.#waitedFor = true
    return super.then(done, (error: unknown) => {
      this.#told.told(error)
      if (failed) return failed(error)
      throw error
    })
  }
}

/** A promise that ends no process where nobody waits for it; `unheard` is told instead. */
export function quietly<T>(work: Promise<T>, unheard: (error: unknown) => void): Promise<T> {
  return new ToldPromise(work, { told() {}, unheard })
}
