import { isPromise, type MaybePromise, run, type Steps } from '../contract/wait.ts'

/** No work begins other work that begins more: what comes beyond that is of requests that go on. */
const ROUNDS = 3

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

  /** When what is under way is done, and what that begins itself; at once if there is none. */
  done(rounds = ROUNDS): MaybePromise<void> {
    if (this.#underWay.size === 0 || rounds === 0) return undefined
    return Promise.all(this.#underWay).then(() => this.done(rounds - 1))
  }
}
