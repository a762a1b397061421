import { inspect } from 'node:util'
import { isPromise, type MaybePromise } from '../../record/steps.ts'
import type { AnyData, KeyOf } from '../../session/data.ts'
import type { Duration } from '../../session/duration.ts'
import type { Session } from '../../session/session.ts'
import { type SessionCookie, sessionCookie } from './session-cookie.ts'
import { ToldPromise } from './told-promise.ts'

/** Called later, never within the call that it is given to, with the error if there was one. */
// biome-ignore lint/suspicious/noExplicitAny: callbacks written for express-session declare the error as they like
export type Callback = (error?: any) => void

/** What a handler can ask for in so many words. */
export type Explicit = 'save' | 'regenerate' | 'destroy' | 'reload'

/** What the methods need of the request that the session belongs to. */
export interface SessionOwner<Data extends object = AnyData> {
  readonly core: Session<Data>
  /** Said before a value is changed: it may be too late for it. */
  beforeChange(): void
  /** Runs what saves or drops changes because the handler asks for it in so many words. Throws `MisuseError`. */
  explicitly(what: Explicit, work: () => MaybePromise<void>): MaybePromise<void>
  /** The promise of such work is the handler's now, who may never look at it. */
  unwatched(work: Promise<void>): void
  /** The handler has got this error of such work. */
  told(error: unknown): void
}

/**
 * What `req.session` has beside its values. These names win over values of the same name, which
 * `req.session.get(name)` and `set(name, value)` reach. `save`, `regenerate`, `destroy`, `reload` and `touch` return a
 * promise, or take a callback in its place as express-session does.
 */
export class SessionMethods<Data extends object = AnyData> {
  readonly #owner: SessionOwner<Data>
  #cookie: SessionCookie | undefined

  /** @internal */
  constructor(owner: SessionOwner<Data>) {
    this.#owner = owner
  }

  /** The secret that the cookie carries: never log it. Of a session that is not stored yet, the id it will get. */
  get id(): string {
    return this.#core.id
  }

  /** Nothing is stored under its id yet. */
  get isNew(): boolean {
    return this.#core.isNew
  }

  /** When it was first stored, in milliseconds since the epoch. For one that is not stored: now. */
  get createdAt(): number {
    return this.#core.createdAt
  }

  /** Until when it lives if nobody uses it again, in milliseconds since the epoch. */
  get expiresAt(): number {
    return this.#core.expiresAt
  }

  /** {@link expiresAt} as milliseconds from now; 0 at the least. */
  get expiresIn(): number {
    return this.#core.expiresIn
  }

