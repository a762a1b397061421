import { isPromise, type MaybePromise } from '../../contract/wait.ts'
import type { Session } from '../../session/session.ts'
import type { AnyData } from '../../values/data.ts'
import { applicationLine } from './application-line.ts'
import { ENTRANCES } from './plain-session.ts'
import type { HeadState } from '../node/response/head.ts'

/**
 * Finds what is changed after the head has left and never saved: it would be lost in silence. A change that the
 * handler saves itself is none, so it is looked for a turn later, and once more when the response closes.
 */
export class LateChanges<Data extends object = AnyData> {
  readonly #head: { readonly state: HeadState }
  readonly #report: (session: Session<Data>, at: string | undefined) => void
  #at: { line: string | undefined } | undefined
  #reported = false
  #saving = 0

  constructor(
    head: { readonly state: HeadState },
    report: (session: Session<Data>, at: string | undefined) => void,
  ) {
    this.#head = head
    this.#report = report
  }

  /** A value is about to be changed. */
  beforeChange(session: Session<Data>): void {
    if (this.#at !== undefined || this.#reported) return
    this.#at = { line: applicationLine(ENTRANCES) }
    setImmediate(() => this.look(session))
  }

  /** The handler saves, or gives up, what was changed. */
  explicitly(work: () => MaybePromise<void>): MaybePromise<void> {
    this.#at = undefined
    const result = work()
    if (!isPromise(result)) return result
    this.#saving++
    return result.finally(() => this.#saving--)
  }

  look(session: Session<Data>): void {
    // What is being committed is changed and not lost; the response's close is still to come.
    if (this.#head.state !== 'passed' || this.#saving > 0) return
    if (session.changed) this.#tell(session)
    this.#at = undefined
  }

  #tell(session: Session<Data>): void {
    if (this.#reported) return
    this.#reported = true
    this.#report(session, this.#at?.line)
  }
}
