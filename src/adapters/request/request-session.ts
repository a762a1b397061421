import type { IncomingMessage } from 'node:http'
import { sessionKey, shortKey } from '../../contract/key.ts'
import { isPromise, type MaybePromise } from '../../contract/wait.ts'
import { MisuseError, SessionGoneError } from '../../errors.ts'
import { warnOnce } from '../../events/warn-once.ts'
import type { Session } from '../../session/session.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import { tellOfFailure } from './failure.ts'
import { OwnSave } from './own-save.ts'
import { type PlainSession, plainSession } from './plain-session.ts'
import type { Explicit, SessionOwner } from './host.ts'

/** What the session of a request has to know of the framework that serves it. */
export interface Framework {
  /** Whether the request came over https. */
  isSecure(req: IncomingMessage): boolean
  /** A cookie is set, and the request did not come over https as far as the framework knows. */
  onInsecureCookie(req: IncomingMessage): void
}

/** A warning of a change that was not saved: its code, and what follows on "A session was changed at that line". */
export interface UnsavedChange {
  readonly code: `UNTORN_${string}`
  readonly rest: string
}

/** The session of one request: opened when it is first needed. What becomes of its changes, its two kinds say. */
export abstract class RequestSession<Data extends object> implements SessionOwner<Data> {
  protected readonly sessions: Sessions<Data>
  protected readonly framework: Framework
  protected readonly req: IncomingMessage
  protected readonly own = new OwnSave<Data>()
  protected secure = false
  /** What is late is told by it: a store that loads at once is asked when a handler is, maybe much later. */
  readonly #arrivedAt = Date.now()
  #core: Session<Data> | undefined
  #plain: PlainSession<Data> | undefined

  constructor(sessions: Sessions<Data>, framework: Framework, req: IncomingMessage) {
    this.sessions = sessions
    this.framework = framework
    this.req = req
  }

  /** Opens what a handler that asks for `req.session` could not wait for. */
  prepare(): MaybePromise<void> {
    if (this.sessions.store.loadsAtOnce || this.req.headers.cookie === undefined) return undefined
    const opened = this.open()
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

  abstract readonly commitFollows: boolean
  abstract beforeChange(): void
  abstract explicitly(what: Explicit, work: () => MaybePromise<void>): MaybePromise<void>
  abstract unwatched(work: Promise<unknown>): void
  /** It was opened. */
  protected abstract opened(core: Session<Data>): void
  /** Answers where nobody else does. */
  protected abstract answerFailure(): void

  /** It could not be opened, and nobody stands above. */
  loadFailed(error: unknown): void {
    tellOfFailure(this.sessions, 'session', error)
    this.answerFailure()
  }

  /** The handler has thrown this, or rejected with it, and nobody stands above. */
  handlerFailed(error: unknown): void {
    tellOfFailure(this.sessions, 'handler', error)
    this.answerFailure()
  }

  told(error: unknown): void {
    this.own.told(error)
  }

  unheard(error: unknown): void {
    this.report(error)
  }

  /** `undefined` until somebody has asked for it. */
  protected get openedCore(): Session<Data> | undefined {
    return this.#core
  }

  protected open(): MaybePromise<Session<Data>> {
    return this.openAs(this.framework.isSecure(this.req))
  }

  protected openAs(secure: boolean): MaybePromise<Session<Data>> {
    this.secure = secure
    return this.sessions.open(this.req.headers.cookie, { secure, arrivedAt: this.#arrivedAt })
  }

  protected report(error: unknown): void {
    // That it is gone was reported where it was found.
    if (!(error instanceof SessionGoneError)) this.sessions.report({ type: 'error', error })
  }

  protected tellOfUnsaved(
    session: Session<Data>,
    at: string | undefined,
    { code, rest }: UnsavedChange,
  ): void {
    const key = shortKey(sessionKey(session.id))
    this.sessions.report(at === undefined ? { type: 'late-change', key } : { type: 'late-change', key, at })
    warnOnce(code, `A session was changed${at === undefined ? '' : ` at ${at}`} ${rest}`)
  }

  #openAtOnce(): Session<Data> {
    const opened = this.open()
    if (!isPromise(opened)) return opened
    opened.catch(() => {}) // nobody is to get it: the store is what is wrong
    throw new MisuseError('The store says that it `loadsAtOnce`, and its `load` returned a promise.')
  }

  #keep(session: Session<Data>): Session<Data> {
    this.#core = session
    this.opened(session)
    return session
  }
}
