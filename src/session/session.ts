import { after, type MaybePromise } from '../contract/wait.ts'
import type { AnyData } from '../values/data.ts'
import { begin, commit, destroy, dueCookie, reload, save, takeRemovals } from './commit.ts'
import { SessionView, STATE } from './view.ts'

/**
 * A session that is opened by hand. Values are read and written at once, in memory; the store hears of it with `commit()`
 * or `save()`. Where a method answers `MaybePromise`, it is a value with a synchronous store and a promise with any other:
 * `await` fits both.
 *
 * Sessions come from `sessions.open()`, never from `new`.
 */
export class Session<Data extends object = AnyData> extends SessionView<Data> {
  /**
   * The session was looked at or changed in any way, its id and whether it is new included: the response depends on the
   * cookie (`Vary: Cookie`).
   */
  get accessed(): boolean {
    return this[STATE].varies
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
    this[STATE].renewId()
    this[STATE].asked = true
    this[STATE].lookedAt = true
  }

  /** {@link regenerate}. */
  rotate(): void {
    this.regenerate()
  }

  /**
   * Stores the session now, also with nothing in it, so that it has an id from here on: for the token of a form, say. One
   * that is stored already is saved. Throws as {@link save} does.
   */
  begin(): MaybePromise<void> {
    return begin(this[STATE])
  }

  /** How many values it has. */
  get size(): number {
    return this.keys().length
  }

  /** Counts as use: extends the session with the next save or commit, with the option `rolling: false` too. */
  touch(): void {
    this[STATE].touched = true
    this[STATE].lookedAt = true
  }

  /**
   * Ends the session at once and in every process; unsaved changes are dropped. The object is then a new, empty
   * session, stored if something is put in it. If it throws, the session may still be there: the next save or commit
   * tries again.
   */
  destroy(): MaybePromise<void> {
    this[STATE] = this[STATE].afterDestroy()
    return destroy(this[STATE])
  }

  /** {@link destroy}. */
  logout(): MaybePromise<void> {
    return this.destroy()
  }

  /**
   * Saves what changed, now. Throws `SessionGoneError` if the session was destroyed elsewhere or has expired (nothing
   * of it is saved, it stays gone), `SessionConflictError` if others changed it at every try,
   * `SessionTooLargeError`, `NotSerialisableError`, and what the store throws; the changes then stay unsaved. Where the
   * option `onStoreError` has put a new session in place of one that could not be loaded, it always throws, as
   * {@link destroy} and {@link reload} do.
   */
  save(): MaybePromise<void> {
    return save(this[STATE])
  }

  /** Drops unsaved values and reads the session again. Throws `SessionGoneError` if it is no longer there. */
  reload(): MaybePromise<void> {
    return reload(this[STATE])
  }

  /**
   * {@link save} if there is anything to save, and the value of the `Set-Cookie` header to send; `undefined` if none
   * is needed, which is so for most requests.
   */
  commit(): MaybePromise<string | undefined> {
    return after(commit(this[STATE]), (cookie) => cookie?.line)
  }

  /**
   * After a commit: further `Set-Cookie` values, which remove cookies of earlier settings (`cookie.formerly`); most often
   * none. Add them before that of the commit. After a commit that failed: also those of what had been done before, a new id or
   * a sign-out. Send them with the error's answer, or the visitor loses the session.
   */
  dueCookies(): string[] {
    const cookie = dueCookie(this[STATE])
    const cookies = [...takeRemovals(this[STATE]), ...(cookie === undefined ? [] : [cookie])]
    return cookies.map(({ line }) => line)
  }
}
