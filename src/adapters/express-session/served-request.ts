import type { IncomingMessage, ServerResponse } from 'node:http'
import { isPromise, type MaybePromise, run, type Steps, settled } from '../../contract/wait.ts'
import { SessionGoneError } from '../../errors.ts'
import { type AddsToHead, type HeadHost, watchHead } from '../node/response/head.ts'
import { HeadAdditions } from '../request/head-additions.ts'
import { ended } from './answer.ts'
import { setCookieLine } from './cookie.ts'
import type { Checked } from './options.ts'
import { isHttps } from './secure.ts'
import type { Callback, Session, SessionRequest, StoredSession } from './session.ts'
import { type Secret, signed } from './sid.ts'
import { haveChanged, NO_TEXTS, type Texts, textsOf } from './texts.ts'
import { UntornStore } from './untorn-store.ts'

/** A request as the middleware makes it. */
export type RequestWithSession = IncomingMessage & SessionRequest & { secret?: string; originalUrl?: string }

/** What a request brings along. */
interface Served {
  readonly options: Checked
  readonly secrets: readonly Secret[]
  readonly req: RequestWithSession
  /** The id that its cookie shows. */
  readonly shown: string | undefined
  /** Where an error of the store goes. */
  readonly next: (error?: unknown) => void
}

/**
 * One request of the middleware: what its session was at the start, and what is done about it before the head of the answer
 * leaves. Whether something is saved, and whether a cookie is sent, is decided as express-session does.
 */
export class ServedRequest implements HeadHost {
  readonly options: Checked
  readonly arrivedAt = Date.now()
  /** It shows an id that was replaced: it must not begin a session, whose cookie would take the place of the new one's. */
  isLate = false
  readonly #served: Served
  #originalId: string | undefined
  #original: Texts = NO_TEXTS
  /** What is in the store, as far as this request has had to do with it. */
  #saved: Texts | undefined
  #touched = false

  constructor(served: Served) {
    this.options = served.options
    this.#served = served
  }

  /** Has a new session. */
  begin(): void {
    const { req } = this.#served
    this.options.store.generate(req)
    const session = req.session!
    this.#originalId = req.sessionID
    this.#original = textsOf(session)
    this.#wrap(session)
  }

  /** Has the session that the store had under its id. */
  found(data: StoredSession): void {
    const { req } = this.#served
    const { store, resave } = this.options
    const session = store.createSession(req, data)
    this.#originalId = req.sessionID
    this.#original = this.#handedOut(session) ?? textsOf(session)
    if (!resave) this.#saved = this.#original
    this.#wrap(session)
  }

