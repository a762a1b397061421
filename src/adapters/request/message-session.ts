import { after, type MaybePromise, outcomeOf } from '../../contract/wait.ts'
import { MisuseError, SessionGoneError } from '../../errors.ts'
import { commit } from '../../session/commit.ts'
import type { Session } from '../../session/session.ts'
import type { SessionState } from '../../session/state.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { Explicit, Framework } from './host.ts'
import { RequestSession, type UnsavedChange } from './request-session.ts'
import { whyNoCookie } from './why-no-cookie.ts'

const LATE_CHANGE: UnsavedChange = {
  code: 'UNTORN_LATE_CHANGE',
  rest:
    'after its message had been handled, and the change was not saved. Return a promise of all that a message does, or call ' +
    '`await session.save()` after the change.',
}

/**
 * The session of one message of a socket, long after the request that has opened that: a view of its own, so that it sees what
 * others have stored meanwhile. What changed is saved once the message is handled. No cookie can follow.
 */
export class MessageSession<Data extends object, Req> extends RequestSession<Data, Req> {
  readonly unsavedChange = LATE_CHANGE
  readonly #given: Session<Data>
  #phase: 'open' | 'committing' | 'over' = 'open'

  /** `req`: the request that has opened the socket. */
  constructor(sessions: Sessions<Data>, framework: Framework<Req>, req: Req, given: Session<Data>) {
    super(sessions, framework, req)
    this.#given = given
  }

  /**
   * Saves what changed. Throws `SessionGoneError` if the session has ended meanwhile, so that it is stored nowhere, `MisuseError` for
   * what would need a cookie, and what the store throws, unless the handler has got that already from a save of its own.
   */
  commit(): MaybePromise<void> {
    const state = this.openedState
    if (state === undefined) return this.#over()
    const { changed } = state
    const known = this.own.handlerKnows(this.methods)
    this.#phase = 'committing'
    return after(
      outcomeOf(() => this.#saved(state)),
      (saved) => {
        this.#over()
        // Found gone by a mere use of it, nothing is lost.
        if (saved.done || (saved.error instanceof SessionGoneError && !changed)) return
        if (!known) throw saved.error
        this.report(saved.error)
      },
    )
  }

  #over(): void {
    this.#phase = 'over'
    this.lookForLateChanges()
  }

  get commitFollows(): boolean {
    return this.#phase === 'open'
  }

  get onlyHandlerSaves(): boolean {
    return this.#phase === 'over'
  }

  beforeChange(): void {
    if (!this.commitFollows) this.lateChanges.beforeChange()
  }

  explicitly(what: Explicit, work: () => MaybePromise<void>): MaybePromise<void> {
    this.#refuse(what, this.state)
    const run = what === 'reload' ? work : () => this.own.run(this.methods, work)
    return this.commitFollows ? run() : this.lateChanges.explicitly(run)
  }

  unwatched(work: Promise<unknown>): void {
    // What failed is tried again by the commit. Behind it nobody would hear of it.
    work.catch((error: unknown) => {
      if (!this.commitFollows) this.report(error)
    })
  }

  protected override open(): Session<Data> {
    return this.#given
  }

  protected opened(state: SessionState): void {
    state.isVisitors = true
  }

  /** Whoever handles the message is told by what is thrown. */
  protected answerFailure(): void {}

  #saved(state: SessionState): MaybePromise<void> {
    this.#refuse('save', state)
    return after(commit(state), () => {})
  }

  #refuse(what: Explicit, state: SessionState): void {
    const refusal = whyNoCookie(what, state, 'message')
    if (refusal !== undefined) throw new MisuseError(refusal)
  }
}
