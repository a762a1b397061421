import { isPromise, type MaybePromise } from '../../contract/wait.ts'
import type { SessionState } from '../../session/state.ts'
import { STATE } from '../../session/view-symbols.ts'

/** Whoever holds the state; `destroy()` puts another one in its place. */
interface Holder {
  readonly [STATE]: Pick<SessionState, 'changes'>
}

/** What a handler asks for in so many words, ahead of the commit: whether it failed, and whether the handler knows. */
export class OwnSave {
  #failure: { error: unknown; changes: string; told: boolean } | undefined

  /** Carries it out. What failed before no longer counts: the handler wants it again. */
  run(session: Holder, work: () => MaybePromise<void>): MaybePromise<void> {
    this.#failure = undefined
    let changes: string | undefined
    const note = (error: unknown): never => {
      this.#failure = { error, changes: changes ?? session[STATE].changes, told: false }
      throw error
    }
    try {
      const working = work()
      if (!isPromise(working)) return working
      // What the handler changes from here on is not in it.
      changes = session[STATE].changes
      return working.catch(note)
    } catch (error) {
      return note(error)
    }
  }

  /** The handler has got this error. */
  told(error: unknown): void {
    const failure = this.#failure
    if (failure !== undefined && failure.error === error) failure.told = true
  }

  /** What there is to save is what the handler could not save itself, and it was told so: its answer takes account of it. */
  handlerKnows(session: Holder): boolean {
    return this.#failure?.told === true && this.#failure.changes === session[STATE].changes
  }
}
