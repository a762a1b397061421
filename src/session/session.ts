import { knownToAllCopies } from '../across-copies.ts'
import type { MaybePromise } from '../contract/wait.ts'
import { InvalidOptionError } from '../errors.ts'
import type { Duration } from '../options/duration.ts'
import { type AnyData, isReserved, type KeyOf, reservedKeys } from '../values/data.ts'
import type { Values } from '../values/values.ts'
import type { SessionActions } from './actions.ts'
import type { SessionState } from './state.ts'

/**
 * What a handler holds of a session. Values are read and written at once, in memory; the store hears of it with
 * `commit()` (which an adapter calls before the response's head leaves) or `save()`. Where a method answers
 * `MaybePromise`, it is a value with a synchronous store and a promise with any other: `await` fits both.
 *
 * Sessions come from `sessions.open()`, never from `new`.
 */
export class Session<Data extends object = AnyData> {
  readonly #actions: SessionActions
  #state: SessionState

  /** @internal */
  constructor(actions: SessionActions, state: SessionState) {
    this.#actions = actions
    this.#state = state
  }

  /** The secret that the cookie carries: never log it. Of a session that is not stored yet, the id it will get. */
  get id(): string {
    return this.#state.id
  }

  /** Nothing is stored under its id yet. */
  get isNew(): boolean {
    return this.#state.stored === undefined
  }

  /** A value was read or written: the response depends on the cookie (`Vary: Cookie`). */
  get accessed(): boolean {
    return this.#state.accessed
  }

  /**
   * The store could not be read or written and the option `onStoreError` is `'anonymous'`: a new session in place of
   * the visitor's own, of which nothing is ever saved.
   * @internal
   */
  get detached(): boolean {
    return this.#state.detached !== undefined
  }

  /** There is something to save, changes deep inside a value included. */
  get changed(): boolean {
    const { stored, renewed, values, detached } = this.#state
    if (detached !== undefined) return false
    return stored === undefined ? values.hasContent : renewed || values.changed
  }

  /**
   * The next save would store it under an id that the client does not have yet: a cookie has to follow.
   * @internal
   */
  get needsCookie(): boolean {
    const { stored, renewed } = this.#state
    return stored === undefined ? this.changed : renewed
  }

  /**
   * The values that are changed, as a text to compare: the same text, the same changes.
   * @internal
   */
  get changes(): string {
    return this.detached ? '' : this.#state.values.changes
  }

  /** When it was first stored, in milliseconds since the epoch. For one that is not stored: now. */
  get createdAt(): number {
    return this.#state.stored?.record.createdAt ?? Date.now()
  }

  /**
   * Until when it lives if nobody uses it again, in milliseconds since the epoch. It is never cut
   * shorter. 0 once it is known to be gone.
   */
  get expiresAt(): number {
    return this.#actions.expiresAt(this.#state)
  }

  /** {@link expiresAt} as milliseconds from now; 0 at the least. */
  get expiresIn(): number {
    return Math.max(0, this.expiresAt - Date.now())
  }

