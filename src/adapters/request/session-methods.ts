import { inspect } from 'node:util'
import { isPromise, type MaybePromise } from '../../contract/wait.ts'
import type { Duration } from '../../options/duration.ts'
import type { Session } from '../../session/session.ts'
import type { AnyData, KeyOf } from '../../values/data.ts'
import { type Callback, tell } from './callback.ts'
import { type SessionCookie, sessionCookie } from './session-cookie.ts'
import type { Explicit, SessionOwner } from './host.ts'
import { isThere, orGone } from '../node/still-there.ts'
import { quietly, ToldPromise } from './told-promise.ts'

/**
 * What `req.session` has beside its values. These names win over values of the same name, which
 * `req.session.get(name)` and `set(name, value)` reach. `save`, `regenerate`, `destroy`, `reload` and `touch` return a
 * promise, or take a callback in its place as express-session does. A promise of theirs that nobody waits for ends no
 * process: its error is the event `error`, if the commit does not meet it again.
 *
 * `save`, `regenerate` and `reload` promise whether the session is still there. `false`: it was signed out, has expired
 * or got another id meanwhile. Nothing was saved, nothing that is set from then on will be, and no cookie is sent; the
 * handler's answer goes out as it is. A callback gets `SessionGoneError` (`UNTORN_SESSION_GONE`) then.
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

  /**
   * Reads a value and removes it, in the store and at once: of all requests that try, one gets it. A store that answers
   * at once throws at once, too.
   */
  take<K extends KeyOf<Data>>(key: K): MaybePromise<Data[K] | undefined> {
    const taken = this.#core.take(key)
    return isPromise(taken) ? this.#untried(taken) : taken
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
   * `true`: whatever there was to save is stored. `false`: the session is gone, see above. What fails is tried again
   * before the response's head leaves. If it fails again, a handler that was told of it and changed nothing since keeps
   * its answer, and the event `error` tells why; any other gets the error's answer.
   */
  save(): Promise<boolean>
  save(callback: Callback): void
  save(callback?: Callback): Promise<boolean> | undefined {
    return this.#whileThere('save', (core) => core.save(), callback)
  }

  /**
   * A new id, at once, and the old one is dead: call it when somebody signs in or gains rights. The values stay, which
   * express-session's does not: call {@link clear} before it to begin with nothing. `false`: the session is gone, so
   * nobody is signed in. Once the response has begun no cookie can follow, and it is refused: `MisuseError`
   * (`UNTORN_MISUSE`).
   */
  regenerate(): Promise<boolean>
  regenerate(callback: Callback): void
  regenerate(callback?: Callback): Promise<boolean> | undefined {
    const work = (core: Session<Data>) => {
      core.regenerate()
      return core.save()
    }
    return this.#whileThere('regenerate', work, callback)
  }

  /** Ends the session at once and in every process. `req.session` is then a new, empty one. */
  destroy(): Promise<void>
  destroy(callback: Callback): void
  destroy(callback?: Callback): Promise<void> | undefined {
    const work = () => this.#owner.explicitly('destroy', () => this.#core.destroy())
    if (callback) return tell(this.#telling(callback), work)
    return this.#triedAgain((async () => work())())
  }

  /** Drops unsaved changes and reads the session again. `false`: it is gone, and what it had is dropped, too. */
  reload(): Promise<boolean>
  reload(callback: Callback): void
  reload(callback?: Callback): Promise<boolean> | undefined {
    return this.#whileThere('reload', (core) => core.reload(), callback)
  }

  /**
   * Counts as use: extends the session, with the option `rolling: false` too. It is written with the other changes;
   * where no answer will take it along, at once.
   */
  touch(): Promise<void>
  touch(callback: Callback): void
  touch(callback?: Callback): Promise<void> | undefined {
    const work = () => this.#touch()
    return callback ? tell(callback, work) : this.#untried((async () => work())())
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

  #touch(): MaybePromise<void> {
    const core = this.#core
    core.touch()
    // What is changed and not saved yet needs a save of its own, which takes it along.
    const waits = this.#owner.commitFollows || core.changed || core.isNew || core.detached
    return waits ? undefined : core.save()
  }

  #whileThere(
    what: Exclude<Explicit, 'destroy'>,
    work: (core: Session<Data>) => MaybePromise<void>,
    callback: Callback | undefined,
  ): Promise<boolean> | undefined {
    const core = this.#core
    const start = () =>
      orGone(
        core,
        this.#owner.explicitly(what, () => work(core)),
      )
    if (callback) return tell(this.#telling(callback), start)
    const promise = isThere(start)
    return what === 'reload' ? this.#untried(promise) : this.#triedAgain(promise)
  }

  /** A promise of what the commit does again if it fails. */
  #triedAgain<T>(work: Promise<T>): Promise<T> {
    const owner = this.#owner
    owner.unwatched(work)
    return new ToldPromise(work, { told: (error) => owner.told(error), unheard() {} })
  }

  /** A promise of what nobody does again. */
  #untried<T>(work: Promise<T>): Promise<T> {
    return quietly(work, (error) => this.#owner.unheard(error))
  }

  #telling(callback: Callback): Callback {
    return (error) => {
      if (error !== undefined) this.#owner.told(error)
      callback(error)
    }
  }
}
