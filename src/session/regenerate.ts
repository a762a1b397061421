import { shortKey } from '../contract/key.ts'
import type { SessionChange, SessionRecord } from '../contract/record.ts'
import { isNewer, type Turn } from '../contract/turns.ts'
import { isPromise, run, type Steps, settled } from '../contract/wait.ts'
import { reservedKeys } from '../values/data.ts'
import { createRecord } from './create.ts'
import { isStoreFailure } from './detached.ts'
import { checkLimits } from './limits.ts'
import { markWith } from './moved.ts'
import type { Policy } from './policy.ts'
import { noteReplaced, wasReplaced } from './replaced.ts'
import { beforeNextTry } from './retry.ts'
import { refuseSecondTime, valuesAfter } from './save.ts'
import { type Live, live } from './standing.ts'
import { lost, type MovedCopy, type SessionState, type UndecidedMove } from './state.ts'
import {
  abandonCopy,
  foundIn,
  lookAtMove,
  type MoveFound,
  removeQuietly,
  settleLater,
  takeBack,
} from './undecided.ts'

/**
 * Moves a session to the state's new id:
 *
 * 1. its record is copied
 * 2. the old record is marked *if nobody has changed it since*; otherwise the copy is brought up to date, and that again.
 *    The mark decides (`moved.ts`): what others were told is saved under the old id has come along, what is still on its
 *    way to it finds no session, and a logout that was first wins
 * 3. it is noted that the old id was replaced
 * 4. the old record is removed
 *
 * If the answer to the mark is lost, the old record is looked at. Where not even that can be done the move is undecided: it
 * is taken back by the next try, which begins anew, or if there is none, later (`undecided.ts`).
 *
 * The session may be found gone. If another request has given it a new id, this one begins anew: nothing is stored for it
 * then, and what it has set itself is still to be saved.
 */
export function* moveToNewId(state: SessionState, old: Live): Steps<void> {
  if (state.undecided !== undefined) yield* takeBack(state, state.undecided)
  const move = { old, copy: yield* startCopy(state, old) }
  const found = yield* decide(state, move)
  if (found.fate === 'moved') return yield* finish(state, move, found.record.owner)
  yield* abandonCopy(state, move.copy)
  yield* afterGone(state, old, found.fate === 'replaced')
}

/** Of a session that is to have a new id, and has ended: begins anew if it has one already by another request's doing. */
export function* afterGone(state: SessionState, old: Live, replaced = false): Steps<void> {
  const isReplaced = replaced || (yield* wasReplaced(state.policy, old.id))
  if (!isReplaced || !state.beginAnew(old)) lost(state)
}

function* startCopy(state: SessionState, old: Live): Steps<MovedCopy> {
  const { record } = old
  const { policy } = state
  const resolution = state.values.changeFor(record.values)
  const values = valuesAfter(record.values, resolution)
  checkLimits(policy.settings, values)
  // createdAt stays: no sign-in extends the lifetime.
  const moved = { ...record, values, expiresAt: storedUntil(policy, record, values) }
  const { version: _, ...fresh } = moved
  const { id, key } = yield* createRecord(state, fresh)
  return { id, key, record: { ...moved, version: 0 }, resolution }
}

/** Marks the old record, or finds it gone. What is thrown leaves the session as it was, or the move undecided. */
function* decide(state: SessionState, move: UndecidedMove): Steps<MoveFound> {
  try {
    for (let tries = 1; ; tries++) {
      const { found, waits } = yield* state.policy.turns.take(move.old.key, (turn) =>
        markInTurn(state, move, turn),
      )
      if (found.fate !== 'stays') return found
      refuseSecondTime(move.old)
      yield* beforeNextTry(state.policy.settings, tries, waits)
      yield* followOld(state, move, found.record)
    }
  } catch (error) {
    if (state.undecided === undefined) {
      const removing = abandonCopy(state, move.copy)
      // A store that does not answer would take the time of each call once more, for an error that is known.
      if (isStoreFailure(error)) void run(removing)
      else yield* removing
    }
    throw error
  }
}

/** By what those before have left: where updates come one after the other, there would be a conflict at each try. */
function* markInTurn(
  state: SessionState,
  move: UndecidedMove,
  turn: Turn,
): Steps<{ found: MoveFound; waits: boolean }> {
  if (isNewer(turn.newest, move.old.record)) yield* followOld(state, move, turn.newest)
  const marked = yield* mark(state, move)
  if (marked.found.fate === 'stays') turn.newest = marked.found.record
  return marked
}

