import { type SessionKey, shortKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import { type Steps, settled } from '../contract/wait.ts'
import { type Belonging, belongingOf, ofOwner, signInOf, signInText } from '../owners/belonging.ts'
import { enterNext, forget, othersOf } from '../owners/enter.ts'
import { ownerKey } from '../owners/keys.ts'
import { type Entry, entryName, type OwnerRecord } from '../owners/record.ts'
import { reservedKeys } from '../values/data.ts'
import { createRecord, idsOf } from './create.ts'
import { checkLimits } from './limits.ts'
import { bringUpToDate, decide, leaveUndecided, orGiveUp, storedUntil } from './move.ts'
import { noteReplaced, wasReplaced } from './replaced.ts'
import { valuesAfter } from './save.ts'
import { type Live, live } from './standing.ts'
import { type Carried, lost, type SessionState, type UndecidedMove } from './state.ts'
import { abandonCopy, removeQuietly, takeBack } from './undecided.ts'

/**
 * Moves a session to the state's new id, as `move.ts` says. One that has an owner is entered there before it is decided: who
 * ends all that the owner has finds it, or it finds out.
 *
 * The session may be found gone. If another request has given it a new id, this one begins anew: nothing is stored for it
 * then, and what it has set itself is still to be saved. But a new session would take the place of somebody's sign-in: of
 * one that has an owner it is told that it is gone.
 */
export function* moveToNewId(state: SessionState, old: Live): Steps<void> {
  if (state.undecided !== undefined) yield* takeBack(state, state.undecided)
  const move = yield* startCopy(state, old)
  const own = ofOwner(old.record)
  let known: OwnerRecord | undefined
  if (own !== undefined) {
    known = yield* orGiveUp(state, move, enterNext(state.policy.registry, own, move.copy.key))
    if (known === undefined) return yield* endInvalid(state, move)
  }
  const found = yield* orGiveUp(state, move, decide(state, move))
  if (found.fate === 'moved') return yield* finish(state, move, found.record, known)
  yield* abandonCopy(state, move)
  yield* afterGone(state, old, found.fate === 'replaced')
}

/** Of a session that is to have a new id, and has ended: begins anew if it has one already by another request's doing. */
export function* afterGone(state: SessionState, old: Live, replaced = false): Steps<void> {
  if (belongingOf(old.record) !== undefined) lost(state)
  const isReplaced = replaced || (yield* wasReplaced(state.policy, old.id))
  if (!isReplaced || !state.beginAnew(old)) lost(state)
}

function* startCopy(state: SessionState, old: Live): Steps<UndecidedMove> {
  const { policy } = state
  const carry = (record: SessionRecord) => carriedBy(state, record)
  const { record } = old
  const { values, resolution } = carry(record)
  // createdAt stays: no new id extends the lifetime.
  const moved = { ...record, values, expiresAt: storedUntil(policy, record.createdAt, values) }
  const { version: _, ...fresh } = moved
  const { id, key } = yield* createRecord(policy, fresh, idsOf(state))
  const copy = { id, key, record: { ...moved, version: 0 }, resolution }
  const belonging = belongingOf(record)
  const givenUp = () => {
    if (belonging === undefined) return
    forget(policy.registry, belonging.owner, [entryName(belonging.signIn, key)])
  }
  return { old, copy, carry, givenUp, ended: () => lost(state) }
}

/** All that the record has, and what this request has changed. */
function carriedBy(state: SessionState, record: SessionRecord): Carried {
  const { policy, confirmed } = state
  const resolution = state.values.changeFor(record.values)
  const values = new Map(valuesAfter(record.values, resolution))
  const own = signInOf(record.values)
  if (confirmed && own !== undefined) {
    values.set(reservedKeys.signIn, signInText({ ...own, authenticatedAt: policy.clock.known }))
  }
  checkLimits(policy.settings, values)
  return { values, resolution }
}

/** Its sign-in was ended: whoever ended it may not have come to the session yet. */
function* endInvalid(state: SessionState, move: UndecidedMove): Steps<never> {
  yield* abandonCopy(state, move)
  yield* settled(state.policy.store.delete(move.old.key))
  lost(state)
}

/** The copy is the session now. `found`: the old record, with the mark. `known`: its owner's. */
function* finish(
  state: SessionState,
  move: UndecidedMove,
  found: SessionRecord,
  known: OwnerRecord | undefined,
): Steps<void> {
  const { copy, old } = move
  const { policy, values } = state
  try {
    // A change of owner alone raises no version, and so has met no condition.
    yield* bringUpToDate(state, move, copy.record.values, found.owner)
  } catch (error) {
    if (state.isGone) yield* removeQuietly(policy, old.key)
    else leaveUndecided(state, move)
    throw error
  }
  const belonging = known === undefined ? undefined : belongingOf(found)
  const isNoted = yield* noteReplaced(policy, old.id, belongingOf(found))
  if (belonging !== undefined && !(yield* leaveOld(state, move, belonging, isNoted))) {
    yield* abandonCopy(state, move)
    lost(state)
  }
  const { resolution, ...stored } = copy
  state.standing = { ...live(stored), hasSaved: old.hasSaved, doubtfulTakes: old.doubtfulTakes }
  if (resolution !== undefined) values.saved(resolution, stored.record.values)
  state.touched = false
  state.confirmed = false
  state.cookieDue = 'set'
  const event = { key: shortKey(copy.key), from: shortKey(old.key) }
  const { owner } = copy.record
  policy.report(owner === undefined ? { type: 'rotated', ...event } : { type: 'rotated', ...event, owner })
  policy.ends.tell(old.key, 'rotated')
  if (belonging === undefined || known === undefined) {
    if (isNoted) yield* removeQuietly(policy, old.key)
    return
  }
  const others = othersOf(known, belonging.signIn, copy.key)
  policy.registry.later(() => tidy(state, belonging.owner, others, old.key))
}

/**
 * Lets go of the old record of a session that has an owner, before anybody has the new id. `false`: it is not there any more, so
 * whoever ends what the owner has was at it, and may not have come to the new one yet. A sign-out with the old id has found
 * nothing then, and was told that it is done.
 *
 * Where it could not be noted the old record goes on saying that it was replaced. The owner must not know it any more: the next
 * new id would end it.
 */
function* leaveOld(
  { policy }: SessionState,
  { old }: UndecidedMove,
  { owner, signIn }: Belonging,
  isNoted: boolean,
): Steps<boolean> {
  const { store, registry, report } = policy
  try {
    if (isNoted) return yield* settled(store.delete(old.key))
    yield* settled(store.save(ownerKey(registry.app, owner), { delete: [entryName(signIn, old.key)] }))
  } catch (error) {
    report({ type: 'error', error })
  }
  return true
}

/** Ends what else was stored for the sign-in by a process that has died: then it is forgotten, with the old record. */
function* tidy(
  { policy }: SessionState,
  owner: string,
  entries: readonly Entry[],
  old: SessionKey,
): Steps<void> {
  for (const { key } of entries) if (key !== old) yield* settled(policy.store.delete(key))
  forget(
    policy.registry,
    owner,
    entries.map(({ name }) => name),
  )
}
