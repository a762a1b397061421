import { inspect } from 'node:util'
import type { SessionRecord } from '../contract/record.ts'
import { isPromise, type MaybePromise } from '../contract/wait.ts'
import { FreshLoginRequiredError, InvalidOptionError, invalidArgument, MisuseError } from '../errors.ts'
import { asMilliseconds, type Duration } from '../options/duration.ts'
import { signInOf } from '../owners/belonging.ts'
import { type AnyData, flashKey, isReserved, type KeyOf, reservedKeys } from '../values/data.ts'
import type { Values } from '../values/values.ts'
import { assertHandle, type Device, devicesOf, Listed } from './devices.ts'
import type { OnEnd } from './ends.ts'
import { endOf, expiryOf, expiryText } from './expiry.ts'
import { onEnd } from './on-end.ts'
import { once } from './once.ts'
import { asCallable, checkedOnce, type OnceOptions } from './once-options.ts'
import { revoke, revokeOthers } from './revoke.ts'
import { expiresAt } from './save.ts'
import { type SetOptions, untilBy } from './set-options.ts'
import type { SessionState } from './state.ts'
import { take, takeFlashes } from './take.ts'
import { type Asked, sayingSo } from './unawaited.ts'

/** What is behind a view, for the library itself; the same symbol in every copy of this code (`across-copies.ts`). */
export const STATE = Symbol.for('untorn.state')

/** Called before a value is changed: whoever watches the request may find that it is too late for it. */
export const BEFORE_CHANGE = Symbol.for('untorn.before-change')

/**
 * What a handler reads and writes of a session, wherever it has it from: in memory, so that each call answers at once. How
 * it is saved and ended is what the classes that derive from it add.
 */
export abstract class SessionView<Data extends object = AnyData> {
  // Nothing shows a private field: whatever prints a session, it has no id in it.
  #state: SessionState

  /** @internal */
  constructor(state: SessionState) {
    this.#state = state
  }

  /** @internal */
  get [STATE](): SessionState {
    return this.#state
  }

  /** @internal */
  set [STATE](state: SessionState) {
    this.#state = state
  }

  /** @internal */
  [BEFORE_CHANGE](): void {}

