import type { IncomingMessage, ServerResponse } from 'node:http'
import { attempt, type MaybePromise, outcomeOf, run, type Steps, settled } from '../../contract/wait.ts'
import type { Secret } from '../../cookie/signature.ts'
import { SessionGoneError } from '../../errors.ts'
import type { Texts } from '../kept/difference.ts'
import { type AddsToHead, type HeadHost, watchHeadApart } from '../node/response/head.ts'
import { HeadAdditions } from '../request/head-additions.ts'
import { ended } from './answer.ts'
import { setCookieLine } from './cookie.ts'
import { holdLateEnd } from './late-end.ts'
import type { Checked } from './options.ts'
import { isHttps } from './secure.ts'
import type { Callback, Session, SessionRequest, StoredSession } from './session.ts'
import { signed } from './sid.ts'
import { haveChanged, NO_TEXTS, textsOf } from './texts.ts'
import { watchUpgradeHead } from './upgrade-head.ts'

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

/** Whose `req.session` is: of the middlewares that a request has met the last one. */
const LATEST = new WeakMap<object, ServedRequest>()

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
  /** What is in the store, as far as this request has had to do with it, and of which session it is. */
  #saved: Texts | undefined
  #savedId: string | undefined
  /** Saves that the handler has begun. */
  readonly #underWay = new Set<Promise<void>>()
  /** The last save of it has failed. */
  #unsaved: Session | undefined
  #touched = false
  /** The head could not leave as the handler made it. */
  #hasFailed = false

  constructor(served: Served) {
    this.options = served.options
    this.#served = served
    LATEST.set(served.req, this)
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
    const session = this.options.store.createSession(req, data)
    this.#originalId = req.sessionID
    this.#original = this.#loaded(session)
    this.#wrap(session)
  }

  /** Of a session that the store has just given: its values. */
  #loaded(session: Session): Texts {
    const texts = this.options.untorn?.textsOf(session) ?? textsOf(session)
    if (!this.options.resave) this.#isSaved(session, texts)
    return texts
  }

  #isSaved(session: Session, texts: Texts | undefined): void {
    this.#saved = texts
    this.#savedId = session.id
  }

  watch(res: ServerResponse): void {
    holdLateEnd(res, {
      isLate: () => res.headersSent && !this.#hasFailed,
      save: () => run(this.#commitLate()),
      tell: (error) => this.#tell(error),
    })
    watchHeadApart(res, this)
  }

  watchUpgrade(res: Partial<ServerResponse>): void {
    watchUpgradeHead(res, () => this.#cookieAtOnce())
  }

  #cookieAtOnce(): AddsToHead | undefined {
    const { session } = this.#served.req
    const additions = session ? this.#dueCookie(session) : undefined
    void attempt(
      () => run(this.#commit()),
      (error) => this.#tell(error),
    )
    return additions
  }

  #dueCookie(session: Session): AddsToHead | undefined {
    const now = textsOf(session)
    this.#touch(session)
    return this.#isCookieDue(session, now) ? this.#cookie(session, this.#served.req.sessionID) : undefined
  }

  beforeHead(): MaybePromise<AddsToHead | undefined> {
    return run(this.#commit())
  }

  headFailed(error: unknown): void {
    this.#hasFailed = true
    this.#tell(error)
  }

  headStays(): void {}

  *#commit(): Steps<AddsToHead | undefined> {
    for (const saving of this.#underWay) yield saving
    const { req } = this.#served
    const { sessionID } = req
    if (this.#isOfAnother) return undefined
    if (this.#isToDestroy) {
      yield* this.#told((done) => this.options.store.destroy(sessionID, done))
      return undefined
    }
    const { session } = req
    if (!session) return undefined
    const now = textsOf(session)
    this.#touch(session)
    const [isKnown, isToSave] = [this.#showsIt, this.#isToSave(session, now)]
    const sendsCookie = this.#isCookieDue(session, now)
    if (isToSave) yield* this.#told((done) => void session.save(done))
    else if (isKnown) yield* this.#noteUse(session)
    if (!sendsCookie) return undefined
    const isThere = isToSave || !isKnown ? this.#isStored(session) : yield* this.#isFound(session)
    return isThere ? this.#cookie(session, sessionID) : undefined
  }

  *#noteUse(session: Session): Steps<void> {
    const { store } = this.options
    if (store.touch === undefined) return
    yield* this.#told((done) => store.touch!(session.id, session as unknown as StoredSession, done))
  }

  /** As far as its last save tells. One that could not be saved may have been ended, or never be found. */
  #isStored(session: Session): boolean {
    return !this.#isGone(session) && this.#unsaved !== session
  }

  /** Asks of a session of which nothing was written: it may have been replaced, and the browser have the new one's cookie. */
  *#isFound(session: Session): Steps<boolean> {
    const { untorn } = this.options
    if (untorn === undefined) return true
    const outcome = yield* settled(outcomeOf(() => untorn.has(session)))
    if (!outcome.done) this.#tell(outcome.error)
    return outcome.done && outcome.value
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

  /** The application has put this session away, and another middleware has given the request one of its own. */
  get #isOfAnother(): boolean {
    return LATEST.get(this.#served.req) !== this
  }

  /** Not where there never was one, as its store has failed. */
  get #isToDestroy(): boolean {
    const { req } = this.#served
    if (this.#originalId === undefined) return false
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
    return this.options.untorn?.isGone(session) === true
  }

  #cookie(session: Session, sessionID: string): AddsToHead | undefined {
    const { req, secrets } = this.#served
    const { name, proxy } = this.options
    if (session.cookie.secure && !isHttps(req, proxy)) return undefined
    try {
      const value = signed(sessionID, secrets[0]!)
      const { data } = session.cookie
      const line = setCookieLine(name, value, data)
      return new HeadAdditions([{ name, value, line, attributes: data as never }], true)
    } catch (error) {
      this.#tell(error)
      return undefined
    }
  }

  /** Notes what a session of the request's has saved; `req.session` may become another one by `reload` and `regenerate`. */
  #wrap(session: Session): void {
    const { req } = this.#served
    const { save, reload, regenerate } = session
    const own = (name: string, value: unknown) =>
      Object.defineProperty(session, name, { value, configurable: true, writable: true, enumerable: false })
    own('save', (callback?: Callback): Session => {
      if (this.#mustNotBegin(session)) {
        process.nextTick(callback ?? (() => {}), new SessionGoneError())
        return session
      }
      this.#save(session, save, callback)
      return session
    })
    own(
      'reload',
      (callback: Callback): Session =>
        reload.call(session, (error) => {
          if (!error && req.session && req.session !== session) {
            this.#loaded(req.session)
            this.#wrap(req.session)
          }
          callback(error)
        }),
    )
    own(
      'regenerate',
      (callback: Callback): Session =>
        regenerate.call(session, (error) => {
          if (req.session && req.session !== session) this.#wrap(req.session)
          callback(error)
        }),
    )
  }

  /** The head waits for it. What nobody else is told of is tried once more with the answer, which tells it then. */
  #save(session: Session, save: Session['save'], callback: Callback | undefined): void {
    const now = textsOf(session)
    this.#isSaved(session, now)
    let isOver = false
    let over = (): void => {}
    save.call(session, (error) => {
      isOver = true
      if (error) this.#unsaved = session
      else if (this.#unsaved === session) this.#unsaved = undefined
      if (error && callback === undefined && this.#saved === now) this.#saved = undefined
      over()
      callback?.(!error && this.#isGone(session) ? new SessionGoneError() : error)
    })
    if (isOver) return
    const saving = new Promise<void>((resolve) => {
      over = () => {
        this.#underWay.delete(saving)
        resolve()
      }
    })
    this.#underWay.add(saving)
  }

  /** What was changed after the head had left. */
  *#commitLate(): Steps<void> {
    for (const saving of this.#underWay) yield saving
    const { req, shown } = this.#served
    if (this.#isOfAnother) return
    if (this.#isToDestroy) return yield* this.#told((done) => this.options.store.destroy(req.sessionID, done))
    const { session } = req
    // Of one that was never stored no cookie can be sent any more: nobody would find it.
    if (!session || (shown !== session.id && this.#savedId !== session.id)) return
    const now = textsOf(session)
    if (this.#isToSave(session, now)) yield* this.#told((done) => void session.save(done))
  }
}
