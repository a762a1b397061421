import type { IncomingMessage, ServerResponse } from 'node:http'
import { MisuseError, SessionGoneError } from '../../errors.ts'
import { sessionKey, shortKey } from '../../record/key.ts'
import { isPromise, type MaybePromise } from '../../record/steps.ts'
import type { Session } from '../../session/session.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import { type Head, type HeadOwner, watchHead } from './head.ts'
import { addToHead, type HeadAdditions } from './headers.ts'
import { LateChanges } from './late-changes.ts'
import { OwnSave } from './own-save.ts'
import { type PlainSession, plainSession } from './plain-session.ts'
import type { Explicit, SessionOwner } from './session-methods.ts'
import { warnOnce } from './warnings.ts'
import { withoutCookie } from './without-cookie.ts'

/** What the session of a request has to know of the framework that serves it. */
export interface Framework {
  /** Whether the request came over https. */
  isSecure(req: IncomingMessage): boolean
  /** A cookie is set, and the request did not come over https as far as the framework knows. */
  onInsecureCookie(req: IncomingMessage): void
}

/** The session of one request: opened when it is first needed, committed before the response's head leaves. */
export class RequestSession<Data extends object> implements SessionOwner<Data>, HeadOwner {
  readonly #sessions: Sessions<Data>
  readonly #framework: Framework
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  readonly #answerError: (error: unknown) => void
  readonly #head: Head
  readonly #own = new OwnSave<Data>()
  #core: Session<Data> | undefined
  #plain: PlainSession<Data> | undefined
  #late: LateChanges<Data> | undefined
  readonly #arrivedAt = Date.now()
  #secure = false
  #loadError: unknown
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
    this.#sessions = sessions
    this.#framework = framework
    this.#req = req
    this.#res = res
    this.#answerError = answerError
    this.#head = watchHead(res, this)
  }

  /** Opens what a handler that asks for `req.session` could not wait for. */
  prepare(): MaybePromise<void> {
    if (this.#sessions.store.loadsAtOnce || this.#req.headers.cookie === undefined) return undefined
    const opened = this.#open()
    if (isPromise(opened)) return opened.then((session) => void this.#keep(session))
    this.#keep(opened)
    return undefined
  }

  get core(): Session<Data> {
    return this.#core ?? this.#keep(this.#openAtOnce())
  }

  /** Throws what the store throws: it is met where the session is asked for, not where the first value is. */
  get plain(): PlainSession<Data> {
    if (this.#core === undefined) this.#keep(this.#openAtOnce())
    this.#plain ??= plainSession<Data>(this)
    return this.#plain
  }

  beforeChange(): void {
    if (this.#tooLate) this.#lateChanges.beforeChange(this.core)
  }

  explicitly(what: Explicit, work: () => MaybePromise<void>): MaybePromise<void> {
    const { core } = this
    const refusal = this.#cookieCanFollow ? undefined : withoutCookie(what, core)
    if (refusal !== undefined) {
      // The commit that is under way may be what stores the session, and send its cookie.
      const committing = what === 'save' && this.#head.state === 'committing' ? this.#committing : undefined
      if (committing === undefined) throw new MisuseError(refusal)
      return committing.then(() => this.explicitly(what, work))
    }
    const run = what === 'reload' ? work : () => this.#own.run(core, work)
    return this.#tooLate ? this.#lateChanges.explicitly(run) : run()
  }

  unwatched(work: Promise<void>): void {
    // What failed is tried again before the head leaves, and its error is met there. Later nobody would hear of it.
    work.catch((error: unknown) => {
      if (this.#head.state !== 'open' || this.#abandoned) this.#report(error)
    })
  }

  told(error: unknown): void {
    this.#own.told(error)
  }

  /** Whether this is what `req.session` threw because the store could not be read. */
  isLoadError(error: unknown): boolean {
    return error !== undefined && error === this.#loadError
  }

  #open(): MaybePromise<Session<Data>> {
    this.#secure = this.#framework.isSecure(this.#req)
    return this.#sessions.open(this.#req.headers.cookie, { secure: this.#secure, arrivedAt: this.#arrivedAt })
  }

  #openAtOnce(): Session<Data> {
    let opened: MaybePromise<Session<Data>>
    try {
      opened = this.#open()
    } catch (error) {
      this.#loadError = error
      throw error
    }
    if (!isPromise(opened)) return opened
    opened.catch(() => {})
    throw new MisuseError('The store says that it `loadsAtOnce`, and its `load` returned a promise.')
  }

  #keep(session: Session<Data>): Session<Data> {
    this.#core = session
    this.#abandoned = this.#res.destroyed && this.#head.state === 'open'
    this.#res.on('close', () => this.#closed(session))
    return session
  }

  beforeHead(): MaybePromise<HeadAdditions | undefined> {
    if (!Object.hasOwn(this.#req, 'session')) {
      throw new MisuseError(
        '`delete req.session` does not end a session, and what was changed in it was not saved. ' +
          'Call `req.session.destroy()`.',
      )
    }
    const core = this.#core
    if (core === undefined) return undefined
    const known = this.#own.handlerKnows(core)
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
    if (!this.#secure) this.#framework.onInsecureCookie(this.#req)
    return { setCookie, varies: true }
  }

  #afterFailure(core: Session<Data>, error: unknown, known: boolean): HeadAdditions | undefined {
    // Signed out elsewhere meanwhile: the response goes out as the handler made it, and no cookie with it.
    if (error instanceof SessionGoneError) return this.#additions(core, undefined)
    if (!known) throw error
    // The handler's answer stays: it was told, and is not told again.
    this.#report(error)
    return this.#additions(core, core.dueCookie())
  }

  /** A new session is not stored for a client that won't get its cookie. */
  #saveAbandoned(core: Session<Data>): MaybePromise<undefined> {
    const saved = core.detached ? core.commit() : core.isNew && core.changed ? undefined : core.save()
    return isPromise(saved) ? saved.then(() => undefined) : undefined
  }

  headFailed(error: unknown): void {
    if (this.#abandoned) {
      this.#report(error)
      return
    }
    this.#addWhatIsDone()
    this.#answerError(error)
  }

  /** The error's answer carries what was saved before the failure: a new id that it left out would be lost. */
  #addWhatIsDone(): void {
    const core = this.#core
    const additions = core && this.#additions(core, core.dueCookie())
    if (additions) addToHead(this.#res, additions)
  }

  #closed(core: Session<Data>): void {
    const { state } = this.#head
    if (state === 'open' || state === 'committing') this.#abandoned = true
    if (state === 'open') this.#saveWhatThereIs(core)
    // Changes deep inside of values, which nobody saw being made.
    if (state === 'passed' && !this.#abandoned && core.changed && !this.#own.handlerKnows(core)) {
      this.#lateChanges.look(core)
    }
  }

  async #saveWhatThereIs(core: Session<Data>): Promise<void> {
    try {
      await this.#saveAbandoned(core)
    } catch (error) {
      this.#report(error)
    }
  }

  #report(error: unknown): void {
    // That it is gone was reported where it was found.
    if (!(error instanceof SessionGoneError)) this.#sessions.report({ type: 'error', error })
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
    this.#late ??= new LateChanges(this.#head, (session, at) => this.#tellOfLateChange(session, at))
    return this.#late
  }

  #tellOfLateChange(session: Session<Data>, at: string | undefined): void {
    const key = shortKey(sessionKey(session.id))
    this.#sessions.report(at === undefined ? { type: 'late-change', key } : { type: 'late-change', key, at })
    warnOnce(
      'UNTORN_LATE_CHANGE',
      `A session was changed${at === undefined ? '' : ` at ${at}`} after the response's head had left, and the ` +
        'change was not saved. Change it before answering, or call `await req.session.save()` after the change. ' +
        'What a cookie has to be sent for, a new session or a new id, can only come before the answer.',
    )
  }
}