  /**
   * The secret that the cookie carries: never log it. Of a session that is not stored yet, the id it will get. Throws
   * `MisuseError` (`UNTORN_MISUSE`) where it was opened by its key.
   */
  get id(): string {
    const state = this.#seen
    if (state.byKey) refuseId()
    return state.id
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

  /** Who has signed in with `login()`: their name, as it was given then. `undefined`: nobody has, or the session is gone. */
  get owner(): string | undefined {
    return this.#record?.owner
  }

  /**
   * When its visitor was last asked who they are, by `login()` or `confirm()`, in milliseconds since the epoch by the store's
   * clock. `undefined`: never; 0: nobody knows, as another library has signed them in.
   */
  get authenticatedAt(): number | undefined {
    const record = this.#record
    return record?.owner === undefined ? undefined : signInOf(record.values)?.authenticatedAt
  }

  /**
   * Passes if its visitor was asked who they are no longer ago than this: `session.requireFresh('10m')` before a sensitive step.
   * Throws `FreshLoginRequiredError` (`UNTORN_FRESH_LOGIN_REQUIRED`) if it is longer ago, or nobody has signed in: ask for the
   * password, call `confirm()`, and try again. Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`) for what is no length of time.
   */
  requireFresh(maxAge: Duration): void {
    const longest = asMilliseconds('maxAge', maxAge)
    const { authenticatedAt } = this
    if (authenticatedAt !== undefined && this[STATE].policy.clock.known - authenticatedAt <= longest) return
    throw new FreshLoginRequiredError()
  }

  /**
   * Where its owner is signed in, the latest first, this session's `current`: `for await (const device of session.devices())`, or
   * `await session.devices()` for all of them. Nothing if nobody has signed in. Rejects with what the store throws.
   */
  devices(): Listed<Device> {
    const { owner } = this
    const { policy, whose } = this[STATE]
    const own = whose[0]?.signIn
    return new Listed(owner === undefined ? Promise.resolve([]) : devicesOf(policy, owner, own))
  }

  /**
   * Ends one of its owner's own devices, by its handle. `false`: they have none of that name; whoever else has one of that name
   * keeps it. Throws a `TypeError` (`UNTORN_INVALID_ARGUMENT`) for a handle that is no text, and what the store throws.
   */
  revoke(handle: string): MaybePromise<boolean> {
    assertHandle(handle)
    const { owner } = this
    return owner === undefined ? false : revoke(this[STATE], owner, handle)
  }

  /**
   * Ends all devices of its owner but this one, those that are just being signed in on included. `false`: this one was ended
   * itself meanwhile, and nothing was done. Throws `MisuseError` (`UNTORN_MISUSE`) if nobody has signed in, and what the
   * store throws.
   */
  revokeOthers(): MaybePromise<boolean> {
    const { owner } = this
    if (owner !== undefined) return revokeOthers(this[STATE])
    if (this[STATE].isGone) return false
    throw new MisuseError(
      '`revokeOthers()` was called for a session that nobody has signed in to: call `login()` first.',
    )
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

  /** Each name with its value, one after the other: `for (const [name, value] of session)`. */
  [Symbol.iterator](): Iterator<[KeyOf<Data>, Data[KeyOf<Data>]]> {
    return this.entries().values()
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
   * With `expiresIn` the value has an expiry of its own, as a one-time code needs it: `session.set('code', code, { expiresIn:
   * '10m' })`. From then on nobody reads or takes it, by the store's clock, and it goes with a later change of the session.
   * {@link update}, {@link increment} and changes in place leave its expiry as it is; to set it anew gives it another one, or
   * none. It does not make the session live longer.
   *
   * Throws `NotSerialisableError` (`UNTORN_NOT_SERIALISABLE`) for what can't be stored, `InvalidOptionError`
   * (`UNTORN_INVALID_OPTION`) for a key that begins with `untorn:` and for other options than {@link SetOptions}, and, as all
   * that takes a key does, a `TypeError` (`UNTORN_INVALID_ARGUMENT`) for one that is no text.
   */
  set<K extends KeyOf<Data>>(key: K, value: Data[K] | undefined, options?: SetOptions): void {
    const values = this.#writable(key)
    values.set(key, value, options && untilBy(options, this[STATE].policy.rules.now))
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

  /**
   * A value that only one request works out: `await session.once('token', () => refresh())`. Of all requests in all
   * processes that ask for it at once one runs `fn`, and its result becomes the value, in the store and at once; the others
   * get it, too. Where the value is another one by now than this request has seen, that is the answer and nothing is run.
   *
   * - What `fn` throws goes to everybody who waits for it, and is not kept: the next one to ask runs `fn` again. In another
   *   process it is a copy with its name, message and code.
   * - A run that takes longer than `timeout` (default: `'30s'`), as its process has died, is replaced by one of those who
   *   wait. It may have run as well then; of the two results the first one stands.
   * - `fn` may use the session, save it too. It must not ask for the same value. A value that is set while it runs stands.
   * - Of a session that is not stored yet, which nobody else can have, the value is kept with the next save.
   *
   * `undefined`: another request has deleted the value. Rejects with `SessionGoneError` (`UNTORN_SESSION_GONE`) where the
   * session is signed out, has expired or got another id by another request: the result is not kept;
   * `NotSerialisableError` (`UNTORN_NOT_SERIALISABLE`) for a result that can't be stored, `undefined` included;
   * `SessionTooLargeError` (`UNTORN_SESSION_TOO_LARGE`), `SessionConflictError` (`UNTORN_SESSION_CONFLICT`), what the store
   * throws, and the reason of `signal`. Rejects with `MisuseError` (`UNTORN_MISUSE`) where this request has changed the value
   * and not saved it, with a `TypeError` (`UNTORN_INVALID_ARGUMENT`) for an `fn` that is no function, and with
   * `InvalidOptionError` (`UNTORN_INVALID_OPTION`) for other options than {@link OnceOptions}.
   */
  async once<K extends KeyOf<Data>>(
    key: K,
    fn: () => Data[K] | PromiseLike<Data[K]>,
    options?: OnceOptions,
  ): Promise<Data[K] | undefined> {
    refuseReserved(key)
    const state = this[STATE]
    state.accessed = true
    const beforeChange = () => this[BEFORE_CHANGE]()
    const call = { name: key, fn: asCallable('fn', fn), beforeChange, ...checkedOnce(options) }
    return once(state, call) as Promise<Data[K] | undefined>
  }

  /**
   * Adds to a number, and returns what it is known to be then: `session.increment('attempts')`. Exact however many requests
   * do it at once, as {@link update} is. A missing value counts as 0.
   *
   * Throws a `TypeError` (`UNTORN_INVALID_ARGUMENT`) where the value is no number, `by` is none, or the sum is beyond what a
   * number can be: nothing is changed then. Where another request has made it something else meanwhile, the save throws it.
   */
  increment<K extends KeyOf<Data>>(key: K, by = 1): number {
    if (!Number.isFinite(by)) throw invalidArgument('by', 'a finite number is needed')
    return this.#writable(key).update(key, (value) => sum(key, value, by)) as number
  }

  /**
   * Keeps a message that is to be shown once, after a redirect most often. Two of one name are both kept, in their order,
   * whichever requests they come from; {@link flashes} gives them. No {@link get} and no {@link keys} shows them.
   *
   * `undefined` is no message. Throws as {@link set} does.
   */
  flash<K extends KeyOf<Data>>(key: K, message: Data[K] | undefined): void {
    const values = this.#writable(key)
    if (message !== undefined) values.append(flashKey(key), message)
  }

  /**
   * Takes the messages of a name that are to be shown once, oldest first, in the store and at once: of all requests that
   * ask, one gets each of them, the others `[]`. What this request has added itself is among them, also where its session is
   * gone. `await` it, and throws, as {@link take}.
   */
  flashes<K extends KeyOf<Data>>(key: K): MaybePromise<Data[K][]> {
    if (isReserved(key)) return []
    this[STATE].accessed = true
    const taken = takeFlashes(this[STATE], key)
    return (isPromise(taken) ? sayingSo(taken, `flashes('${key}')`) : taken) as MaybePromise<Data[K][]>
  }

  /**
   * Reads a value and removes it, in the store and at once: of all requests that try, one gets it, the others
   * `undefined`, and so does one whose session is gone. For what {@link flash} has kept there is {@link flashes}. `await` it:
   * over a store that answers later it is a promise, and a warning (`UNTORN_NOT_AWAITED`) says where one is used as a text.
   *
   * Throws `SessionConflictError` (`UNTORN_SESSION_CONFLICT`) if others changed the session at every try, and what the
   * store throws.
   */
  take<K extends KeyOf<Data>>(key: K): Asked<Data[K] | undefined> {
    if (isReserved(key)) return undefined as Asked<Data[K] | undefined>
    this[STATE].accessed = true
    const taken = take(this[STATE], key)
    return (isPromise(taken) ? sayingSo(taken, `take('${key}')`) : taken) as Asked<Data[K] | undefined>
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

  /** What {@link setExpiry} was given, a duration in milliseconds; `undefined`: the session lives as the options say. */
  get expiry(): number | Date | 'browser' | undefined {
    return expiryOf(this.#values.get(reservedKeys.expiry), this[STATE].policy.clock)
  }

  /**
   * The session is over then at the latest, beside its idle timeout and whatever {@link setExpiry} says: the end of a
   * subscription, or of a sign-in elsewhere. `undefined` takes it back. Never beyond the option `lifetime`; a new id keeps it.
   *
   * Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`) for what is no Date, and for one in the past.
   */
  notAfter(date: Date | undefined): void {
    const at = date === undefined ? undefined : endOf('notAfter', date, this[STATE].policy.clock)
    this[BEFORE_CHANGE]()
    this.#values.set(reservedKeys.notAfter, at)
  }

  /**
   * Calls `listener` when this session has ended, to close what outlives the request: a WebSocket, a stream of events. Once at
   * most, and never within this call; where the session is known to be gone, right behind it. `why` is `'signed-out'`,
   * `'rotated'`, `'revoked'`, `'expired'`, or `undefined` where that can't be told.
   *
   * ```ts
   * const stop = req.session.onEnd(({ why }) => socket.close(4401, why))
   * socket.on('close', stop)
   * ```
   *
   * For sockets of ws and Socket.IO `untorn/websocket` does that, and more.
   *
   * - What ends it in this process, through the same `Sessions`, is told at once. For all else the store is asked every five
   *   seconds while somebody listens: one load for each session that is listened to. That is no use of it: it expires as if
   *   nobody listened. While the store fails nothing is told.
   * - A new id (`rotate()`, a sign-in) is an end, `'rotated'`, also where this request has asked for it: to go on, the client
   *   connects again, with its new cookie. An end in another process is told as what it was, too; as `undefined` a sign-out
   *   of a session that nobody has signed in to, and an expiry that was given to it since the last look.
   * - Of a session that is not stored yet it is about the one that this request stores. If it stores none, nothing is told:
   *   that nobody is signed in has to be looked at beside it.
   * - What `listener` throws, or rejects with, is the event `error`, and the first time a warning (`UNTORN_END_LISTENER`).
   *
   * @returns what ends the subscription: call it when the connection closes, or it lives as long as the session.
   * `sessions.close()` ends all, and tells nobody.
   *
   * Throws a `TypeError` (`UNTORN_INVALID_ARGUMENT`) for what is no function.
   */
  onEnd(listener: OnEnd): () => void {
    return onEnd(this.#seen, asCallable('listener', listener))
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

  /** What is stored of it, if it is there, as far as is known. */
  get #record(): SessionRecord | undefined {
    const state = this.#seen
    state.accessed = true
    return state.isGone ? undefined : state.lastStored?.record
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
    refuseReserved(key)
    this[BEFORE_CHANGE]()
    return this.#values
  }
}

function sum(key: string, value: unknown, by: number): number {
  const before = value === undefined ? 0 : value
  if (typeof before !== 'number') {
    throw invalidArgument('key', `the value "${key}" is no number, so nothing can be added to it`)
  }
  const after = before + by
  if (Number.isFinite(after)) return after
  throw invalidArgument('by', `the value "${key}" would be beyond what a number can be`)
}

function refuseId(): never {
  throw new MisuseError(
    '`id` was asked of a session that was opened by its key: stores do not know ids. Only a request with its cookie does.',
  )
}

/** Throws `MisuseError` (`UNTORN_MISUSE`): there is nobody to be asked once more. One that is gone is told so in its own way. */
export function refuseAnonymous(session: SessionView): void {
  if (session.authenticatedAt !== undefined || session[STATE].isGone) return
  throw new MisuseError(
    session.owner === undefined
      ? '`confirm()` was called for a session that nobody has signed in to: call `login()` first.'
      : '`confirm()` was called for a session that has an owner, but not by `login()`, so that no sign-in is noted which it ' +
          'could confirm: call `login()` with the owner, which gives it a new id as well.',
  )
}

/** Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`). */
function refuseReserved(key: string): void {
  if (!isReserved(key)) return
  throw new InvalidOptionError(key, 'session keys that begin with "untorn:" are the library\'s own')
}