/** One try. `waits`: the store answers later. */
function* mark(state: SessionState, move: UndecidedMove): Steps<{ found: MoveFound; waits: boolean }> {
  const { old } = move
  const ifVersion = old.uncertain ?? old.record.version
  let waits = false
  try {
    const { store, clock } = state.policy
    const answer = store.save(old.key, markWith(state.mark, clock.known), { ifVersion })
    waits = isPromise(answer)
    return { found: foundIn(yield* settled(answer), state.mark), waits }
  } catch (error) {
    return { found: yield* afterFailure(state, move, error), waits }
  }
}

/** The mark may stand all the same. If it does not, and never will, the error is thrown: the session is as it was. */
function* afterFailure(state: SessionState, move: UndecidedMove, error: unknown): Steps<MoveFound> {
  let found: MoveFound
  try {
    found = yield* lookAtMove(state, move.old)
  } catch {
    leaveUndecided(state, move)
    throw error
  }
  if (found.fate !== 'stays') return found
  move.old.record = found.record
  throw error
}

function leaveUndecided(state: SessionState, move: UndecidedMove): void {
  state.undecided = move
  settleLater(state, move)
}

/** Somebody has changed the session meanwhile: the copy gets that, too. */
function* followOld(state: SessionState, { old, copy }: UndecidedMove, record: SessionRecord): Steps<void> {
  old.record = record
  copy.resolution = state.values.changeFor(record.values)
  const values = valuesAfter(record.values, copy.resolution)
  checkLimits(state.policy.settings, values)
  yield* bringUpToDate(state, copy, values, record.owner)
}

/** The copy is the session now. */
function* finish(state: SessionState, move: UndecidedMove, owner: string | undefined): Steps<void> {
  const { copy, old } = move
  const { policy, values } = state
  try {
    // A change of owner alone raises no version, and so has met no condition.
    yield* bringUpToDate(state, copy, copy.record.values, owner)
  } catch (error) {
    if (state.isGone) yield* removeQuietly(policy, old.key)
    else leaveUndecided(state, move)
    throw error
  }
  const { resolution, ...stored } = copy
  state.standing = { ...live(stored), hasSaved: old.hasSaved, doubtfulTakes: old.doubtfulTakes }
  if (resolution !== undefined) values.saved(resolution, stored.record.values)
  state.touched = false
  state.cookieDue = 'set'
  policy.report({ type: 'rotated', key: shortKey(copy.key), from: shortKey(old.key) })
  policy.ends.tell(old.key, 'rotated')
  if (yield* noteReplaced(policy, old.id)) yield* removeQuietly(policy, old.key)
}

/** Makes the copy hold these values and this owner; only what differs is sent. */
function* bringUpToDate(
  state: SessionState,
  copy: MovedCopy,
  values: ReadonlyMap<string, string>,
  owner: string | undefined,
): Steps<void> {
  const { record } = copy
  const { policy } = state
  const change = difference(record, values, owner)
  if (change === undefined) return
  const { expiry, notAfter } = reservedKeys
  if ([expiry, notAfter].some((key) => record.values.get(key) !== values.get(key)))
    change.expiresAt = storedUntil(policy, record, values)
  const result = yield* settled(policy.store.save(copy.key, change))
  if (result.outcome !== 'saved') lost(state)
  copy.record = result.record
}

function difference(
  record: SessionRecord,
  values: ReadonlyMap<string, string>,
  owner: string | undefined,
): SessionChange | undefined {
  const set = new Map([...values].filter(([key, text]) => record.values.get(key) !== text))
  const deleted = [...record.values.keys()].filter((key) => !values.has(key))
  const change: SessionChange = { set, delete: deleted }
  if (owner !== record.owner) change.owner = owner ?? null
  return set.size > 0 || deleted.length > 0 || change.owner !== undefined ? change : undefined
}

function storedUntil(
  { expiry, clock }: Policy,
  { createdAt }: SessionRecord,
  values: ReadonlyMap<string, string>,
): number {
  return expiry.stored(createdAt, expiry.mode(values), clock.known)
}
