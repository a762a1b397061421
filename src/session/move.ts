import type { SessionChange, SessionRecord } from '../contract/record.ts'
import { isNewer, type Turn } from '../contract/turns.ts'
import { isPromise, run, type Steps, settled } from '../contract/wait.ts'
import { reservedKeys } from '../values/data.ts'
import { isStoreFailure } from './detached.ts'
import { markWith } from './moved.ts'
import type { Policy } from './policy.ts'
import { beforeNextTry } from './retry.ts'
import { refuseSecondTime } from './save.ts'
import type { Move, SessionState, UndecidedMove } from './state.ts'
import { abandonCopy, foundIn, lookAtMove, type MoveFound, settleLater } from './undecided.ts'

/*
 * A session takes the place of another one, under a new id: a rotation, or a sign-in.
 *
 * 1. its record is made, a copy of the old one or of some of it
 * 2. the old record is marked *if nobody has changed it since*; otherwise the copy is brought up to date, and that again.
 *    The mark decides (`moved.ts`): what others were told is saved under the old id has come along, what is still on its
 *    way to it finds no session, and a logout that was first wins
 * 3. it is noted that the old id was replaced
 * 4. the old record is removed
 *
 * If the answer to the mark is lost, the old record is looked at. Where not even that can be done the move is undecided: it
 * is taken back by the next try, which begins anew, or if there is none, later (`undecided.ts`).
 */

/** Marks the old record, or finds it gone. What is thrown leaves the session as it was, or the move undecided. */
export function* decide(state: SessionState, move: UndecidedMove): Steps<MoveFound> {
  for (let tries = 1; ; tries++) {
    const { found, waits } = yield* state.policy.turns.take(move.old.key, (turn) =>
      markInTurn(state, move, turn),
    )
    if (found.fate !== 'stays') return found
    refuseSecondTime(move.old)
    yield* beforeNextTry(state.policy.settings, tries, waits)
    yield* followOld(state, move, found.record)
  }
}

/** Takes steps of a move; if they fail, the copy is given up, unless it may be the session by now. */
export function* orGiveUp<T>(state: SessionState, move: Move, steps: Steps<T>): Steps<T> {
  try {
    return yield* steps
  } catch (error) {
    if (state.undecided === undefined) {
      const removing = abandonCopy(state, move)
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

export function leaveUndecided(state: SessionState, move: UndecidedMove): void {
  state.undecided = move
  settleLater(state, move)
}

/** Somebody has changed the session meanwhile: the copy gets that, too. */
function* followOld(state: SessionState, move: UndecidedMove, record: SessionRecord): Steps<void> {
  move.old.record = record
  const { values, resolution } = move.carry(record)
  move.copy.resolution = resolution
  yield* bringUpToDate(state, move, values, move.copy.record.owner)
}

/** Makes the copy hold these values and this owner; only what differs is sent. */
export function* bringUpToDate(
  { policy }: SessionState,
  { copy, ended }: Move,
  values: ReadonlyMap<string, string>,
  owner: string | undefined,
): Steps<void> {
  const { record } = copy
  const change = difference(record, values, owner)
  if (change === undefined) return
  const { expiry, notAfter } = reservedKeys
  if ([expiry, notAfter].some((key) => record.values.get(key) !== values.get(key)))
    change.expiresAt = storedUntil(policy, record.createdAt, values)
  const result = yield* settled(policy.store.save(copy.key, change))
  if (result.outcome !== 'saved') ended()
  else copy.record = result.record
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

/** Until when a record with these values is to be stored, used now. */
export function storedUntil(
  { expiry, clock }: Policy,
  createdAt: number,
  values: ReadonlyMap<string, string>,
): number {
  return expiry.stored(createdAt, expiry.mode(values), clock.known)
}
