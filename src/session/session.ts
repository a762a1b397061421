import { after, isPromise, type MaybePromise } from '../contract/wait.ts'
import type { AnyData, KeyOf } from '../values/data.ts'
import { begin, commit, destroy, dueCookie, login, reload, rotate, save, takeRemovals } from './commit.ts'
import { checkedSignIn, type LoginOptions } from './sign-in-options.ts'
import { refuseAnonymous, SessionView } from './view.ts'
import { STATE } from './view-symbols.ts'

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
   * A new id for the same values and the same owner, at once, so that an id which was planted or seen before is worthless:
   * call it when somebody gains rights; who signs in does it with {@link login}. What has changed is saved with it; `createdAt`
   * stays. One that is not stored yet has another id, and is stored by it when there is something to store. Requests that arrived
   * before that, or within a few seconds after, and show the old id are anonymous and store nothing, so that they can't
   * cost the client the new one. Who shows it later never got the new one, and begins anew.
   *
   * Where another request has given the session a new id meanwhile (a second click on "sign in"), this one begins anew: a
   * session of its own, with what this request has set and nothing of what it had read. A session that belongs to an owner
   * is told gone then. Throws as {@link save} does; the commit tries again.
   */
  regenerate(): MaybePromise<void> {
    return triedAgain(rotate(this[STATE]))
  }

  /** {@link regenerate}. */
  rotate(): MaybePromise<void> {
    return this.regenerate()
  }

  /**
   * Signs somebody in, at once: the session is a new one that belongs to `owner`, under another id, and whatever was in it is
   * gone but the values that `keep` names. `owner` is the application's name of a user, an id as a text.
   *
   * Always succeeds where the store does: a second click on "sign in", a tab with an old id and one whose session is gone
   * sign in, too. If it throws, the visitor is who they were before.
   *
   * Throws `SignInRevokedError` (`UNTORN_SIGN_IN_REVOKED`) if all sessions of the owner were ended since the request arrived,
   * `TooManySessionsError` (`UNTORN_TOO_MANY_SESSIONS`) with the option `onMaxPerOwner: 'refuse'`, a `TypeError`
   * (`UNTORN_INVALID_ARGUMENT`) for an owner that is no text, empty, or longer than 2048 bytes, `InvalidOptionError`
   * (`UNTORN_INVALID_OPTION`) for other options, `MisuseError` (`UNTORN_MISUSE`) where no cookie can be sent,
   * `NotSerialisableError` and `SessionTooLargeError` for what is kept, and what the store throws.
   */
  login(owner: string, options?: LoginOptions<KeyOf<Data>>): MaybePromise<void> {
    return login(this[STATE], checkedSignIn(owner, options))
  }

  /**
   * Notes that its visitor was asked once more who they are, and gives it a new id, at once, as {@link rotate} does. Throws
   * `MisuseError` (`UNTORN_MISUSE`) if nobody has signed in by `login()`, `SessionGoneError` (`UNTORN_SESSION_GONE`) if it is gone, and as
   * {@link save} does.
   */
  confirm(): MaybePromise<void> {
    refuseAnonymous(this as unknown as SessionView)
    return triedAgain(rotate(this[STATE], true))
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

/** A promise that nobody has to look after: what fails is tried again by the commit, and its error is met there. */
function triedAgain<T>(work: MaybePromise<T>): MaybePromise<T> {
  if (isPromise(work)) work.catch(() => {})
  return work
}
