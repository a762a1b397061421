import { MisuseError } from '../errors.ts'
import type { SessionRecord } from '../record/record.ts'
import { attempt, isPromise, run, type Steps, settled } from '../record/steps.ts'
import {
  inTurn,
  type MovedCopy,
  type SessionState,
  type Stored,
  type UndecidedMove,
} from '../session/state.ts'
import type { SaveResult } from '../store.ts'
import { fence, isMarkedWith, isMoved, unmark } from './moved.ts'
import type { Policy } from './policy.ts'
import { removeQuietly } from './remove.ts'

/**
 * What became of a session that was to be moved:
 * - `moved`: the old record has this request's mark
 * - `stays`: it has none, and is the session
 * - `over`: it is gone, or another request has moved it
 */
export type MoveFound = { fate: 'moved' | 'stays'; record: SessionRecord } | { fate: 'over' }

export function foundIn(result: SaveResult, mark: string): MoveFound {
  return result.outcome === 'gone' ? { fate: 'over' } : foundBy(result.record, mark)
}

function foundBy(record: SessionRecord | undefined, mark: string): MoveFound {
  if (record === undefined) return { fate: 'over' }
  if (isMarkedWith(mark, record)) return { fate: 'moved', record }
  return isMoved(record) ? { fate: 'over' } : { fate: 'stays', record }
}

/**
 * Finds out whether a mark stands whose answer was lost. It looks by a save that changes nothing but the version: a mark
 * that is still on its way to the store can't be set after it. A store that takes no changes (its memory is full) can be
 * read, and has refused the mark as well. Throws if the store tells neither.
 */
export function* lookAtMove({ store }: Policy, { key }: Stored, mark: string): Steps<MoveFound> {
  const fencing = attempt(() => store.save(key, fence))
  // A store that answers later is asked for both at a time: each may take as long as its deadline.
  const loading = isPromise(fencing) ? attempt(() => store.load(key)) : undefined
  const fenced = yield* settled(fencing)
  if (fenced.done) return foundIn(fenced.value, mark)
  const loaded = yield* settled(loading ?? attempt(() => store.load(key)))
  if (loaded.done) return foundBy(loaded.value, mark)
  throw fenced.error
}

/** Gives the copy up. A key is used once: the next try needs another one. */
export function* abandonCopy(policy: Policy, state: SessionState, copy: MovedCopy): Steps<void> {
  state.undecided = undefined
  if (state.id === copy.id) state.renewId()
  yield* removeQuietly(policy, copy.key)
}

/** Milliseconds. The request itself, which tries again before it is answered, comes sooner. */
const FIRST_WAIT = 250
const LONGEST_WAIT = 30_000

/**
 * Takes an undecided move back as soon as the store answers, unless its request has decided it meanwhile: the client was
 * answered with an error and has the old id, and nobody has ever seen the new one. It is tried for as long as there is
 * something to save; a process that ends before leaves a session that nobody reaches.
 */
export function settleLater(
  policy: Policy,
  state: SessionState,
  move: UndecidedMove,
  wait = FIRST_WAIT,
): void {
  setTimeout(async () => {
    try {
      await inTurn(state, () => run(takeBack(policy, state, move)))
    } catch (error) {
      // A closed store answers nobody any more.
      const goesOn = !(error instanceof MisuseError) && Date.now() < move.old.record.expiresAt
      if (goesOn) settleLater(policy, state, move, Math.min(2 * wait, LONGEST_WAIT))
      else policy.report({ type: 'error', error })
    }
  }, wait).unref()
}

function* takeBack(policy: Policy, state: SessionState, move: UndecidedMove): Steps<void> {
  if (state.undecided !== move) return
  const { old, copy } = move
  let found = yield* lookAtMove(policy, old, state.mark)
  // Gone by now: signed out with the old id, which is final.
  if (found.fate === 'moved') found = foundIn(yield* settled(policy.store.save(old.key, unmark)), state.mark)
  if (found.fate === 'stays') old.record = found.record
  yield* abandonCopy(policy, state, copy)
}
