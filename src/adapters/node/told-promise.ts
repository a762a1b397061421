/**
 * A promise that says when its rejection reaches somebody. Whoever answers after that does so knowing of it; whoever
 * never waits for it, or answers first, does not.
 */
export class ToldPromise extends Promise<undefined> {
  // What `then` makes is for others to handle.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  readonly #tell: (error: unknown) => void

  constructor(work: Promise<void>, tell: (error: unknown) => void) {
    super((resolve, reject) => work.then(() => resolve(undefined), reject))
    this.#tell = tell
    // That nobody waits for it is no crash: the commit meets the error again.
    super.then(undefined, () => {})
  }

  // biome-ignore lint/suspicious/noThenProperty: this is a promise; `await` and `catch` come through here
  override then<Done = undefined, Failed = never>(
    done?: ((value: undefined) => Done | PromiseLike<Done>) | null,
    failed?: ((error: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Done | Failed> {
    return super.then(done, (error: unknown) => {
      this.#tell(error)
      if (failed) return failed(error)
      throw error
    })
  }
}
