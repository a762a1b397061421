import { isNoSession, type SessionKey } from '../../../contract/key.ts'
import type { NewRecord } from '../../../contract/record.ts'
import { type Steps, settled } from '../../../contract/wait.ts'
import { loadHere } from './load.ts'
import { sealOf } from './marks.ts'
import { finish } from './move.ts'
import type { Pair } from './pair.ts'

/** How often a key is tried that was made free. */
const MOST_TRIES = 5

/** Creates a record in `from` (`here`) or in `to`, where the other store has none. */
export function* createIn(side: keyof Pair, pair: Pair, key: SessionKey, record: NewRecord): Steps<boolean> {
  const other = pair[side === 'to' ? 'from' : 'to']
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    if (!(yield* settled(other.exists(key))) && (yield* settled(pair[side].create(key, record)))) {
      return !isNoSession(key) || (yield* isAlone(side, pair, key, record))
    }
    if (!(yield* isFreed(pair, key))) return false
  }
  return false
}

/**
 * Whether nobody has created a record under the same key in the other store, which no id's key is used for twice: else this
 * one is taken back, unless it is in use already. Both may be; then both are to try again.
 */
function* isAlone(side: keyof Pair, pair: Pair, key: SessionKey, { version = 0 }: NewRecord): Steps<boolean> {
  if (!(yield* settled(pair[side === 'to' ? 'from' : 'to'].exists(key)))) return true
  const ended = yield* settled(pair[side].save(key, { expiresAt: 0 }, { ifVersion: version }))
  if (ended.outcome === 'saved') yield* settled(pair[side].delete(key))
  return ended.outcome === 'conflict'
}

/** Whether what has the key is over and was removed: a copy that is void, and what is left in `from` of one that was chosen. */
function* isFreed(pair: Pair, key: SessionKey): Steps<boolean> {
  if (yield* loadHere(pair, key)) return false
  const left = yield* settled(pair.from.load(key))
  const seal = left && sealOf(left)
  if (!left) return true
  return seal?.chosen !== undefined && (yield* finish(pair, key, seal.chosen)).fate === 'over'
}
