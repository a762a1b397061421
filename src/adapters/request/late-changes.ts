import { isPromise, type MaybePromise } from '../../contract/wait.ts'
import { applicationLine } from './application-line.ts'
import { ENTRANCES } from './plain-session.ts'

/** What the search for changes that nobody saves has to know of its request. */
export interface Watched {
  /** What is changed now is saved by nobody but the handler. */
  readonly onlyHandlerSaves: boolean
  /** There is such a change, one deep inside of a value included. */
  readonly hasUnsaved: boolean
  /** Such a change was found; `at` is the line that made it, if known. Called once. */
  tellOfUnsaved(at: string | undefined): void
}

/**
 * Finds what is changed after the commit, and never saved: it would be lost in silence. A change that the
 * handler saves itself is none, so it is looked for a turn later, and once more when the response closes.
 */
export class LateChanges {
  readonly #watched: Watched
  #at: { line: string | undefined } | undefined
  #reported = false
  #saving = 0

  constructor(watched: Watched) {
    this.#watched = watched
  }

  /** A value is about to be changed. */
  beforeChange(): void {
    if (this.#at !== undefined || this.#reported) return
    this.#at = { line: applicationLine(ENTRANCES) }
    setImmediate(() => this.look())
  }

  /** The handler saves, or gives up, what was changed. */
  explicitly(work: () => MaybePromise<void>): MaybePromise<void> {
    this.#at = undefined
    const result = work()
    if (!isPromise(result)) return result
    this.#saving++
    return result.finally(() => this.#saving--)
  }

  /** The commit is over: what was changed while it was under way may be in it, or may not. */
  committed(): void {
    if (this.#at !== undefined) setImmediate(() => this.look())
  }

  look(): void {
    // What is being committed is changed and not lost; the response's close is still to come.
    if (!this.#watched.onlyHandlerSaves || this.#saving > 0) return
    if (this.#watched.hasUnsaved && !this.#reported) {
      this.#reported = true
      this.#watched.tellOfUnsaved(this.#at?.line)
    }
    this.#at = undefined
  }
}
