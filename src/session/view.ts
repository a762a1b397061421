import type { SessionRecord } from '../contract/record.ts'
import type { MaybePromise } from '../contract/wait.ts'
import { FreshLoginRequiredError, MisuseError } from '../errors.ts'
import { asMilliseconds, type Duration } from '../options/duration.ts'
import { signInOf } from '../owners/belonging.ts'
import { type AnyData, reservedKeys } from '../values/data.ts'
import { assertHandle, type Device, devicesOf, Listed } from './devices.ts'
import type { OnEnd } from './ends.ts'
import { endOf, expiryOf, expiryText } from './expiry.ts'
import { onEnd } from './on-end.ts'
import { asCallable } from './once-options.ts'
import { revoke, revokeOthers } from './revoke.ts'
import { expiresAt } from './save.ts'
import type { SessionState } from './state.ts'
import { usedValues, ValuesView } from './values-view.ts'
import { BEFORE_CHANGE, STATE } from './view-symbols.ts'

/**
 * What a handler sees of a session, wherever it has it from: its values, whose it is, how long it lives. How it is saved and
 * ended is what the classes that derive from it add.
 */
export abstract class SessionView<Data extends object = AnyData> extends ValuesView<Data> {
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
   * How long this session lives, in place of the options: a duration is its own idle timeout, a Date a fixed end that
   * use does not move, `'browser'` a cookie that ends with the browser, `undefined` the options again. Never beyond
   * the option `lifetime`.
   *
   * Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`) for anything else, a Date in the past included.
   */
  setExpiry(expiry: Duration | Date | 'browser' | undefined): void {
    this[BEFORE_CHANGE]()
    usedValues(this[STATE]).set(reservedKeys.expiry, expiryText(expiry, this[STATE].policy.clock))
  }

  /** What {@link setExpiry} was given, a duration in milliseconds; `undefined`: the session lives as the options say. */
  get expiry(): number | Date | 'browser' | undefined {
    return expiryOf(usedValues(this[STATE]).get(reservedKeys.expiry), this[STATE].policy.clock)
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
    usedValues(this[STATE]).set(reservedKeys.notAfter, at)
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
    usedValues(this[STATE]).set(reservedKeys.testCookie, true)
  }

  /** Whether the client sent back the cookie of an earlier request that called {@link setTestCookie}. */
  testCookieWorked(): boolean {
    return usedValues(this[STATE]).has(reservedKeys.testCookie) && this[STATE].openedByCookie
  }

  /** Takes back what {@link setTestCookie} did. */
  deleteTestCookie(): void {
    this[BEFORE_CHANGE]()
    usedValues(this[STATE]).delete(reservedKeys.testCookie)
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
