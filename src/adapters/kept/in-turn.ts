import { isPromise, type MaybePromise } from '../../contract/wait.ts'

/**
 * Does what is asked for the same session one after the other. `session.save()` is often not awaited, and of calls that
 * overlap a store may carry out the last one first: a pool of connections does. And what changes is the difference to what the
 * one before has saved.
 */
export class InTurn {
  /** The last of each that is under way. */
  readonly #last = new Map<unknown, Promise<void>>()

  /** `of`: what has to be the same, by its identity. */
  do<T>(of: unknown, work: () => MaybePromise<T>): MaybePromise<T> {
    const last = this.#last.get(of)
    const result = last === undefined ? work() : last.then(work)
    if (isPromise(result)) this.#note(of, result)
    return result
  }

  #note(of: unknown, result: Promise<unknown>): void {
    const over = (): void => {
      if (this.#last.get(of) === ended) this.#last.delete(of)
    }
    const ended = result.then(over, over)
    this.#last.set(of, ended)
  }
}
