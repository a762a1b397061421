import type { IncomingMessage, ServerResponse } from 'node:http'
import { isPromise, type MaybePromise } from '../../contract/wait.ts'
import { MisuseError, SessionGoneError } from '../../errors.ts'
import type { Session } from '../../session/session.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import { LateChanges } from './late-changes.ts'
import { type Framework, RequestSession, type UnsavedChange } from './request-session.ts'
import { type Head, type HeadOwner, watchHead } from '../node/response/head.ts'
import { addToHead, type HeadAdditions } from '../node/response/headers.ts'
import { answerPlainly } from '../node/response/plain-answer.ts'
import type { Explicit } from './host.ts'
import { whyNoCookie } from './why-no-cookie.ts'

const LATE_CHANGE: UnsavedChange = {
  code: 'UNTORN_LATE_CHANGE',
  rest:
    "after the response's head had left, and the change was not saved. Change it before answering, or call `await " +
    'req.session.save()` after the change. What a cookie has to be sent for, a new session or a new id, can only come ' +
    'before the answer.',
}

/** The session of a request that is answered: committed before the response's head leaves. */
export class CommittedSession<Data extends object> extends RequestSession<Data> implements HeadOwner {
  readonly #res: ServerResponse
  readonly #answerError: (error: unknown) => void
  readonly #head: Head
  #late: LateChanges<Data> | undefined
  /** The client has gone, and gets no head any more. */
  #abandoned = false
  /** The end of the commit, where it takes a while. */
  #committing: Promise<void> | undefined

  /** `answerError` is told of a commit that failed; the response is then clean, for an error's answer. */
  constructor(
    sessions: Sessions<Data>,
    framework: Framework,
    req: IncomingMessage,
    res: ServerResponse,
    answerError: (error: unknown) => void,
  ) {
    super(sessions, framework, req)
    this.#res = res
    this.#answerError = answerError
    this.#head = watchHead(res, this)
  }

  beforeChange(): void {
    if (this.#tooLate) this.#lateChanges.beforeChange(this.core)
  }

  explicitly(what: Explicit, work: () => MaybePromise<void>): MaybePromise<void> {
    const { core } = this
    const refusal = this.#cookieCanFollow ? undefined : whyNoCookie(what, core, 'begun')
    if (refusal !== undefined) {
      // The commit that is under way may be what stores the session, and send its cookie.
      const committing = what === 'save' && this.#head.state === 'committing' ? this.#committing : undefined
      if (committing === undefined) throw new MisuseError(refusal)
      return committing.then(() => this.explicitly(what, work))
    }
    const run = what === 'reload' ? work : () => this.own.run(core, work)
    return this.#tooLate ? this.#lateChanges.explicitly(run) : run()
  }

  unwatched(work: Promise<unknown>): void {
    // What failed is tried again before the head leaves, and its error is met there. Later nobody would hear of it.
    work.catch((error: unknown) => {
      if (!this.commitFollows) this.report(error)
    })
  }

  get commitFollows(): boolean {
    return this.#head.state === 'open' && !this.#abandoned
  }

  protected answerFailure(): void {
    const res = this.#res
    if (!this.#head.answerInstead(() => answerPlainly(res))) answerPlainly(res)
  }

  protected opened(core: Session<Data>): void {
    this.#abandoned = this.#res.destroyed && this.#head.state === 'open'
    this.#res.on('close', () => this.#closed(core))
  }

  beforeHead(): MaybePromise<HeadAdditions | undefined> {
    if (!Object.hasOwn(this.req, 'session')) {
      throw new MisuseError(
        '`delete req.session` does not end a session, and what was changed in it was not saved. ' +
          'Call `req.session.destroy()`.',
      )
    }
    const core = this.openedCore
    if (core === undefined) return undefined
    const known = this.own.handlerKnows(core)
    try {
      const committed = this.#abandoned ? this.#saveAbandoned(core) : core.commit()
      if (!isPromise(committed)) return this.#additions(core, committed)
      const additions = committed.then(
        (cookie) => this.#additions(core, cookie),
        (error: unknown) => this.#afterFailure(core, error, known),
      )
      this.#committing = additions.then(
        () => {},
        () => {},
      )
      return additions
    } catch (error) {
      return this.#afterFailure(core, error, known)
    }
  }

  #additions(core: Session<Data>, setCookie: string | undefined): HeadAdditions | undefined {
    if (setCookie === undefined) return core.accessed ? { varies: true } : undefined
    if (!this.secure) this.framework.onInsecureCookie(this.req)
    return { setCookie, varies: true }
  }

  #afterFailure(core: Session<Data>, error: unknown, known: boolean): HeadAdditions | undefined {
    // Signed out elsewhere meanwhile: the response goes out as the handler made it, and no cookie with it.
    if (error instanceof SessionGoneError) return this.#additions(core, undefined)
    if (!known) throw error
    // The handler's answer stays: it was told, and is not told again.
    this.report(error)
    return this.#additions(core, core.dueCookie())
  }

  /** For a client that won't get a cookie no new session is stored, and one that is keeps its id. */
  #saveAbandoned(core: Session<Data>): MaybePromise<undefined> {
    const saved = core.detached ? core.commit() : core.needsCookie ? undefined : core.save()
    return isPromise(saved) ? saved.then(() => undefined) : undefined
  }

  headFailed(error: unknown): void {
    if (this.#abandoned) {
      this.report(error)
      return
    }
    this.#addWhatIsDone()
    try {
      this.#answerError(error)
    } catch (thrown) {
      // Nobody stands above: a commit may end when nobody's call is under way any more.
      this.report(thrown)
      answerPlainly(this.#res)
    }
  }

  /** The error's answer carries what was saved before the failure: a new id that it left out would be lost. */
  #addWhatIsDone(): void {
    const core = this.openedCore
    const additions = core && this.#additions(core, core.dueCookie())
    if (additions) addToHead(this.#res, additions)
  }

  #closed(core: Session<Data>): void {
    const { state } = this.#head
    if (state === 'open' || state === 'committing') this.#abandoned = true
    if (state === 'open') this.#saveWhatThereIs(core)
    // Changes deep inside of values, which nobody saw being made.
    if (state === 'passed' && !this.#abandoned && core.changed && !this.own.handlerKnows(core)) {
      this.#lateChanges.look(core)
    }
  }

  async #saveWhatThereIs(core: Session<Data>): Promise<void> {
    try {
      await this.#saveAbandoned(core)
    } catch (error) {
      this.report(error)
    }
  }

  /** A client that has gone would not get one either way. */
  get #cookieCanFollow(): boolean {
    return this.#head.state === 'open' || this.#abandoned
  }

  /** What is changed from now on is not committed. */
  get #tooLate(): boolean {
    const { state } = this.#head
    return (state === 'passed' || state === 'committing') && !this.#abandoned
  }

  get #lateChanges(): LateChanges<Data> {
    this.#late ??= new LateChanges(this.#head, (session, at) => this.tellOfUnsaved(session, at, LATE_CHANGE))
    return this.#late
  }
}
