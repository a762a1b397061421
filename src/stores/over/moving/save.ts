import type { SessionKey } from '../../../contract/key.ts'
import type { SessionChange } from '../../../contract/record.ts'
import type { SaveResult } from '../../../contract/store.ts'
import type { Turn } from '../../../contract/turns.ts'
import { type Steps, settled } from '../../../contract/wait.ts'
import { copyIn, type Fate, settle } from './copies.ts'
import { sealOf, unchangedVersion, withoutPending } from './marks.ts'
import { move } from './move.ts'
import type { Pair, PairInTurn } from './pair.ts'

/** Saves to `to`; a session that is still in `from` is moved first. */
export function* saveThere(
  pair: PairInTurn,
  key: SessionKey,
  change: SessionChange,
  ifVersion: number | undefined,
): Steps<SaveResult> {
  let named = ifVersion
  let isInFrom = true
  for (;;) {
    const result = yield* settled(pair.to.save(key, change, conditionOf(named)))
    if (result.outcome === 'gone') {
      if (!isInFrom) return result
      const moved = yield* pair.turns.take(key, () => move(pair, key))
      // It may have been moved since: one more look, and then it is gone, as nothing comes back to `from`.
      if (!moved) isInFrom = false
      else named = versionAfter(moved, named)
      continue
    }
    const copy = copyIn(result.record)
    if (!copy) return result
    const met = yield* settle(pair, key, copy)
    if (result.outcome === 'conflict') named = versionAfter(met, named)
    else if (met.fate !== 'void') return { outcome: 'saved', record: withoutPending(result.record) }
    // What was changed was no session; there may be another one.
  }
}

/** Saves to `from`, where it has not been moved. */
export function* saveHere(
  pair: PairInTurn,
  key: SessionKey,
  change: SessionChange,
  ifVersion: number | undefined,
): Steps<SaveResult> {
  const saved =
    ifVersion === undefined
      ? yield* pair.turns.take(key, (turn) => saveUnsealed(pair, key, change, undefined, turn))
      : yield* saveUnsealed(pair, key, change, ifVersion, { newest: undefined })
  return saved ?? (yield* saveThere(pair, key, change, ifVersion))
}

/**
 * Each save names the version that it was decided for, so that none gets into a record that is sealed meanwhile. The version
 * that a caller names can't be that of a sealed one: nobody is shown that. `undefined`: it is not there, or sealed.
 */
function* saveUnsealed(
  { from }: Pair,
  key: SessionKey,
  change: SessionChange,
  ifVersion: number | undefined,
  turn: Turn,
): Steps<SaveResult | undefined> {
  let named = ifVersion ?? turn.newest?.version
  if (named === undefined) {
    const record = yield* settled(from.load(key))
    if (record && !sealOf(record)) named = record.version
  }
  while (named !== undefined) {
    const result = yield* settled(from.save(key, change, { ifVersion: named }))
    if (result.outcome !== 'gone') turn.newest = sealOf(result.record) ? undefined : result.record
    if (result.outcome === 'saved') return result
    if (result.outcome === 'gone' || sealOf(result.record)) break
    if (ifVersion !== undefined) return result
    named = result.record.version
  }
  return undefined
}

/** Whoever names the last version in `from` means the copy, as long as that is unchanged. */
function versionAfter(moved: Fate, named: number | undefined): number | undefined {
  if (moved.fate !== 'active' || moved.mark === undefined || named !== moved.mark.version) return named
  return moved.record.version === unchangedVersion(moved.mark) ? moved.record.version : named
}

function conditionOf(version: number | undefined): { ifVersion?: number } {
  return version === undefined ? {} : { ifVersion: version }
}
