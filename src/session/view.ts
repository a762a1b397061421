import { inspect } from 'node:util'
import type { MaybePromise } from '../contract/wait.ts'
import { InvalidOptionError } from '../errors.ts'
import type { Duration } from '../options/duration.ts'
import { type AnyData, isReserved, type KeyOf, reservedKeys } from '../values/data.ts'
import type { Values } from '../values/values.ts'
import { expiryText } from './expiry.ts'
import { expiresAt } from './save.ts'
import type { SessionState } from './state.ts'
import { take } from './take.ts'

/** What is behind a view, for the library itself; the same symbol in every copy of this code (`across-copies.ts`). */
export const STATE = Symbol.for('untorn.state')

/** Called before a value is changed: whoever watches the request may find that it is too late for it. */
export const BEFORE_CHANGE = Symbol.for('untorn.before-change')

/**
 * What a handler reads and writes of a session, wherever it has it from: in memory, so that each call answers at once. How
 * it is saved and ended is what the classes that derive from it add.
 */
export abstract class SessionView<Data extends object = AnyData> {
  /** @internal */
  [STATE]: SessionState

  /** @internal */
  constructor(state: SessionState) {
    this[STATE] = state
  }

  /** @internal */
  [BEFORE_CHANGE](): void {}

  /** The secret that the cookie carries: never log it. Of a session that is not stored yet, the id it will get. */
  get id(): string {
    return this.#seen.id
  }

  /** Nothing is stored under its id yet. */
  get isNew(): boolean {
    return this.#seen.lastStored === undefined
  }

  /** There is something to save, changes deep inside a value included. */
  get changed(): boolean {
    return this.#seen.changed
  }

  /** When it was first stored, in milliseconds since the epoch by the store's clock. For one that is not stored: now. */
  get createdAt(): number {
    const { lastStored, policy } = this.#seen
    return lastStored?.record.createdAt ?? policy.clock.known
  }

  /**
   * Until when it lives if nobody uses it again, in milliseconds since the epoch by the store's clock, which may be another
   * one than that of this process: see {@link expiresIn}. It is never cut shorter. 0 once it is known to be gone.
   */
  get expiresAt(): number {
    return expiresAt(this.#seen)
  }

  /** {@link expiresAt} as milliseconds from now; 0 at the least. */
  get expiresIn(): number {
    return Math.max(0, this.expiresAt - this[STATE].policy.clock.known)
  }

  /**
   * A value; `undefined` if there is none. The same object every time, so that changing it in place is enough: what
   * changed is found when the session is saved.
   */
  get<K extends KeyOf<Data>>(key: K): Data[K] | undefined {
    return isReserved(key) ? undefined : (this.#values.get(key) as Data[K] | undefined)
  }

  /** Whether there is a value of this name. */
  has<K extends KeyOf<Data>>(key: K): boolean {
    return !isReserved(key) && this.#values.has(key)
  }

  /** The names of its values. */
  keys(): KeyOf<Data>[] {
    return this.#values.keys().filter((key) => !isReserved(key)) as KeyOf<Data>[]
  }

  /** Each name with its value. */
  entries(): [KeyOf<Data>, Data[KeyOf<Data>]][] {
    return this.keys().map((key) => [key, this.get(key) as Data[KeyOf<Data>]])
  }

  /**
   * Sets a value; `undefined` deletes it. If another request sets the same one, the last to be saved stays: see
   * {@link update} and the option `merge`.
   *
   * Throws `NotSerialisableError` (`UNTORN_NOT_SERIALISABLE`) for what can't be stored, `InvalidOptionError`
   * (`UNTORN_INVALID_OPTION`) for a key that begins with `untorn:`.
   */
  set<K extends KeyOf<Data>>(key: K, value: Data[K] | undefined): void {
    this.#writable(key).set(key, value)
  }

  /** Deletes a value. Whether there was one. */
  delete<K extends KeyOf<Data>>(key: K): boolean {
    this[BEFORE_CHANGE]()
    return !isReserved(key) && this.#values.delete(key)
  }

  /** Deletes every value that this request sees. The session stays; `destroy()` ends it. */
  clear(): void {
    this[BEFORE_CHANGE]()
    for (const key of this.keys()) this.#values.delete(key)
  }

  /**
   * Changes a value by what it is: `session.update('views', (n = 0) => n + 1)`. Exact however many requests do it at
   * once: where others were first, `fn` runs again on what they made, so let it do nothing but compute. Returns what
   * is known now, which the save may find to be outdated. `undefined` from `fn` deletes.
   *
   * Throws as {@link set} does, and `MisuseError` (`UNTORN_MISUSE`) for a function that returns a promise.
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
   * `undefined`, and so does one whose session is gone. Throws `SessionConflictError` (`UNTORN_SESSION_CONFLICT`) if others
   * changed the session at every try, and what the store throws.
   */
  take<K extends KeyOf<Data>>(key: K): MaybePromise<Data[K] | undefined> {
    if (isReserved(key)) return undefined
    this[STATE].accessed = true
    return take(this[STATE], key) as MaybePromise<Data[K] | undefined>
  }

  /**
   * How long this session lives, in place of the options: a duration is its own idle timeout, a Date a fixed end that
   * use does not move, `'browser'` a cookie that ends with the browser, `undefined` the options again. Never beyond
   * the option `lifetime`.
   *
   * Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`) for anything else, a Date in the past included.
   */
  setExpiry(expiry: Duration | Date | 'browser' | undefined): void {
    this[BEFORE_CHANGE]()
    this.#values.set(reservedKeys.expiry, expiryText(expiry, this[STATE].policy.clock))
  }

  /** Sets a cookie to see whether it comes back: {@link testCookieWorked} says so in the next request. */
  setTestCookie(): void {
    this[BEFORE_CHANGE]()
    this.#values.set(reservedKeys.testCookie, true)
  }

  /** Whether the client sent back the cookie of an earlier request that called {@link setTestCookie}. */
  testCookieWorked(): boolean {
    return this.#values.has(reservedKeys.testCookie) && this[STATE].openedByCookie
  }

  /** Takes back what {@link setTestCookie} did. */
  deleteTestCookie(): void {
    this[BEFORE_CHANGE]()
    this.#values.delete(reservedKeys.testCookie)
  }

  /** Every value, as an object of its own: for `JSON.stringify`. */
  toJSON(): Partial<Data> {
    return Object.fromEntries(this.entries()) as unknown as Partial<Data>
  }

  /** What `console.log` shows: the values, and nothing that could be used as a cookie. */
  [inspect.custom](): unknown {
    return this.toJSON()
  }

  /** The state, of which an answer now depends. */
  get #seen(): SessionState {
    const state = this[STATE]
    state.lookedAt = true
    return state
  }

  get #values(): Values {
    const state = this[STATE]
    state.accessed = true
    return state.values
  }

  #writable(key: string): Values {
    if (isReserved(key)) {
      throw new InvalidOptionError(key, 'session keys that begin with "untorn:" are the library\'s own')
    }
    this[BEFORE_CHANGE]()
    return this.#values
  }
}
