import type { SessionKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import type { SaveResult } from '../contract/store.ts'
import { isPromise, outcomeOf, run, type Steps, settled } from '../contract/wait.ts'
import { MisuseError } from '../errors.ts'
import { fence, isMarkedWith, isMoved, unmark } from './moved.ts'
import type { Policy } from './policy.ts'
import type { Live } from './standing.ts'
import { inTurn, type Move, type SessionState, type UndecidedMove } from './state.ts'

/**
 * What became of a session that was to be moved:
 * - `moved`: the old record has this request's mark
 * - `stays`: it has none, and is the session
 * - `replaced`: it has that of another request
 * - `gone`: it is not there
 */
export type MoveFound =
  | { fate: 'moved' | 'stays'; record: SessionRecord }
  | { fate: 'replaced' }
  | { fate: 'gone' }

export function foundIn(result: SaveResult, mark: string): MoveFound {
  return foundBy(result.outcome === 'gone' ? undefined : result.record, mark)
}

function foundBy(record: SessionRecord | undefined, mark: string): MoveFound {
  if (record === undefined) return { fate: 'gone' }
  if (isMarkedWith(mark, record)) return { fate: 'moved', record }
  return isMoved(record) ? { fate: 'replaced' } : { fate: 'stays', record }
}

/**
 * Finds out whether a mark stands whose answer was lost. It looks by a save that changes nothing but the version: a mark
 * that is still on its way to the store can't be set after it. A store that takes no changes (its memory is full) can be
 * read; there a mark that is not found may still come, unless the store answers at once. Throws if it can't be told.
 */
export function* lookAtMove(
  { mark, policy }: Pick<SessionState, 'mark' | 'policy'>,
  old: Live,
): Steps<MoveFound> {
  const { store } = policy
  const { key } = old
  const fencing = outcomeOf(() => store.save(key, fence))
  // A store that answers later is asked for both at a time: each may take as long as its deadline.
  const load = () => store.load(key, { id: old.id })
  const loading = isPromise(fencing) ? outcomeOf(load) : undefined
  const fenced = yield* settled(fencing)
  if (fenced.done) {
    const found = foundIn(fenced.value, mark)
    // A conditional save that failed before was not carried out either, if the version is the next one.
    if (found.fate === 'stays' && found.record.version - 1 === old.uncertain) old.uncertain = undefined
    return found
  }
  const loaded = yield* settled(loading ?? outcomeOf(load))
  if (!loaded.done) throw fenced.error
  const found = foundBy(loaded.value, mark)
  if (found.fate === 'stays' && loading !== undefined) throw fenced.error
  return found
}

/** Gives the copy up. A key is used once: the next try needs another one. */
export function* abandonCopy(state: SessionState, { copy, givenUp }: Move): Steps<void> {
  state.undecided = undefined
  if (state.id === copy.id) state.renewId()
  yield* removeQuietly(state.policy, copy.key)
  givenUp()
}

/** Milliseconds. The request itself, which tries again before it is answered, comes sooner. */
const FIRST_WAIT = 250
const LONGEST_WAIT = 30_000

/**
 * Takes an undecided move back as soon as the store answers, unless its request has done so meanwhile: the client was
 * answered with an error and has the old id, and nobody has ever seen the new one. It is tried for as long as there is
 * something to save; a process that ends before, or a store that is closed, leaves a session that nobody reaches.
 */
export function settleLater(state: SessionState, move: UndecidedMove, wait = FIRST_WAIT): void {
  setTimeout(async () => {
    try {
      await inTurn(state, () => (state.undecided === move ? run(takeBack(state, move)) : undefined))
    } catch (error) {
      // A closed store answers nobody any more.
      const goesOn = !(error instanceof MisuseError) && state.policy.clock.known < move.old.record.expiresAt
      if (goesOn) settleLater(state, move, Math.min(2 * wait, LONGEST_WAIT))
      else state.policy.report({ type: 'error', error })
    }
  }, wait).unref()
}

/** Makes the old record the session again, if it is there: one that was signed out with the old id stays so. */
export function* takeBack(state: SessionState, move: UndecidedMove): Steps<void> {
  const { old } = move
  let found = yield* lookAtMove(state, old)
  while (found.fate === 'moved') {
    // On the condition that nothing came since: one that is still on its way must not undo a later move.
    const ifVersion = found.record.version
    found = foundIn(yield* settled(state.policy.store.save(old.key, unmark, { ifVersion })), state.mark)
  }
  if (found.fate === 'stays') old.record = found.record
  yield* abandonCopy(state, move)
}

/** For a record that nobody can reach any more: what fails here is left to the sweep. */
export function* removeQuietly({ store, report }: Policy, key: SessionKey): Steps<void> {
  try {
    yield* settled(store.delete(key))
  } catch (error) {
    report({ type: 'error', error })
  }
}
