import { after, attempt, isPromise, type MaybePromise } from '../../contract/wait.ts'
import type { SetCookie } from '../../cookie/cookie.ts'
import { MisuseError, SessionGoneError } from '../../errors.ts'
import { dataToClear } from '../../session/clear-site-data.ts'
import { commit, dueCookie, save, takeRemovals } from '../../session/commit.ts'
import type { SessionState } from '../../session/state.ts'
import { HeadAdditions, ONLY_VARIES } from './head-additions.ts'
import type { Explicit } from './host.ts'
import { RequestSession, type UnsavedChange } from './request-session.ts'
import { UnwaitedChanges } from './unwaited-changes.ts'
import { whyNoCookie } from './why-no-cookie.ts'

const LATE_CHANGE: UnsavedChange = {
  code: 'UNTORN_LATE_CHANGE',
  rest:
    "after the response's head had left, and the change was not saved. Change it before answering, or call `await " +
    'req.session.save()` after the change. What a cookie has to be sent for, a new session or a new id, can only come ' +
    'before the answer.',
}

const CHANGE_AFTER_FAILURE: UnsavedChange = {
  code: 'UNTORN_CHANGE_AFTER_FAILURE',
  rest:
    'while an error was answered, as what had been changed before could not be saved, and this change was not saved ' +
    'either. An error handler that means it for later calls `await req.session.reload()`, which drops what could not be ' +
    'saved, then changes it, and calls `await req.session.save()` before it answers.',
}

/**
 * - `open`: nothing of the answer has left
 * - `committing`: what there is to save is being saved, and the head waits for it
 * - `committed`: what was to be saved is; what is changed from now on is late, whatever becomes of the head
 * - `failed`: it could not be saved, and an error is answered in the handler's place
 */
type Phase = 'open' | 'committing' | 'committed' | 'failed'

/**
 * The session of a request that is answered. Whoever serves the request calls {@link commit} before the response's head
 * leaves, adds to the head what that returns, and says when the answer is {@link over}.
 */
export abstract class AnsweredSession<Data extends object, Req> extends RequestSession<Data, Req> {
  #phase: Phase = 'open'
  /** What could not be saved. */
  #failed: string | undefined
  /** The client has gone, and gets no head any more. */
  #abandoned = false
  /** There where the handler goes on, and nobody waits for it. */
  #unwaited: UnwaitedChanges | undefined
  /** The end of the commit, where it takes a while. */
  #committing: Promise<void> | undefined

