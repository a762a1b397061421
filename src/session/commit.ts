import type { SessionKey } from '../contract/key.ts'
import { after, attempt, type MaybePromise, run, type Steps, settled } from '../contract/wait.ts'
import type { SetCookie } from '../cookie/cookie.ts'
import { SessionGoneError } from '../errors.ts'
import { belongingOf } from '../owners/belonging.ts'
import { NO_VALUES } from '../values/values.ts'
import { beginSession } from './create.ts'
import { wouldReplaceUnseen } from './cross-site.ts'
import { hasNothingElse } from './dead.ts'
import { degrade, forgive, refuseDetached } from './detached.ts'
import { isMoved, loadSession, markWith } from './moved.ts'
import { afterGone, moveToNewId } from './regenerate.ts'
import { saveStored, storedChange } from './save.ts'
import { signIn } from './sign-in.ts'
import type { SignInPlan } from './sign-in-options.ts'
import { removeDestroyed } from './sign-out.ts'
import { FRESH, type Live, type Replaced } from './standing.ts'
import { inTurn, lost, type SessionState, type UndecidedMove } from './state.ts'
import { takeBack } from './undecided.ts'
import { tellWithheld } from './withheld.ts'

/** Saves what there is to save; the cookie to send, if any. */
export function commit(state: SessionState): MaybePromise<SetCookie | undefined> {
  if (isUntouched(state)) return undefined
  return inTurn(state, () => after(saveUnasked(state), () => cookieAfterSave(state)))
}

function cookieAfterSave(state: SessionState): MaybePromise<SetCookie | undefined> {
  if (state.dead.length === 0 || !removesDead(state)) return takeDueCookie(state)
  return after(run(hasNothingElse(state)), (nothingElse) => {
    if (nothingElse) state.cookieDue ??= 'remove'
    return takeDueCookie(state)
  })
}

/** The client's cookie is dead, and nothing takes its place. */
function removesDead(state: SessionState): boolean {
  const { clientHasCookie, standing, cookieDue, secure, policy } = state
  if (!clientHasCookie || standing.kind !== 'fresh' || cookieDue !== undefined) return false
  return !policy.cookie.withheld(secure)
}

/** A visitor whose session nobody looked at: most requests for most applications. */
function isUntouched(state: SessionState): boolean {
  const { accessed, unmet, touched, begun, cookieDue, busy, destroyed, standing } = state
  if (state.lookedAt && (state.leftovers !== undefined || state.dead.length > 0)) return false
  if (
    accessed ||
    unmet !== undefined ||
    touched ||
    begun ||
    cookieDue !== undefined ||
    busy !== undefined ||
    destroyed !== undefined
  )
    return false
  if (standing.kind === 'detached') return false
  return !(standing.kind === 'replaced' && standing.wanted) && !state.renewed
}

/** Saves what changed, because the handler asks for it. */
export function save(state: SessionState): MaybePromise<void> {
  state.lookedAt = true
  return inTurn(state, () => run(saveAsAsked(state)))
}

/** Stores the session although nothing is in it, if it is not stored yet. */
export function begin(state: SessionState): MaybePromise<void> {
  state.begun = state.lastStored === undefined
  return save(state)
}

/** Removes from the store what `destroy()` has ended. */
export function destroy(state: SessionState): MaybePromise<void> {
  return inTurn(state, () => {
    refuseDetached(state)
    return run(removeDestroyed(state))
  })
}

/** Signs somebody in, now. */
export function login(state: SessionState, plan: SignInPlan): MaybePromise<void> {
  state.lookedAt = true
  const done = state.values.doneByNow
  return inTurn(state, () => run(signIn(state, plan, done)))
}

/** Gives the session another id, now. `confirmed`: its visitor was asked who they are. */
export function rotate(state: SessionState, confirmed = false): MaybePromise<void> {
  state.renewId()
  state.asked = true
  state.confirmed ||= confirmed
  return save(state)
}

/** Reads the record again and drops every change. */
export function reload(state: SessionState): MaybePromise<void> {
  state.lookedAt = true
  return inTurn(state, () => run(readAgain(state)))
}

