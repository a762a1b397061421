import type { SessionKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import { isPromise, type MaybePromise } from '../contract/wait.ts'
import { newId, newMark } from '../cookie/id.ts'
import type { Resolution, ValueRules } from '../values/resolve.ts'
import { NO_VALUES, Values } from '../values/values.ts'

/** Where a session is stored, and what is known of it. */
export interface Stored {
  id: string
  key: SessionKey
  /** The newest record known, which may be newer than what the handler sees. */
  record: SessionRecord
}

/** Why a session has no store. */
export interface Detached {
  error: Error
  /** The application was told. */
  reported: boolean
}

/** A move to a new id whose deciding step failed, and may have been carried out all the same. */
export interface UndecidedMove {
  /** The record under the new id, and what of it is this request's doing. */
  readonly copy: MovedCopy
  readonly old: Stored
}

export interface MovedCopy extends Stored {
  resolution: Resolution | undefined
}

/** What one request knows of a session and did to it; a {@link Session} shows it to a handler. */
export class SessionState {
  readonly values: Values
  /** `undefined`: nothing is stored. */
  stored: Stored | undefined
  /** The store has said that it is gone: nothing brings it back. */
  gone = false
  /** The client sent an id that had been replaced, and did so too early to know: nothing is stored for it. */
  late: SessionKey | undefined
  /** Of the id that was replaced, which the client sent: whatever is left of its record ends once it has another one. */
  former: SessionKey | undefined
  /** It has asked for another one: {@link former} has to end also if nothing is stored. */
  anew = false
  /** Changes of this request have been saved. */
  hasSaved = false
  /** A move to a new id of which it is not known whether it was carried out. */
  undecided: UndecidedMove | undefined
  /** The store failed before there was anything of this session: nothing is ever written for it, and no cookie sent. */
  detached: Detached | undefined
  /** The handler has asked for something in so many words, a save or a new id, that is not done. */
  asked = false
  /** A conditional save of this version failed, and may have been carried out all the same. */
  uncertain: number | undefined
  /** Values that `take()` has tried to remove, and may have. */
  doubtfulTakes: Set<string> | undefined
  /** A value was read or written. */
  accessed = false
  /** `touch()` was called. */
  touched = false
  /** A cookie that has to be sent. */
  cookieDue: 'set' | 'remove' | undefined
  /** The client has a session cookie, whatever is in it. */
  clientHasCookie: boolean
  /** The client sent the id of this very session. */
  readonly openedByCookie: boolean
  /** The request came over https. */
  readonly secure: boolean
  /** What this one came after, which has to be removed from the store: `destroy()` was called. */
  destroyed: SessionState | undefined
  /** The work that is under way in the store; what comes next waits for it. It never rejects. */
  busy: Promise<void> | undefined
  readonly #rules: ValueRules
  #id: string | undefined
  #mark: string | undefined

  constructor(rules: ValueRules, request: { secure: boolean; clientHasCookie: boolean }, stored?: Stored) {
    this.values = new Values(rules, stored?.record.values ?? NO_VALUES)
    this.stored = stored
    this.openedByCookie = stored !== undefined
    this.secure = request.secure
    this.clientHasCookie = request.clientHasCookie
    this.#rules = rules
    this.#id = stored?.id
  }

  /** Made when it is first asked for: a visitor without a session needs none. */
  get id(): string {
    this.#id ??= newId()
    return this.#id
  }

  /** Of this request's moves. */
  get mark(): string {
    this.#mark ??= newMark()
    return this.#mark
  }

  /** The id is another one than that of what is stored. */
  get renewed(): boolean {
    return this.stored !== undefined && this.#id !== this.stored.id
  }

  /** From now on another id; what is stored moves there with the next save. */
  renewId(): void {
    this.#id = newId()
    // Asked for by somebody who shows an id that was replaced: a sign-in of its own.
    if (this.former !== undefined) this.anew = true
    if (this.late === undefined) return
    this.late = undefined
    this.gone = false
  }

  /**
   * Somebody else has replaced the id: begins anew, under an id of its own, with what this request has set itself. What it
   * had read stays behind: it may have been signed out since, under the other id.
   *
   * @returns whether it could: what this request has saved before went to the other id, and an update may need what was there
   */
  beginAnew(): boolean {
    if (this.hasSaved || !this.values.keepOwn()) return false
    this.former = this.stored?.key
    this.anew = true
    this.stored = undefined
    this.uncertain = undefined
    this.gone = false
    this.#id = newId()
    return true
  }

  /** The session is gone: drops what could not be saved, and sends nothing. */
  lose(): void {
    this.gone = true
    this.values.reset(NO_VALUES)
    this.#id = this.stored?.id
    this.touched = false
    this.cookieDue = undefined
  }

  /** The fresh session that stands in this one's place once it is destroyed. */
  afterDestroy(): SessionState {
    const next = new SessionState(this.#rules, this)
    next.destroyed = this
    next.busy = this.busy
    next.accessed = this.accessed
    next.detached = this.detached
    next.asked = this.detached !== undefined
    if (this.clientHasCookie) next.cookieDue = 'remove'
    return next
  }
}

/**
 * Runs work on a session after the work that is under way: at once, and without a promise, if there is none. Whoever
 * does not wait for what it returns loses nothing: what has failed is still to be done, and the commit does it again.
 */
export function inTurn<T>(state: SessionState, start: () => MaybePromise<T>): MaybePromise<T> {
  const result = state.busy === undefined ? start() : state.busy.then(start)
  if (!isPromise(result)) return result
  const turn: Promise<void> = result.then(
    () => done(state, turn),
    () => done(state, turn),
  )
  state.busy = turn
  return result
}

function done(state: SessionState, turn: Promise<void>): void {
  if (state.busy === turn) state.busy = undefined
}
