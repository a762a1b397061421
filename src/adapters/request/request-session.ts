import { inspect } from 'node:util'
import { type SessionKey, shortKey } from '../../contract/key.ts'
import { after, attempt, isPromise, type MaybePromise } from '../../contract/wait.ts'
import { MisuseError, SessionGoneError } from '../../errors.ts'
import { warnOnce } from '../../events/warn-once.ts'
import type { SessionEnd } from '../../session/ends.ts'
import type { Session } from '../../session/session.ts'
import type { SessionState } from '../../session/state.ts'
import { STATE } from '../../session/view-symbols.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import { ContextOf } from './context-of.ts'
import { tellOfFailure } from './failure.ts'
import type { Explicit, Framework, SessionHost } from './host.ts'
import { keptView } from './kept-view.ts'
import { LateChanges, type Watched } from './late-changes.ts'
import { OwnSave } from './own-save.ts'
import { type PlainSession, plainSession } from './plain-session.ts'
import { SessionMethods } from './session-methods.ts'

// A browser sends a cookie with such a name over https alone.
const SECURE_NAME = /__(?:Host|Secure)-/

/** A warning of a change that was not saved: its code, and what follows on "A session was changed at that line". */
export interface UnsavedChange {
  readonly code: `UNTORN_${string}`
  readonly rest: string
}

/**
 * The session of one request, whatever serves it: opened when it is first needed. What becomes of its changes, its
 * kinds say: `answered-session.ts`, `unanswered-session.ts` and `message-session.ts`.
 */
export abstract class RequestSession<Data extends object, Req> implements SessionHost, Watched {
  protected readonly sessions: Sessions<Data>
  protected readonly framework: Framework<Req>
  protected readonly req: Req
  protected readonly own = new OwnSave()
  protected secure = false
  /** What is late is told by it: a store that loads at once is asked when a handler is, maybe much later. */
  readonly #arrivedAt = Date.now()
  /** Whether the answer that is being made is kept for all who show the same cookie. Throws where it is kept for everybody. */
  isKept: (() => boolean) | undefined
  #methods: SessionMethods<Data> | undefined
  #plain: PlainSession<Data> | undefined
  /** What was stored under the cookie that the request came with. */
  #openedKey: SessionKey | undefined
  #late: LateChanges | undefined
  #preparing: MaybePromise<void> = undefined
  /** What was being prepared could not be loaded. */
  #hasFailed = false

  constructor(sessions: Sessions<Data>, framework: Framework<Req>, req: Req) {
    this.sessions = sessions
    this.framework = framework
    this.req = req
  }

