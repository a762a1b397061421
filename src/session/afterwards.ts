import { isPromise, type MaybePromise, run, type Steps } from '../contract/wait.ts'

/** Work that no answer waits for. A store that answers at once has done it at once. */
export class Afterwards {
  readonly #report: (error: unknown) => void
  readonly #underWay = new Set<Promise<void>>()

  /** `report` is told of what fails: it is not tried again. */
  constructor(report: (error: unknown) => void) {
    this.#report = report
  }

  begin(steps: () => Steps<void>): void {
    let work: MaybePromise<void>
    try {
      work = run(steps())
    } catch (error) {
      this.#report(error)
      return
    }
    if (!isPromise(work)) return
    const ending: Promise<void> = work.catch(this.#report).finally(() => this.#underWay.delete(ending))
    this.#underWay.add(ending)
  }

  /** When all of it is done, what it begins itself included; at once if there is none. */
  done(): MaybePromise<void> {
    if (this.#underWay.size === 0) return undefined
    return Promise.all(this.#underWay).then(() => this.done())
  }
}