function* saveAsAsked(state: SessionState): Steps<void> {
  const { asked } = state
  state.asked = true
  refuseDetached(state)
  const withheld = isWithheld(state)
  yield* settled(saveNow(state))
  if (withheld) throw new SessionGoneError()
  // A new id that is asked for before there is anything to store is still to come.
  state.asked = state.lastStored === undefined && asked
}

/** Before the answer leaves, whether the handler thought of it or not. */
function saveUnasked(state: SessionState): MaybePromise<void> {
  if (state.unmet !== undefined) throw state.unmet.error
  if (state.standing.kind === 'detached') {
    // It has not been done, and is not to look as if it had.
    if (state.asked) refuseDetached(state)
    return degrade(state)
  }
  if (state.policy.settings.onStoreError === 'fail') return saveNow(state)
  return attempt(
    () => saveNow(state),
    (error) => forgive(state, error),
  )
}

/** What is to be saved depends on what the session is: see `standing.ts`. */
function saveNow(state: SessionState): MaybePromise<void> {
  const { standing } = state
  if (state.destroyed !== undefined) return run(removeDestroyedAndSave(state))
  if (isWithheld(state)) return withhold(state)
  switch (standing.kind) {
    case 'fresh':
      if (!state.hasContent) return undefined
      return state.byKey ? lost(state) : run(beginSession(state))
    case 'replaced':
      return saveReplaced(state, standing)
    case 'stored':
      if (standing.former !== undefined) return run(endFormerAndSave(state, standing.former))
      return state.renewed ? run(moveAndSave(state, standing)) : saveChanges(state, standing)
    case 'gone':
      if (standing.ended?.former !== undefined) return run(endFormerAndSave(state, standing.ended.former))
      if (standing.ended !== undefined && state.renewed) return run(afterGoneAndSave(state, standing.ended))
      return state.changed ? lost(state) : undefined
    case 'detached':
      return undefined
  }
}

/** What there is to save needs a cookie, and none is to be sent. */
function isWithheld(state: SessionState): boolean {
  return lacksHttps(state) || wouldReplaceUnseen(state)
}

/** The cookie is for https only, and the request is not https. */
function lacksHttps(state: SessionState): boolean {
  return state.policy.cookie.withheld(state.secure) && !state.byKey && state.needsCookie
}

/** Nothing is stored: nobody could find it, or it would be the end of a session that somebody has. */
function withhold(state: SessionState): void {
  if (lacksHttps(state)) tellWithheld(state)
  else refuse(state)
  state.lose()
}

function refuse(state: SessionState): void {
  state.refused = true
  state.policy.report({ type: 'cross-site' })
  state.policy.warnCrossSite()
}

function saveChanges(state: SessionState, stored: Live): MaybePromise<void> {
  // A sign-in that failed may have ended it.
  if (state.undecided !== undefined && state.values.changed)
    return run(takeBackAndSave(state, state.undecided))
  const resolution = state.values.changeFor(stored.record.values)
  const change = storedChange(state, stored, resolution)
  return change === undefined && resolution === undefined
    ? undefined
    : run(saveStored(state, stored, resolution, change))
}

function saveReplaced(state: SessionState, replaced: Replaced): MaybePromise<void> {
  const { hasContent } = state
  const { late, former, wanted } = replaced
  if (late) return hasContent ? lost(state) : undefined
  if (former !== undefined && (wanted || hasContent)) return run(beginAndEndFormer(state, former))
  return hasContent ? run(beginSession(state)) : undefined
}

function* beginAndEndFormer(state: SessionState, former: readonly SessionKey[]): Steps<void> {
  if (state.hasContent) yield* beginSession(state)
  yield* endFormerAndSave(state, former)
}

function* endFormerAndSave(state: SessionState, former: readonly SessionKey[]): Steps<void> {
  yield* endFormer(state, former)
  yield* settled(saveNow(state))
}

/** The client has another id by now: a move from this one, if it is undecided, is not to be taken back. */
function* endFormer(state: SessionState, former: readonly SessionKey[]): Steps<void> {
  for (const key of former) yield* endRecord(state, key)
  for (const key of former) state.policy.ends.tell(key, 'rotated')
  const { lastStored } = state
  if (lastStored !== undefined) lastStored.former = undefined
  else state.standing = FRESH
}