  /**
   * A value; `undefined` if there is none. The same object every time, so that changing it in place is enough: what
   * changed is found when the session is saved.
   */
  get<K extends KeyOf<Data>>(key: K): Data[K] | undefined {
    return isReserved(key) ? undefined : (this.#values.get(key) as Data[K] | undefined)
  }

  has<K extends KeyOf<Data>>(key: K): boolean {
    return !isReserved(key) && this.#values.has(key)
  }

  keys(): KeyOf<Data>[] {
    return this.#values.keys().filter((key) => !isReserved(key)) as KeyOf<Data>[]
  }

  /**
   * Sets a value; `undefined` deletes it. If another request sets the same one, the last to be saved stays: see
   * {@link update} and the option `merge`.
   *
   * Throws `NotSerialisableError` for what can't be stored, `InvalidOptionError` for a key that begins with
   * `untorn:`.
   */
  set<K extends KeyOf<Data>>(key: K, value: Data[K] | undefined): void {
    this.#writable(key).set(key, value)
  }

  /** Whether there was one. */
  delete<K extends KeyOf<Data>>(key: K): boolean {
    return !isReserved(key) && this.#values.delete(key)
  }

  /** Deletes every value that this request sees. The session stays; {@link destroy} ends it. */
  clear(): void {
    for (const key of this.keys()) this.#values.delete(key)
  }

  /**
   * Changes a value by what it is: `session.update('views', (n = 0) => n + 1)`. Exact however many requests do it at
   * once: where others were first, `fn` runs again on what they made, so let it do nothing but compute. Returns what
   * is known now, which the save may find to be outdated. `undefined` from `fn` deletes.
   *
   * Throws as {@link set} does, and `MisuseError` for a function that returns a promise.
   */
  update<K extends KeyOf<Data>, Result extends Data[K] | undefined>(
    key: K,
    fn: (value: Data[K] | undefined) => Result,
  ): Result {
    return this.#writable(key).update(key, fn as (value: unknown) => unknown) as Result
  }

  /** {@link set}, said of a value that is meant to be shown once and fetched with {@link take}. */
  flash<K extends KeyOf<Data>>(key: K, value: Data[K] | undefined): void {
    this.set(key, value)
  }

  /**
   * Reads a value and removes it, in the store and at once: of all requests that try, one gets it, the others
   * `undefined`, and so does one whose session is gone. Throws `SessionConflictError` if others changed the session
   * at every try.
   */
  take<K extends KeyOf<Data>>(key: K): MaybePromise<Data[K] | undefined> {
    if (isReserved(key)) return undefined
    this.#state.accessed = true
    return this.#actions.take(this.#state, key) as MaybePromise<Data[K] | undefined>
  }

  /**
   * How long this session lives, in place of the options: a duration is its own idle timeout, a Date a fixed end that
   * use does not move, `'browser'` a cookie that ends with the browser, `undefined` the options again. Never beyond
   * the option `lifetime`.
   *
   * Throws `InvalidOptionError` for anything else, a Date in the past included.
   */
  setExpiry(expiry: Duration | Date | 'browser' | undefined): void {
    this.#values.set(reservedKeys.expiry, this.#actions.expiryText(expiry))
  }

  /** Sets a cookie to see whether it comes back: {@link testCookieWorked} says so in the next request. */
  setTestCookie(): void {
    this.#values.set(reservedKeys.testCookie, true)
  }

  /** Whether the client sent back the cookie of an earlier request that called {@link setTestCookie}. */
  testCookieWorked(): boolean {
    return this.#values.has(reservedKeys.testCookie) && this.#state.openedByCookie
  }

  deleteTestCookie(): void {
    this.#values.delete(reservedKeys.testCookie)
  }

  /**
   * A new id for the same values: call it when somebody signs in or gains rights, so that an id which was planted or
   * seen before is worthless. The next save carries it out and ends the old id; `createdAt` stays. Requests that arrived
   * before that, or within a few seconds after, and show the old id are anonymous and store nothing, so that they can't
   * cost the client the new one. Who shows it later never got the new one, and begins anew.
   *
   * Where another request has given the session a new id meanwhile (a second click on "sign in"), this one begins anew: a
   * session of its own, with what this request has set and nothing of what it had read.
   */
  regenerate(): void {
    this.#state.renewId()
    this.#state.asked = true
  }

  /** Counts as use: extends the session with the next save or commit, with the option `rolling: false` too. */
  touch(): void {
    this.#state.touched = true
  }

  /**
   * Ends the session at once and in every process; unsaved changes are dropped. The object is then a new, empty
   * session, stored if something is put in it. If it throws, the session may still be there: the next save or commit
   * tries again.
   */
  destroy(): MaybePromise<void> {
    this.#state = this.#state.afterDestroy()
    return this.#actions.destroy(this.#state)
  }

  /**
   * Saves what changed, now. Throws `SessionGoneError` if the session was destroyed elsewhere or has expired (nothing
   * of it is saved, it stays gone), `SessionConflictError` if others changed it at every try,
   * `SessionTooLargeError`, `NotSerialisableError`, and what the store throws; the changes then stay unsaved. Where the
   * option `onStoreError` has put a new session in place of one that could not be loaded, it always throws, as
   * {@link destroy} and {@link reload} do.
   */
  save(): MaybePromise<void> {
    return this.#actions.save(this.#state)
  }

  /** Drops unsaved values and reads the session again. Throws `SessionGoneError` if it is no longer there. */
  reload(): MaybePromise<void> {
    return this.#actions.reload(this.#state)
  }

  /**
   * {@link save} if there is anything to save, and the value of the `Set-Cookie` header to send; `undefined` if none
   * is needed, which is so for most requests.
   */
  commit(): MaybePromise<string | undefined> {
    return this.#actions.commit(this.#state)
  }

  /**
   * After a commit that failed: the `Set-Cookie` value for what had been saved before, a new id above all; `undefined`
   * if there is none. Send it with the error's answer, or the visitor loses the session.
   */
  dueCookie(): string | undefined {
    return this.#actions.dueCookie(this.#state)
  }

  get #values(): Values {
    this.#state.accessed = true
    return this.#state.values
  }

  #writable(key: string): Values {
    if (isReserved(key))
      throw new InvalidOptionError(key, 'session keys that begin with "untorn:" are the library\'s own')
    return this.#values
  }
}

knownToAllCopies(Session, 'Session')