  /** The client has gone already. */
  protected abstract readonly clientIsGone: boolean
  /** Calls {@link over} when the answer has been sent, or the client has gone. */
  protected abstract tellWhenOver(): void
  /**
   * Saves what there is to save. Returns what is to be added to the head; `undefined`: nothing. Throws, or rejects, if it
   * can't be saved: then {@link due} is to be added to the error's answer. A session that was ended elsewhere meanwhile, and
   * a failure that the handler was told of before, are no reason to throw: the handler's answer stays.
   */
  commit(): MaybePromise<HeadAdditions | undefined> {
    const state = this.openedState
    if (state === undefined) {
      this.#phase = 'committed'
      return undefined
    }
    this.#phase = 'committing'
    const known = this.own.handlerKnows(this.methods)
    const committing = attempt(
      () => {
        const saved = this.#abandoned ? this.#saveAbandoned(state) : commit(state)
        return after(saved, (cookie) => this.#committed(cookie))
      },
      (error) => this.#afterFailure(error, known),
    )
    if (isPromise(committing)) this.#committing = committing.then(NOTHING, NOTHING)
    return committing
  }

  /** After a commit that failed: what had been saved before, and would be lost without its cookie. */
  due(): HeadAdditions | undefined {
    const state = this.openedState
    return state && this.#additions(dueCookie(state))
  }

  /** Nothing can be committed: an error is answered in the handler's place. */
  protected giveUp(): void {
    this.#phase = 'failed'
    this.#failed = this.openedState?.changes
  }

  protected get unsavedChange(): UnsavedChange {
    return this.#phase === 'failed' ? CHANGE_AFTER_FAILURE : LATE_CHANGE
  }

  /** Of what could not be saved the error tells; it is what came after. */
  override get hasUnsaved(): boolean {
    return super.hasUnsaved && (this.#phase !== 'failed' || this.state.changes !== this.#failed)
  }

  /** The head did not leave after all: {@link commit} is to be called once more before it does. */
  headStays(): void {
    this.#phase = 'open'
  }

  /** Nobody gets an answer any more, or what is to be sent of it has been. */
  over(): void {
    const phase = this.#phase
    if (phase === 'open' || phase === 'committing') this.#abandoned = true
    if (phase === 'open') void this.#saveWhatThereIs()
    // Changes deep inside of values, which nobody saw being made.
    if (this.openedState === undefined || !this.onlyHandlerSaves || this.#abandoned) return
    if (this.hasUnsaved && !this.own.handlerKnows(this.methods)) this.lateChanges.look()
  }

  /** Nobody gets a head with a cookie: what is committed is what needs none. */
  protected abandon(): void {
    this.#abandoned = true
  }

  /** Takes {@link abandon} back: a head follows after all, if the client is still there. */
  protected headFollows(): void {
    this.#abandoned = this.clientIsGone
  }

  /**
   * The client has gone, and the host gives its request up while the handler may go on: what that changes behind the commit is saved as
   * it comes, or where nobody sees it come as it is found, for a minute; as the commit would have, where it needs no cookie.
   */
  protected goesOnUnwaited(): void {
    this.#unwaited ??= this.#newUnwaited()
    if (this.openedState !== undefined) this.#unwaited.lookAgain()
  }

  /** The client has gone before anything was sent to it. */
  get isAbandoned(): boolean {
    return this.#abandoned
  }

  beforeChange(): void {
    if (this.#unwaited !== undefined) this.#unwaited.saveSoon()
    else if (this.#isTooLate) this.lateChanges.beforeChange()
  }

  explicitly(what: Explicit, work: () => MaybePromise<void>): MaybePromise<void> {
    const refusal = this.#cookieCanFollow
      ? undefined
      : whyNoCookie(what, this.state, this.#phase === 'failed' ? 'failed' : 'begun')
    if (refusal !== undefined) {
      // The commit that is under way may be what stores the session, and send its cookie.
      const committing = what === 'save' && this.#phase === 'committing' ? this.#committing : undefined
      if (committing === undefined) throw new MisuseError(refusal)
      return committing.then(() => this.explicitly(what, work))
    }
    const run = what === 'reload' ? work : () => this.own.run(this.methods, work)
    return this.#isTooLate ? this.lateChanges.explicitly(run) : run()
  }

  unwatched(work: Promise<unknown>): void {
    // What failed is tried again before the head leaves, and its error is met there. Later nobody would hear of it.
    work.catch((error: unknown) => {
      if (!this.commitFollows) this.report(error)
    })
  }

  /** Nothing was committed yet. */
  get isUncommitted(): boolean {
    return this.#phase === 'open'
  }

  /** It was committed for an answer, which has what was due. */
  get isAnswered(): boolean {
    return this.#phase === 'committed' && !this.#abandoned
  }

  get commitFollows(): boolean {
    return this.#phase === 'open' && !this.#abandoned
  }

  get onlyHandlerSaves(): boolean {
    return this.#phase === 'committed' || this.#phase === 'failed'
  }

  protected opened(): void {
    this.#abandoned = this.clientIsGone && this.#phase === 'open'
    this.#unwaited?.lookAgain()
    this.tellWhenOver()
  }

  #committed(cookie: SetCookie | undefined): HeadAdditions | undefined {
    const additions = this.#additions(cookie)
    this.#phase = 'committed'
    this.lookForLateChanges()
    return additions
  }

  #additions(cookie: SetCookie | undefined): HeadAdditions | undefined {
    const { state } = this
    const removals = takeRemovals(state)
    const clears = dataToClear(state)
    const forOne = state.refused
    if (cookie !== undefined && !this.secure) this.framework.onInsecureCookie(this.req)
    const cookies = cookie === undefined ? removals : [...removals, cookie]
    if (cookies.length > 0 || clears.length > 0 || forOne) {
      return new HeadAdditions(cookies, true, { forOne, clears })
    }
    return state.varies ? ONLY_VARIES : undefined
  }

  #afterFailure(error: unknown, known: boolean): HeadAdditions | undefined {
    // Signed out elsewhere meanwhile: the response goes out as the handler made it, and no cookie with it.
    if (error instanceof SessionGoneError) return this.#committed(undefined)
    if (!known) {
      this.giveUp()
      throw error
    }
    // The handler's answer stays: it was told, and is not told again.
    this.report(error)
    return this.#committed(dueCookie(this.state))
  }

  /** For a client that won't get a cookie no new session is stored, and one that is keeps its id. */
  #saveAbandoned(state: SessionState): MaybePromise<undefined> {
    const saved = state.isDetached ? commit(state) : state.needsCookie ? undefined : save(state)
    return after(saved, () => undefined)
  }

  #newUnwaited(): UnwaitedChanges {
    return new UnwaitedChanges({
      state: () => this.state,
      save: async () => this.#saveAbandoned(this.state),
      report: (error) => this.report(error),
    })
  }

  async #saveWhatThereIs(): Promise<void> {
    try {
      await this.#saveAbandoned(this.state)
    } catch (error) {
      this.report(error)
    }
  }

  /** A client that has gone would not get one either way. */
  get #cookieCanFollow(): boolean {
    return this.#phase === 'open' || this.#abandoned
  }

  /** What is changed from now on is not committed. */
  get #isTooLate(): boolean {
    return this.#phase !== 'open' && !this.#abandoned
  }
}

const NOTHING = (): void => {}
