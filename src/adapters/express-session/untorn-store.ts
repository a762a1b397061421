import { knownToAllCopies } from '../../across-copies.ts'
import type { SessionStore } from '../../contract/store.ts'
import { after, type MaybePromise, run, type Steps, settled } from '../../contract/wait.ts'
import { clearSessions, countSessions } from '../../sessions/whole-store.ts'
import type { Texts } from '../kept/difference.ts'
import { HandedOut } from '../kept/handed-out.ts'
import { InTurn } from '../kept/in-turn.ts'
import { answer } from './answer.ts'
import { KeptSessions, type Known } from './kept-sessions.ts'
import type { Callback, Session, SessionRequest, StoredSession } from './session.ts'
import { Store } from './store.ts'
import { shownBy } from './texts.ts'
import type { CheckedUntornOptions } from './untorn-options.ts'

/**
 * A store of untorn's as one of express-session's. What `get` hands out is remembered, and `set` sends the difference to it,
 * value by value, where the session still is: so requests that overlap keep each other's values, and one that was ended
 * is not brought back.
 */
export class UntornStore extends Store {
  readonly #kept: KeptSessions
  readonly #handedOut = new HandedOut<Known>()
  readonly #inTurn = new InTurn()

  constructor(store: SessionStore, options: CheckedUntornOptions) {
    super()
    this.#kept = new KeptSessions(store, options)
  }

  get(sid: string, callback: (error?: unknown, session?: StoredSession | null) => void): void {
    this.#handedOut.asked()
    answer(
      () =>
        after(this.#kept.load(sid), (found) => {
          if (found === undefined) {
            this.#handedOut.missing(this.#kept.keyOf(sid))
            return null
          }
          this.#handedOut.note(found.data, found.known)
          return found.data
        }),
      callback,
    )
  }

  override createSession(req: SessionRequest, data: StoredSession): Session {
    const session = super.createSession(req, data)
    const known = this.#handedOut.becomes(data, session)
    if (known !== undefined) known.texts = shownBy(known.texts)
    return session
  }

  set(sid: string, session: StoredSession, callback?: Callback): void {
    this.#handedOut.asked()
    answer(() => this.#inTurn.do(session, () => run(this.#set(sid, session))), callback)
  }

  *#set(sid: string, session: StoredSession): Steps<void> {
    const known = this.#known(sid, session)
    if (known !== undefined) {
      yield* this.#kept.save(known, session)
      return this.#handedOut.saved(known)
    }
    // Who ends it meanwhile ends it behind that: else it would be there for good.
    const created = yield* settled(this.#inTurn.do(sid, () => run(this.#kept.create(sid, session))))
    if (created !== undefined) this.#handedOut.stored(session, created)
  }

  override touch(sid: string, session: StoredSession, callback?: Callback): void {
    const known = this.#known(sid, session)
    answer(() => (known === undefined ? undefined : run(this.#kept.touch(known, session))), callback)
  }

  /** In most requests the object says it, and no key has to be made once more. */
  #known(sid: string, session: StoredSession): Known | undefined {
    const known = this.#handedOut.ofObject(session)
    return known?.sid === sid ? known : this.#handedOut.of(session, this.#kept.keyOf(sid))
  }

  /** By its id, or by its key as {@link all} and {@link ids} name it. */
  destroy(sid: string, callback?: Callback): void {
    this.#handedOut.ended(this.#kept.keyOf(sid))
    answer(() => this.#inTurn.do(sid, () => run(this.#kept.end(sid))), callback)
  }

  override regenerate(req: SessionRequest, callback: Callback): void {
    const { sessionID, session } = req
    const stored = session && this.#handedOut.ofObject(session)
    const done: Callback = (error) => {
      this.generate(req)
      callback(error)
    }
    // An id that no client ever got is not noted.
    if (!stored) this.destroy(sessionID, done)
    else answer(() => run(this.#kept.replace(sessionID)), done)
  }

  /** Every session by its key, which is the hash of its id. */
  all(callback: (error: unknown, sessions?: Record<string, StoredSession>) => void): void {
    answer(async () => {
      const all: Record<string, StoredSession> = Object.create(null)
      for await (const [key, data] of this.#kept.all()) all[key] = data
      return all
    }, callback)
  }

  /** The keys of all sessions. */
  ids(callback: (error: unknown, keys?: string[]) => void): void {
    answer(async () => {
      const keys: string[] = []
      for await (const [key] of this.#kept.all()) keys.push(key)
      return keys
    }, callback)
  }

  /** About how many there are: what has just ended may be counted. */
  length(callback: (error: unknown, length?: number) => void): void {
    answer(() => countSessions(this.#kept.store), callback)
  }

  clear(callback?: Callback): void {
    answer(() => after(clearSessions(this.#kept.store), () => undefined), callback)
  }

  /** Closes the store below, so that the process can exit. */
  close(): MaybePromise<void> {
    return this.#kept.store.close()
  }

  /** The middleware says so: all that is saved was made by {@link createSession} or stored for the first time. */
  servesMiddleware(): void {
    this.#handedOut.exactly()
  }

  /** Whether a session was ended elsewhere, as far as saving it has told. */
  isGone(session: object): boolean {
    return this.#handedOut.ofObject(session)?.gone === true
  }

  /** Asks whether a session that was handed out is still there; of another one nothing is known. */
  has(session: object): MaybePromise<boolean> {
    const known = this.#handedOut.ofObject(session)
    return known === undefined ? true : this.#kept.has(known)
  }

  /** The values of a session as they were handed out. */
  textsOf(session: object): Texts | undefined {
    return this.#handedOut.ofObject(session)?.texts
  }

  isLate(sid: string, arrivedAt: number): MaybePromise<boolean> {
    return this.#kept.isLate(sid, arrivedAt)
  }
}
knownToAllCopies(UntornStore, 'UntornStore')