  /** For code that was written for express-session. */
  get cookie(): SessionCookie {
    this.#cookie ??= sessionCookie(
      () => this.#core as unknown as Session,
      () => this.#changing as unknown as Session,
    )
    return this.#cookie
  }

  /** A value; `undefined` if there is none. The same as `req.session[key]`, for any key. */
  get<K extends KeyOf<Data>>(key: K): Data[K] | undefined {
    return this.#core.get(key)
  }

  has<K extends KeyOf<Data>>(key: K): boolean {
    return this.#core.has(key)
  }

  keys(): KeyOf<Data>[] {
    return this.#core.keys()
  }

  /** Sets a value; `undefined` deletes it. Throws `NotSerialisableError` (`UNTORN_NOT_SERIALISABLE`). */
  set<K extends KeyOf<Data>>(key: K, value: Data[K] | undefined): void {
    this.#changing.set(key, value)
  }

  /** Whether there was one. */
  delete<K extends KeyOf<Data>>(key: K): boolean {
    return this.#changing.delete(key)
  }

  /** Deletes every value. The session stays; {@link destroy} ends it. */
  clear(): void {
    this.#changing.clear()
  }

  /** Changes a value by what it is, exactly, however many requests do it at once: `fn` may run again on a conflict. */
  update<K extends KeyOf<Data>, Result extends Data[K] | undefined>(
    key: K,
    fn: (value: Data[K] | undefined) => Result,
  ): Result {
    return this.#changing.update(key, fn)
  }

  /** Sets a value that is meant to be shown once and fetched with {@link take}. */
  flash<K extends KeyOf<Data>>(key: K, value: Data[K] | undefined): void {
    this.#changing.flash(key, value)
  }

  /** Reads a value and removes it, in the store and at once: of all requests that try, one gets it. */
  take<K extends KeyOf<Data>>(key: K): MaybePromise<Data[K] | undefined> {
    return this.#core.take(key)
  }

  /** How long this session lives, in place of the options: see `Session.setExpiry`. */
  setExpiry(expiry: Duration | Date | 'browser' | undefined): void {
    this.#changing.setExpiry(expiry)
  }

  /** Sets a cookie to see whether it comes back: {@link testCookieWorked} says so in the next request. */
  setTestCookie(): void {
    this.#changing.setTestCookie()
  }

  testCookieWorked(): boolean {
    return this.#core.testCookieWorked()
  }

  deleteTestCookie(): void {
    this.#changing.deleteTestCookie()
  }

  /**
   * Saves what changed, now: for changes after the response, and before work that others will look at. A new session
   * can't be saved once the response has begun, when no cookie can follow: `MisuseError` (`UNTORN_MISUSE`).
   *
   * What fails is tried again before the response's head leaves. If it fails again, a handler that was told of it and
   * changed nothing since keeps its answer, and the event `error` tells why; any other gets the error's answer.
   */
  save(): Promise<void>
  save(callback: Callback): void
  save(callback?: Callback): Promise<void> | undefined {
    return this.#explicitly('save', (core) => core.save(), callback)
  }

  /**
   * A new id, at once, and the old one is dead: call it when somebody signs in or gains rights. The values stay, which
   * express-session's does not: call {@link clear} before it to begin with nothing. Once the response has begun no
   * cookie can follow, and it is refused: `MisuseError` (`UNTORN_MISUSE`).
   */
  regenerate(): Promise<void>
  regenerate(callback: Callback): void
  regenerate(callback?: Callback): Promise<void> | undefined {
    const work = (core: Session<Data>) => {
      core.regenerate()
      return core.save()
    }
    return this.#explicitly('regenerate', work, callback)
  }

  /** Ends the session at once and in every process. `req.session` is then a new, empty one. */
  destroy(): Promise<void>
  destroy(callback: Callback): void
  destroy(callback?: Callback): Promise<void> | undefined {
    return this.#explicitly('destroy', (core) => core.destroy(), callback)
  }

  /** Drops unsaved changes and reads the session again. */
  reload(): Promise<void>
  reload(callback: Callback): void
  reload(callback?: Callback): Promise<void> | undefined {
    return answer(() => this.#owner.explicitly('reload', () => this.#core.reload()), callback)
  }

  /** Counts as use: extends the session, with the option `rolling: false` too. */
  touch(): Promise<void>
  touch(callback: Callback): void
  touch(callback?: Callback): Promise<void> | undefined {
    return answer(() => this.#core.touch(), callback)
  }

  /** Every value, as an object of its own: for `JSON.stringify`. */
  toJSON(): Partial<Data> {
    const core = this.#core
    return Object.fromEntries(core.keys().map((key) => [key, core.get(key)])) as Partial<Data>
  }

  /** What `console.log` shows: the values, and nothing that could be used as a cookie. */
  [inspect.custom](): unknown {
    return this.toJSON()
  }

  get #core(): Session<Data> {
    return this.#owner.core
  }

  get #changing(): Session<Data> {
    this.#owner.beforeChange()
    return this.#owner.core
  }

  #explicitly(
    what: Explicit,
    work: (core: Session<Data>) => MaybePromise<void>,
    callback: Callback | undefined,
  ): Promise<void> | undefined {
    const owner = this.#owner
    const tell = (error: unknown) => owner.told(error)
    const start = () => owner.explicitly(what, () => work(this.#core))
    const promise = answer(start, callback && telling(callback, tell))
    if (promise === undefined) return undefined
    owner.unwatched(promise)
    return new ToldPromise(promise, tell)
  }
}

function telling(callback: Callback, tell: (error: unknown) => void): Callback {
  return (error) => {
    if (error !== undefined) tell(error)
    callback(error)
  }
}

/** A promise of work, or its end told to a callback. */
function answer(work: () => MaybePromise<void>, callback: Callback | undefined): Promise<void> | undefined {
  if (callback === undefined) return (async () => work())()
  // On a turn of its own: what a callback throws is not a failure of the work.
  const done = (error?: unknown) => process.nextTick(callback, error)
  try {
    const result = work()
    if (isPromise(result)) result.then(() => done(), done)
    else done()
  } catch (error) {
    done(error)
  }
  return undefined
}
