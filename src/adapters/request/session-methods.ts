import { after, attempt, isPromise, type MaybePromise } from '../../contract/wait.ts'
import { SessionGoneError } from '../../errors.ts'
import { destroy, login, reload, rotate, save } from '../../session/commit.ts'
import type { OnceOptions } from '../../session/once-options.ts'
import { checkedSignIn, type LoginOptions } from '../../session/sign-in-options.ts'
import type { SessionState } from '../../session/state.ts'
import { type Asked, sayingSo } from '../../session/unawaited.ts'
import { refuseAnonymous, SessionView } from '../../session/view.ts'
import { BEFORE_CHANGE, STATE } from '../../session/view-symbols.ts'
import type { AnyData, KeyOf } from '../../values/data.ts'
import { assertCallback, type Callback, tell } from './callback.ts'
import type { Explicit, SessionHost } from './host.ts'
import { type SessionCookie, sessionCookie } from './session-cookie.ts'
import { quietly, ToldPromise } from './told-promise.ts'

/**
 * What `req.session` has beside its values. These names win over values of the same name, which
 * `req.session.get(name)` and `set(name, value)` reach. `save`, `regenerate` (`rotate`), `destroy`
 * (`logout`), `reload` and `touch` return a promise, or take a callback in its place as express-session does. A promise of theirs that nobody waits for ends no
 * process: its error is the event `error`, if the commit does not meet it again.
 *
 * `save`, `regenerate`, `reload` and `touch` promise whether the session is still there. `false`: it was signed out, has expired
 * or got another id meanwhile. Nothing was saved, nothing that is set from then on will be, and no cookie is sent; the
 * handler's answer goes out as it is. A callback gets `SessionGoneError` (`UNTORN_SESSION_GONE`) then.
 */
export class SessionMethods<Data extends object = AnyData> extends SessionView<Data> {
  readonly #host: SessionHost
  #cookie: SessionCookie | undefined

  /** @internal */
  constructor(state: SessionState, host: SessionHost) {
    super(state)
    this.#host = host
  }

  /** @internal */
  override [BEFORE_CHANGE](): void {
    this.#host.beforeChange()
  }

  /** For code that was written for express-session. */
  get cookie(): SessionCookie {
    this.#cookie ??= sessionCookie(this as unknown as SessionView)
    return this.#cookie
  }

  /** As of every session; a store that answers at once throws at once, too. */
  override take<K extends KeyOf<Data>>(key: K): Asked<Data[K] | undefined> {
    const taken = super.take(key) as MaybePromise<unknown>
    const told = isPromise(taken) ? sayingSo(this.#untried(taken), `take('${key}')`) : taken
    return told as Asked<Data[K] | undefined>
  }

  /** As {@link take}. */
  override flashes<K extends KeyOf<Data>>(key: K): MaybePromise<Data[K][]> {
    const taken = super.flashes(key)
    return isPromise(taken) ? sayingSo(this.#untried(taken), `flashes('${key}')`) : taken
  }

  /** As of every session, but where it is gone: `undefined` then, and no error. What nobody waits for ends no process. */
  override once<K extends KeyOf<Data>>(
    key: K,
    fn: () => Data[K] | PromiseLike<Data[K]>,
    options?: OnceOptions,
  ): Promise<Data[K] | undefined> {
    return this.#untried(unlessGone(super.once(key, fn, options)))
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
    return this.#whileThere('save', () => save(this[STATE]), callback)
  }

  /**
   * Stores the session now, also with nothing in it, so that it has an id from here on: for the token of a form, say. As
   * {@link save} in all else.
   */
  begin(): Promise<boolean>
  begin(callback: Callback): void
  begin(callback?: Callback): Promise<boolean> | undefined {
    const work = () => {
      this[STATE].begun = this.isNew
      return save(this[STATE])
    }
    return this.#whileThere('begin', work, callback)
  }

  /**
   * A new id, at once, and the old one is dead: call it when somebody gains rights; who signs in does it with {@link login}.
   * Values and owner stay, which express-session's does not: call {@link clear} before it to begin with nothing. `false`: the
   * session is gone. Once the response has begun no cookie can follow, and it is refused: `MisuseError`
   * (`UNTORN_MISUSE`).
   */
  regenerate(): Promise<boolean>
  regenerate(callback: Callback): void
  regenerate(callback?: Callback): Promise<boolean> | undefined {
    return this.#whileThere('regenerate', () => rotate(this[STATE]), callback)
  }

  /** {@link regenerate}. */
  rotate(): Promise<boolean>
  rotate(callback: Callback): void
  rotate(callback?: Callback): Promise<boolean> | undefined {
    return callback ? void this.regenerate(callback) : this.regenerate()
  }

  /**
   * Signs somebody in, at once: the session is a new one that belongs to `owner`, under another id, and whatever was in it is
   * gone but the values that `keep` names. `owner` is the application's name of a user, an id as a text.
   *
   * Always succeeds where the store does: a second click on "sign in", a tab with an old id and one whose session is gone
   * sign in, too. If it rejects, the visitor is who they were before; where nobody has looked at that, the answer is that of
   * the error.
   *
   * Rejects with `SignInRevokedError` (`UNTORN_SIGN_IN_REVOKED`) if all sessions of the owner were ended since the request
   * arrived, `TooManySessionsError` (`UNTORN_TOO_MANY_SESSIONS`) with the option `onMaxPerOwner: 'refuse'`, a `TypeError`
   * (`UNTORN_INVALID_ARGUMENT`) for an owner that is no text, empty, or longer than 2048 bytes, `InvalidOptionError`
   * (`UNTORN_INVALID_OPTION`) for other options, `MisuseError` (`UNTORN_MISUSE`) where no cookie can be sent,
   * `NotSerialisableError` and `SessionTooLargeError` for what is kept, and what the store throws.
   */
  login(owner: string, options?: LoginOptions<KeyOf<Data>>): Promise<void> {
    return this.#onceOnly((unmet) => {
      const plan = checkedSignIn(owner, options)
      return this.#host.explicitly('login', () => attempt(() => login(this[STATE], plan), unmet))
    })
  }

