import { type SessionKey, sessionKey, shortKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import { isPromise, type MaybePromise } from '../contract/wait.ts'
import type { Leftovers } from '../cookie/cookie.ts'
import { newId, newMark } from '../cookie/id.ts'
import { SessionGoneError } from '../errors.ts'
import { type Belonging, belongingOf } from '../owners/belonging.ts'
import { reservedKeys } from '../values/data.ts'
import type { Resolution } from '../values/resolve.ts'
import { NO_VALUES, Values } from '../values/values.ts'
import type { Subscription } from './ends.ts'
import type { Policy } from './policy.ts'
import type { RequestContext } from './request-context.ts'
import { FRESH, type Live, type Shown, type Standing, type Stored } from './standing.ts'

/** What a record under a new id has of the one that it takes the place of. */
export interface Carried {
  readonly values: ReadonlyMap<string, string>
  /** What of it is this request's doing. */
  readonly resolution: Resolution | undefined
}

/** A session that is being stored under a new id. */
export interface Move {
  readonly copy: MovedCopy
  /** What it has of the old record, as that is by now. Throws `SessionTooLargeError`, and what values throw. */
  readonly carry: (record: SessionRecord) => Carried
  /** What is to be done, beside its removal, when it is given up. */
  readonly givenUp: () => void
  /** It was ended before it was anybody's: throws. */
  readonly ended: () => never
}

/** One whose deciding step failed, and may have been carried out all the same. */
export interface UndecidedMove extends Move {
  readonly old: Live
}

/** The record under the new id while a session is moved there. */
export interface MovedCopy extends Stored {
  resolution: Resolution | undefined
}

/** What is known of the request that a session belongs to. */
export interface RequestFacts {
  /** It came over https. */
  readonly secure: boolean
  /** When it arrived, by the clock of this process. */
  readonly arrivedAt: number
  /** What else the application, or the adapter, has said of it. */
  readonly context: RequestContext | undefined
  /** The client has a session cookie, whatever is in it. */
  readonly clientHasCookie: boolean
  /** Cookies of earlier settings that it has. */
  readonly leftovers: Leftovers | undefined
  /** Ids that it showed and of which no store knows a session, nor that they were replaced. */
  readonly dead: readonly string[]
  /** There is no request: it was opened by its key, so that its id is not known, and nothing ever begins under another. */
  readonly byKey?: boolean
}

const NOBODYS: readonly Belonging[] = []

/** What one request knows of a session and did to it; a view (`view.ts`) shows it to a handler. */
export class SessionState {
  readonly policy: Policy
  readonly values: Values
  standing: Standing
  /** The client sent the id of this very session. */
  readonly openedByCookie: boolean
  readonly secure: boolean
  readonly byKey: boolean
  readonly arrivedAt: number
  readonly context: RequestContext | undefined
  clientHasCookie: boolean
  leftovers: Leftovers | undefined
  readonly dead: readonly string[]

  /** A value was read or written, which counts as use. */
  accessed = false
  /** Something else of it was asked for, or done to it: whether there is one, its id, when it ends. */
  lookedAt = false
  /** `touch()` was called. */
  touched = false
  /** The handler has asked for something in so many words, a save or a new id, that is not done. */
  asked = false

  /** Another id was asked for, as for a sign-in: what begins may take the place of whatever the client had. */
  signsIn = false

  /** Opened by its key, but for its own visitor, as by a message of a socket: who ends it signs out. */
  isVisitors = false

  /** It was not to begin (`cross-site.ts`): the answer was made for a session that nobody will find. */
  refused = false

  /** It is to be stored although nothing is in it. */
  begun = false

  /** A sign-in failed, and nobody has heard of it: the commit throws it. */
  unmet: { readonly error: unknown } | undefined

  /** Its visitor was asked once more who they are: the next move to a new id notes it. */
  confirmed = false

  /** A cookie that has to be sent. */
  cookieDue: 'set' | 'remove' | undefined
  /** The session that `destroy()` ended, still to be removed from the store. */
  destroyed: SessionState | undefined
  /** It stands in the place of one that `destroy()` has ended, and that the client had a cookie of. */
  signedOut = false
  /** A move to a new id of which it is not known whether it was carried out. */
  undecided: UndecidedMove | undefined
  /** Who listens for its end, and has to wait until it is stored. */
  early: Subscription[] | undefined
  /** The work that is under way in the store; what comes next waits for it. It never rejects. */
  busy: Promise<void> | undefined

  #id: string | undefined
  #mark: string | undefined

  constructor(policy: Policy, request: RequestFacts, standing: Standing) {
    const stored = standing.kind === 'stored' ? standing : undefined
    this.policy = policy
    this.values = new Values(policy.rules, stored?.record.values ?? NO_VALUES)
    this.standing = standing
    this.openedByCookie = stored !== undefined
    this.secure = request.secure
    this.byKey = request.byKey ?? false
    this.arrivedAt = request.arrivedAt
    this.context = request.context
    this.clientHasCookie = request.clientHasCookie
    this.leftovers = request.leftovers
    this.dead = request.dead
    this.#id = stored?.id
  }

  /** Made when it is first asked for: a visitor without a session needs none. */
  get id(): string {
    this.#id ??= newId()
    return this.#id
  }

  /** The key of {@link id}, or the one that it was opened by. */
  get key(): SessionKey {
    if (this.byKey && this.lastStored !== undefined) return this.lastStored.key
    return sessionKey(this.id, this.policy.app)
  }

  /** Of this request's moves. */
  get mark(): string {
    this.#mark ??= newMark()
    return this.#mark
  }

  /** What is in the store, or was before it was found gone. */
  get lastStored(): Live | undefined {
    const { standing } = this
    return standing.kind === 'stored' ? standing : standing.kind === 'gone' ? standing.ended : undefined
  }

  /** An id that the client showed, where there never was a session of this request's. */
  get shownOnly(): Shown | undefined {
    const { standing } = this
    if (standing.kind !== 'replaced' && (standing.kind !== 'gone' || standing.ended !== undefined))
      return undefined
    const { shown, former, whose } = standing
    return { shown, former, whose }
  }

  /** Whose the session is, or was: by its record, or by what is known of the id that the client showed. */
  get whose(): readonly Belonging[] {
    const { lastStored, shownOnly } = this
    if (lastStored === undefined) return shownOnly?.whose ?? NOBODYS
    const belonging = belongingOf(lastStored.record)
    return belonging === undefined ? NOBODYS : [belonging]
  }

  /** The id is another one than that of what is stored. */
  get renewed(): boolean {
    const { lastStored } = this
    return lastStored !== undefined && this.#id !== lastStored.id
  }

  /** The store has said that it is gone. */
  get isGone(): boolean {
    return this.standing.kind === 'gone'
  }

  /** The store has failed it: nothing of it is ever saved. */
  get isDetached(): boolean {
    return this.standing.kind === 'detached'
  }

  /** What is answered depends on the client's cookie. */
  get varies(): boolean {
    return this.accessed || this.lookedAt
  }

  /** Whether there is anything that is worth storing a session for. */
  get hasContent(): boolean {
    return this.begun || this.values.hasContent
  }

  /** There is something to save, changes deep inside a value included. */
  get changed(): boolean {
    if (this.isDetached) return false
    return this.lastStored === undefined ? this.hasContent : this.renewed || this.values.changed
  }

  /** The next save would store it under an id that the client does not have yet: a cookie has to follow. */
  get needsCookie(): boolean {
    return this.lastStored === undefined ? this.changed : this.renewed
  }

  /** The next save gives it an expiry that the cookie which the client has does not fit: another one has to follow. */
  get changesCookie(): boolean {
    const { lastStored, policy, values } = this
    if (lastStored === undefined) return false
    const { record } = lastStored
    const { expiry, notAfter } = reservedKeys
    const asked = policy.expiry.modeOf(values.get(expiry), values.get(notAfter))
    return policy.expiry.needsCookie(record.createdAt, policy.expiry.mode(record.values), asked)
  }

  /** The values that are changed, as a text to compare: the same text, the same changes. */
  get changes(): string {
    return this.isDetached ? '' : this.values.changes
  }

  /** From now on another id; what is stored moves there with the next save. */
  renewId(): void {
    this.#id = newId()
    this.signsIn = true
    const { shownOnly } = this
    if (shownOnly === undefined) return
    // Asked for by somebody who shows an id that was replaced: a sign-in of its own.
    this.standing = { ...shownOnly, kind: 'replaced', late: false, wanted: shownOnly.former !== undefined }
  }

  /** Has this id from now on: it is stored under it. */
  adoptId(id: string): void {
    this.#id = id
  }

  /**
   * Somebody else has replaced the id of `old`: begins anew, under an id of its own, with what this request has set itself.
   * What it had read stays behind: it may have been signed out since, under the other id.
   *
   * @returns whether it could: what this request has saved before went to the other id, and an update may need what was there
   */
  beginAnew(old: Live): boolean {
    if (old.hasSaved || !this.values.keepOwn()) return false
    const shown = { shown: old.key, former: [old.key], whose: NOBODYS }
    this.standing = { ...shown, kind: 'replaced', late: false, wanted: true }
    this.#id = newId()
    return true
  }

  /** The session is gone: drops what could not be saved, and sends nothing. */
  lose(): void {
    const { lastStored, shownOnly } = this
    if (lastStored !== undefined) this.standing = { kind: 'gone', ended: lastStored }
    else if (shownOnly !== undefined) this.standing = { ...shownOnly, kind: 'gone', ended: undefined }
    this.values.reset(NO_VALUES)
    this.#id = lastStored?.id
    this.touched = false
    this.begun = false
    this.confirmed = false
    this.cookieDue = undefined
  }

  /** The fresh session that stands in this one's place once it is destroyed. */
  afterDestroy(): SessionState {
    const { isDetached } = this
    const next = new SessionState(this.policy, this, isDetached ? this.standing : FRESH)
    next.destroyed = this
    next.busy = this.busy
    next.accessed = this.accessed
    next.lookedAt = true
    next.asked = isDetached
    if (this.clientHasCookie) next.cookieDue = 'remove'
    next.signedOut = this.clientHasCookie || this.signedOut
    return next
  }

  /** Every record that has to be removed for this session to be ended, its own first. */
  *keysToEnd(): Generator<SessionKey> {
    const { standing, lastStored, undecided } = this
    if (lastStored !== undefined) yield lastStored.key
    const former = ('former' in standing ? standing.former : undefined) ?? lastStored?.former
    if (former !== undefined) yield* former
    if (undecided !== undefined) yield undecided.copy.key
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

/** The session was destroyed, has expired or got another id: the request's changes are dropped, and somebody is told. */
export function lost(state: SessionState): never {
  const key = state.lastStored?.key ?? state.shownOnly?.shown
  state.lose()
  if (key !== undefined) {
    state.policy.report({ type: 'gone', key: shortKey(key) })
    state.policy.ends.look(key)
  }
  throw new SessionGoneError()
}