  /** Opens what a handler that asks for the session could not wait for. */
  prepare(): MaybePromise<void> {
    if (this.sessions.store.loadsAtOnce || this.framework.cookieOf(this.req) === undefined) return undefined
    // Asked for a second time by a mount that finds it there.
    if (this.#methods !== undefined) return undefined
    this.#preparing ??= this.#opening()
    return this.#preparing
  }

  #opening(): MaybePromise<void> {
    const opening = after(this.open(), (session) => void this.#keep(session))
    // Noted before anybody is told: several may wait for it, and the first that asks once more has it loaded anew.
    if (isPromise(opening)) {
      opening.then(undefined, () => {
        if (this.#preparing === opening) this.#hasFailed = true
      })
    }
    return opening
  }

  /** Who has waited for {@link prepare} is through: where it has failed, whoever asks next is not told the failure of before. */
  forgetFailure(): void {
    if (this.#hasFailed && this.#methods === undefined) this.#forget()
  }

  /**
   * {@link prepare} for a request that may have been opened long ago: its session as it is now. What nobody has saved is dropped, and
   * told. One that could not be loaded then is loaded now. How it has ended since, if it has.
   */
  prepareAnew(): MaybePromise<SessionEnd | undefined> {
    const state = this.openedState
    if (state !== undefined && !state.isDetached) return this.#endSince(state)
    if (state !== undefined) this.#forget()
    return attempt(
      () => after(this.prepare(), () => undefined),
      (error) => {
        this.forgetFailure()
        throw error
      },
    )
  }

  /** What was loaded, or could not be. */
  #forget(): void {
    this.#methods = undefined
    this.#plain = undefined
    this.#preparing = undefined
    this.#hasFailed = false
  }

  #endSince(state: SessionState): MaybePromise<SessionEnd | undefined> {
    // Of a request that is being answered it is as new as is needed, and its changes are still to be saved.
    if (this.commitFollows || (state.lastStored === undefined && !state.isGone)) return undefined
    this.lookForUnsaved()
    return endSince(this.methods)
  }

  /** It is one of these sessions. */
  isOf(sessions: object): boolean {
    return Object.is(this.sessions, sessions)
  }

  /**
   * A request that shows this Cookie header would have the same session, whatever else it shows: who fetches from within, or keeps
   * answers, writes the header anew.
   */
  isOfVisitor(header: string | undefined): boolean {
    const own = this.framework.cookieOf(this.req)
    if ((own || undefined) === (header || undefined)) return true
    const { cookie } = this.state.policy
    // Read as one or the other where nobody can tell, as it was when it was opened.
    const asEither = !this.secure && this.framework.isSecure(this.req) === undefined
    return (asEither ? [true, false] : [this.secure]).every((secure) => cookie.showsSame(own, header, secure))
  }

  /** The cookie that it is found by. */
  get cookie(): Sessions['cookie'] {
    return this.sessions.cookie
  }

  /** The session by its methods. Throws what the store throws: it is met where the session is asked for. */
  get methods(): SessionMethods<Data> {
    return this.#methods ?? this.#keep(this.#openNow())
  }

  /** The same with its values as properties. */
  get plain(): PlainSession<Data> {
    if (this.isKept?.()) return this.kept
    this.#plain ??= plainSession<Data>(this.methods)
    return this.#plain
  }

  /** The same for a handler whose answer is kept for all who show the same cookie. Throws {@link MisuseError}, see {@link keptView}. */
  get kept(): PlainSession<Data> {
    return keptView<Data>(this.state, this.#openedKey, this)
  }

  abstract readonly commitFollows: boolean
  abstract beforeChange(): void
  abstract explicitly(what: Explicit, work: () => MaybePromise<void>): MaybePromise<void>
  abstract unwatched(work: Promise<unknown>): void
  /** It was opened. */
  protected abstract opened(state: SessionState): void
  /** Answers an error where nobody else does. */
  protected abstract answerFailure(error: unknown): void
  /** What is changed now is saved by nobody but the handler. */
  abstract readonly onlyHandlerSaves: boolean
  /** What to say of such a change. */
  protected abstract readonly unsavedChange: UnsavedChange

  get hasUnsaved(): boolean {
    return this.state.changed
  }

  /** It could not be opened, or saved, and nobody stands above. */
  loadFailed(error: unknown): void {
    tellOfFailure(this.sessions, 'session', error)
    this.answerFailure(error)
  }

  /** The handler has thrown this, or rejected with it, and nobody stands above. */
  handlerFailed(error: unknown): void {
    tellOfFailure(this.sessions, 'handler', error)
    this.answerFailure(error)
  }

  told(error: unknown): void {
    this.own.told(error)
  }

  unheard(error: unknown): void {
    this.report(error)
  }

  /** The state as it is now. */
  get state(): SessionState {
    return this.methods[STATE]
  }

  /** `undefined` until somebody has asked for the session. */
  protected get openedState(): SessionState | undefined {
    return this.#methods?.[STATE]
  }

  protected open(): MaybePromise<Session<Data>> {
    const secure = this.framework.isSecure(this.req)
    return secure === undefined ? this.openAsEither() : this.openAs(secure)
  }

  /**
   * Where a proxy ends TLS nothing here may say that the client came over https, but the name of its cookie does, and
   * nobody but the server over https can have set one of that name.
   */
  protected openAsEither(): MaybePromise<Session<Data>> {
    if (!SECURE_NAME.test(this.framework.cookieOf(this.req) ?? '')) return this.openAs(false)
    return after(this.openAs(true), (session) => (session.isNew ? this.openAs(false) : session))
  }

  protected openAs(secure: boolean): MaybePromise<Session<Data>> {
    this.secure = secure
    const context = new ContextOf(this.framework, this.req, secure, this.#arrivedAt)
    return this.sessions.open(this.framework.cookieOf(this.req), context)
  }

  /** A request has it, and whoever prints that: it leads to the request's cookie, and to what is sent. */
  [inspect.custom](): string {
    return '[the session of a request]'
  }

  toJSON(): undefined {}

  protected report(error: unknown): void {
    // That it is gone was reported where it was found.
    if (!(error instanceof SessionGoneError)) this.sessions.report({ type: 'error', error })
  }

  protected get lateChanges(): LateChanges {
    this.#late ??= new LateChanges(this)
    return this.#late
  }

  /** To be called where a commit is over. */
  protected lookForLateChanges(): void {
    this.#late?.committed()
  }

  /** Tells of what nobody has saved, changes deep inside of values included, which nobody saw being made. */
  protected lookForUnsaved(): void {
    if (this.openedState?.changed && !this.own.handlerKnows(this.methods)) this.lateChanges.look()
  }

  tellOfUnsaved(at: string | undefined): void {
    const key = shortKey(this.state.key)
    const { code, rest } = this.unsavedChange
    this.sessions.report(at === undefined ? { type: 'late-change', key } : { type: 'late-change', key, at })
    warnOnce(code, `A session was changed${at === undefined ? '' : ` at ${at}`} ${rest}`)
  }

  #openNow(): Session<Data> {
    const opened = this.open()
    if (!isPromise(opened)) return opened
    opened.catch(() => {}) // nobody is to get it: the store is what is wrong
    throw new MisuseError('The store says that it `loadsAtOnce`, and its `load` returned a promise.')
  }

  #keep(session: Session<Data>): SessionMethods<Data> {
    this.#methods = new SessionMethods<Data>(session[STATE], this)
    this.#openedKey = session[STATE].lastStored?.key
    this.opened(session[STATE])
    return this.#methods
  }
}

/** Loads it anew. Who listens by then is told how it has ended, if it has. */
async function endSince<Data extends object>(session: SessionMethods<Data>): Promise<SessionEnd | undefined> {
  let stop = (): void => {}
  const ended = new Promise<SessionEnd>((told) => {
    stop = session.onEnd(told)
  })
  try {
    return (await session.reload()) ? undefined : await ended
  } finally {
    stop()
  }
}