/**
 * What is left of a session that had an owner may be all that says what it was replaced by: whoever moved it may have died
 * before it was noted. A sign-out with the old id has to find that. So it stays, with a mark that nobody takes back.
 */
function* endRecord({ policy, mark }: SessionState, key: SessionKey): Steps<void> {
  const { store, clock } = policy
  const record = yield* settled(store.load(key))
  if (record !== undefined && isMoved(record) && belongingOf(record) !== undefined) {
    yield* settled(store.save(key, markWith(mark, clock.known)))
  } else yield* settled(store.delete(key))
}

function* moveAndSave(state: SessionState, stored: Live): Steps<void> {
  yield* moveToNewId(state, stored)
  if (state.lastStored === undefined) yield* settled(saveNow(state))
}

function* afterGoneAndSave(state: SessionState, ended: Live): Steps<void> {
  yield* afterGone(state, ended)
  if (state.lastStored === undefined) yield* settled(saveNow(state))
}

function* takeBackAndSave(state: SessionState, move: UndecidedMove): Steps<void> {
  yield* takeBack(state, move)
  yield* settled(saveNow(state))
}

function* removeDestroyedAndSave(state: SessionState): Steps<void> {
  yield* removeDestroyed(state)
  yield* settled(saveNow(state))
}

function* readAgain(state: SessionState): Steps<void> {
  refuseDetached(state)
  const { lastStored, values, policy } = state
  if (lastStored === undefined) return values.reset(NO_VALUES)
  const record = state.isGone ? undefined : yield* settled(loadSession(policy.store, lastStored.key))
  if (record === undefined || policy.expiry.isOver(record, policy.clock.known)) lost(state)
  lastStored.record = record
  lastStored.uncertain = undefined
  values.reset(record.values)
}

/** The cookie of what is done already, where a later save has failed: without it nobody would find the session. */
export function dueCookie(state: SessionState): SetCookie | undefined {
  const isDone = state.cookieDue === 'set' ? state.lastStored !== undefined : state.destroyed === undefined
  return isDone ? takeDueCookie(state) : undefined
}

/**
 * A session that is gone gets no removal cookie: by the time that it arrives the client may have signed in again, and
 * it would delete the new session's cookie.
 */
function takeDueCookie(state: SessionState): SetCookie | undefined {
  if (state.leftovers !== undefined && replacesLeftovers(state)) state.cookieDue ??= 'set'
  const { cookieDue, leftovers, secure, policy } = state
  if (cookieDue === undefined) return undefined
  const { lastStored } = state
  const { cookie, expiry, clock } = policy
  state.cookieDue = undefined
  if (state.byKey) return undefined
  if (cookie.withheld(secure)) {
    tellWithheld(state)
    return undefined
  }
  if (leftovers !== undefined) state.leftovers = { ...leftovers, certain: true, used: false }
  state.clientHasCookie = cookieDue === 'set'
  if (cookieDue === 'remove' || lastStored === undefined) return cookie.removal(secure)
  const { createdAt, values } = lastStored.record
  const maxAge = expiry.cookieMaxAge(createdAt, expiry.mode(values), clock.known)
  if (cookie.weakened(secure)) policy.warnWeakened()
  return cookie.setting(lastStored.id, maxAge, secure)
}

/** The id may be that of a cookie of earlier settings, which is about to be removed. */
function replacesLeftovers({ leftovers, varies, standing }: SessionState): boolean {
  return leftovers?.certain === true && leftovers.used && varies && standing.kind === 'stored'
}

const NONE: readonly SetCookie[] = []

/**
 * The removals of cookies of earlier settings, once: with the first answer that depends on the session. They come before
 * the cookie of now, as a browser that does not know `Partitioned` takes the two for one.
 */
export function takeRemovals(state: SessionState): readonly SetCookie[] {
  const { leftovers, varies, secure, policy } = state
  if (leftovers === undefined || !leftovers.certain || !varies || state.isDetached) return NONE
  state.leftovers = undefined
  return policy.cookie.withheld(secure) ? NONE : policy.cookie.removalsOf(leftovers, secure)
}