  /**
   * Notes that its visitor was asked once more who they are, and gives it a new id, at once, as {@link rotate} does. `false`:
   * the session is gone. Rejects with `MisuseError` (`UNTORN_MISUSE`) if nobody has signed in by `login()`, and as {@link save}
   * does.
   */
  confirm(): Promise<boolean> {
    try {
      refuseAnonymous(this as unknown as SessionView)
    } catch (error) {
      return this.#untried(Promise.reject(error))
    }
    return this.#whileThere('confirm', () => rotate(this[STATE], true), undefined) as Promise<boolean>
  }

  /** As of every session. What nobody waits for ends no process. */
  override revoke(handle: string): Promise<boolean> {
    return this.#untried((async () => super.revoke(handle))())
  }

  /** As of every session. What nobody waits for ends no process. */
  override revokeOthers(): Promise<boolean> {
    return this.#untried((async () => super.revokeOthers())())
  }

  /** Ends the session at once and in every process. `req.session` is then a new, empty one. */
  destroy(): Promise<void>
  destroy(callback: Callback): void
  destroy(callback?: Callback): Promise<void> | undefined {
    const work = () =>
      this.#host.explicitly('destroy', () => {
        this[STATE] = this[STATE].afterDestroy()
        return destroy(this[STATE])
      })
    if (callback) return tell(this.#telling(callback), work)
    return this.#triedAgain((async () => work())())
  }

  /** {@link destroy}. */
  logout(): Promise<void>
  logout(callback: Callback): void
  logout(callback?: Callback): Promise<void> | undefined {
    return callback ? void this.destroy(callback) : this.destroy()
  }

  /** Drops unsaved changes and reads the session again. `false`: it is gone, and what it had is dropped, too. */
  reload(): Promise<boolean>
  reload(callback: Callback): void
  reload(callback?: Callback): Promise<boolean> | undefined {
    return this.#whileThere('reload', () => reload(this[STATE]), callback)
  }

  /**
   * Counts as use: extends the session, with the option `rolling: false` too. It is written with the other changes;
   * where no answer will take it along, at once. `false`: nothing could be extended. The session is new (what
   * {@link destroy} leaves is), gone, or the store has failed it; or the answer is out, and what was changed since has to be
   * saved first, which takes the use along.
   */
  touch(): Promise<boolean>
  touch(callback: Callback): void
  touch(callback?: Callback): Promise<boolean> | undefined {
    if (callback === undefined) return this.#untried((async () => this.#touch())())
    const work = () =>
      after(this.#touch(), () => {
        if (this[STATE].isGone) throw new SessionGoneError()
      })
    return tell(callback, work)
  }

  #touch(): MaybePromise<boolean> {
    const state = this[STATE]
    state.lookedAt = true
    if (state.lastStored === undefined || state.isGone || state.isDetached) return false
    state.touched = true
    if (this.#host.commitFollows) return true
    // What is changed and not saved yet needs a save of its own.
    return !state.changed && after(save(state), () => !state.isGone)
  }

  /** Work on a session that may be found gone by it, or have been found gone before, where there is nothing to do for it. */
  #whileThere(
    what: Exclude<Explicit, 'destroy'>,
    work: () => MaybePromise<void>,
    callback: Callback | undefined,
  ): Promise<boolean> | undefined {
    const start = () =>
      after(this.#host.explicitly(what, work), () => {
        if (this[STATE].isGone) throw new SessionGoneError()
      })
    if (callback) return tell(this.#telling(callback), start)
    const promise = isThere(start)
    return what === 'reload' ? this.#untried(promise) : this.#triedAgain(promise)
  }

  /** A promise of what the commit does again if it fails. */
  #triedAgain<T>(work: Promise<T>): Promise<T> {
    const host = this.#host
    host.unwatched(work)
    return new ToldPromise(work, { told: (error) => host.told(error), unheard() {} })
  }

  /**
   * A promise of what nobody does again, and must not look as if it had been done: the answer of a handler that was not told of
   * its failure is that of the error. The work says itself, by what it is given, that it failed where a commit may wait for
   * it: what follows on its promise comes too late for that.
   */
  #onceOnly(start: (unmet: (error: unknown) => never) => MaybePromise<void>): Promise<void> {
    const host = this.#host
    const unmet = (error: unknown): never => {
      this[STATE].unmet = { error }
      throw error
    }
    const work = (async () => attempt(() => start(unmet), unmet))()
    work.catch((error: unknown) => {
      if (!host.commitFollows) host.unheard(error)
    })
    return new ToldPromise(work, {
      told: (error) => {
        this[STATE].unmet = undefined
        host.told(error)
      },
      unheard() {},
    })
  }

  /** A promise of what nobody does again. */
  #untried<T>(work: Promise<T>): Promise<T> {
    return quietly(work, (error) => this.#host.unheard(error))
  }

  #telling(callback: Callback): Callback {
    assertCallback(callback)
    return (error) => {
      if (error !== undefined) this.#host.told(error)
      callback(error)
    }
  }
}

/** Carries out work; whether the session was still there for it. */
async function isThere(work: () => MaybePromise<void>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (error instanceof SessionGoneError) return false
    throw error
  }
}

/** Nothing of a session that is gone, as `take()` has it. */
async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof SessionGoneError) return undefined
    throw error
  }
}
