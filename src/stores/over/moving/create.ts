import { isNoSession, type SessionKey } from '../../../contract/key.ts'
import type { NewRecord } from '../../../contract/record.ts'
import { type Steps, settled } from '../../../contract/wait.ts'
import { END } from './clean-up.ts'
import { copyIn } from './copies.ts'
import { loadHere } from './load.ts'
import { sealOf } from './marks.ts'
import { finish } from './move.ts'
import type { Pair } from './pair.ts'

/** How often a key is tried that was made free. */
const MOST_TRIES = 5

/** Where a record is created. */
type Side = keyof Pair

const elsewhere = (side: Side): Side => (side === 'to' ? 'from' : 'to')

/** Creates a record in one store, where the other has none. */
export function* createIn(side: Side, pair: Pair, key: SessionKey, record: NewRecord): Steps<boolean> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    if (!(yield* isElsewhere(side, pair, key)) && (yield* settled(pair[side].create(key, record)))) {
      return !isNoSession(key) || (yield* isAlone(side, pair, key, record))
    }
    if (!(yield* isFreed(pair, key))) return false
  }
  return false
}

/** A record goes from `from` to `to`: in this order whoever writes to `from` does not miss it on its way. */
function* isElsewhere(side: Side, pair: Pair, key: SessionKey): Steps<boolean> {
  if (side === 'from' && isNoSession(key) && (yield* settled(pair.from.exists(key)))) return true
  return yield* settled(pair[elsewhere(side)].exists(key))
}

/**
 * Whether nobody has created a record of the same key in the other store meanwhile: else this one is taken back, unless it
 * is in use already. Who created the other one may do the same: then both are to try again. No two processes ever draw the
 * same id, so that of sessions it is not asked.
 */
function* isAlone(side: Side, pair: Pair, key: SessionKey, { version = 0 }: NewRecord): Steps<boolean> {
  const there = yield* settled(pair[elsewhere(side)].load(key))
  // A copy is of this very record, or void.
  if (!there || (side === 'from' && copyIn(there))) return true
  const ended = yield* settled(pair[side].save(key, END, { ifVersion: version }))
  // Changed, moved or ended by others since: it was created.
  return ended.outcome !== 'saved'
}

/** Whether what has the key is over and was removed: a copy that is void, and what is left in `from` of one that was chosen. */
function* isFreed(pair: Pair, key: SessionKey): Steps<boolean> {
  if (yield* loadHere(pair, key)) return false
  const left = yield* settled(pair.from.load(key))
  const seal = left && sealOf(left)
  if (!left) return true
  return seal?.chosen !== undefined && (yield* finish(pair, key, seal.chosen)).fate === 'over'
}