  #handedOut(session: Session): Texts | undefined {
    const { store } = this.options
    return store instanceof UntornStore ? store.textsOf(session) : undefined
  }

  watch(res: ServerResponse): void {
    this.#saveBeforeEnd(res)
    watchHead(res, this)
  }

  beforeHead(): MaybePromise<AddsToHead | undefined> {
    return run(this.#commit())
  }

  headFailed(error: unknown): void {
    this.#tell(error)
  }

  headStays(): void {}

  *#commit(): Steps<AddsToHead | undefined> {
    if (this.#isToDestroy) {
      const { req } = this.#served
      yield* this.#told((done) => this.options.store.destroy(req.sessionID, done))
      return undefined
    }
    const { session } = this.#served.req
    if (!session) return undefined
    const now = textsOf(session)
    this.#touch(session)
    const sendsCookie = this.#isCookieDue(session, now)
    yield* this.#keep(session, now)
    return sendsCookie && !this.#isGone(session) ? this.#cookie(session) : undefined
  }

  /** Saves what has changed, or notes that the session was used. */
  *#keep(session: Session, now: Texts): Steps<void> {
    const { store } = this.options
    if (this.#isToSave(session, now)) {
      yield* this.#told((done) => void session.save(done))
    } else if (store.touch !== undefined && this.#showsIt) {
      const { sessionID } = this.#served.req
      yield* this.#told((done) => store.touch!(sessionID, session as unknown as StoredSession, done))
    }
  }

  /** What fails is told to whoever stands above; the answer is the handler's all the same. */
  *#told(call: (done: Callback) => void): Steps<void> {
    const outcome = yield* settled(ended(call))
    if (!outcome.done) this.#tell(outcome.error)
  }

  /** Later: nobody's call is under way then, and the answer has left. */
  #tell(error: unknown): void {
    // Signed out elsewhere meanwhile: the answer is as the handler made it.
    if (!(error instanceof SessionGoneError)) setImmediate(this.#served.next, error)
  }

  #touch(session: Session): void {
    if (this.#touched) return
    session.touch()
    this.#touched = true
  }

  get #isToDestroy(): boolean {
    const { req } = this.#served
    return Boolean(req.sessionID) && this.options.unsetDestroys && (req.session ?? null) === null
  }

  /** The client has the cookie of the very session. */
  get #showsIt(): boolean {
    const { req, shown } = this.#served
    return typeof req.sessionID === 'string' && shown === req.sessionID
  }

  #isModified(session: Session, now: Texts): boolean {
    return this.#originalId !== session.id || haveChanged(this.#original, now)
  }

  #isToSave(session: Session, now: Texts): boolean {
    const { req } = this.#served
    // Without an id no cookie could be sent.
    if (typeof req.sessionID !== 'string' || this.#mustNotBegin(session)) return false
    if (!this.options.saveUninitialized && this.#saved === undefined && !this.#showsIt) {
      return this.#isModified(session, now)
    }
    return this.#originalId !== session.id || this.#saved === undefined || haveChanged(this.#saved, now)
  }

  #isCookieDue(session: Session, now: Texts): boolean {
    const { saveUninitialized, rolling } = this.options
    const { req } = this.#served
    if (typeof req.sessionID !== 'string' || this.#mustNotBegin(session)) return false
    if (!this.#showsIt) return saveUninitialized || this.#isModified(session, now)
    return rolling || ((session.cookie.expires ?? null) !== null && this.#isModified(session, now))
  }

  /** It is the session of a late request, which has not asked for one in so many words (`regenerate`). */
  #mustNotBegin(session: Session): boolean {
    return this.isLate && session.id === this.#originalId
  }

  #isGone(session: Session): boolean {
    const { store } = this.options
    return store instanceof UntornStore && store.isGone(session)
  }

  #cookie(session: Session): AddsToHead | undefined {
    const { req, secrets } = this.#served
    const { name, proxy } = this.options
    if (session.cookie.secure && !isHttps(req, proxy)) return undefined
    try {
      const value = signed(req.sessionID, secrets[0]!)
      const { data } = session.cookie
      const line = setCookieLine(name, value, data)
      return new HeadAdditions([{ name, value, line, attributes: data as never }], true)
    } catch (error) {
      this.#tell(error)
      return undefined
    }
  }

  /** Notes what a session of the request's has saved; `req.session` may become another one by `reload`. */
  #wrap(session: Session): void {
    const { req } = this.#served
    const { save, reload } = session
    const own = (name: string, value: unknown) =>
      Object.defineProperty(session, name, { value, configurable: true, writable: true, enumerable: false })
    own('save', (callback?: Callback): Session => {
      if (this.#mustNotBegin(session)) {
        process.nextTick(callback ?? (() => {}), new SessionGoneError())
        return session
      }
      this.#saved = textsOf(session)
      return save.call(session, (error) => {
        const gone = !error && this.#isGone(session)
        callback?.(gone ? new SessionGoneError() : error)
      })
    })
    own(
      'reload',
      (callback: Callback): Session =>
        reload.call(session, (error) => {
          if (req.session && req.session !== session) this.#wrap(req.session)
          callback(error)
        }),
    )
  }

  /** Has what was changed after the head had left saved before the answer ends. */
  #saveBeforeEnd(res: ServerResponse): void {
    const end = res.end as (...args: unknown[]) => ServerResponse
    let ending = false
    const late = (args: unknown[]): unknown => {
      const saving = run(this.#commitLate())
      if (!isPromise(saving)) return end.apply(res, args)
      ending = true
      void saving.then(() => end.apply(res, args))
      return res
    }
    res.end = ((...args: unknown[]) => {
      if (ending) return res
      return res.headersSent ? late(args) : end.apply(res, args)
    }) as typeof res.end
  }

  *#commitLate(): Steps<void> {
    const { req, shown } = this.#served
    if (this.#isToDestroy) return yield* this.#told((done) => this.options.store.destroy(req.sessionID, done))
    const { session } = req
    // Of one that was never stored no cookie can be sent any more: nobody would find it.
    if (!session || (shown !== req.sessionID && this.#saved === undefined)) return
    const now = textsOf(session)
    if (this.#isToSave(session, now)) yield* this.#told((done) => void session.save(done))
  }
}
