import { isNoSession, type SessionKey } from '../../../contract/key.ts'
import { type Steps, settled } from '../../../contract/wait.ts'
import { cleanUp, END, removeEnded } from './clean-up.ts'
import { copyIn, endVoid } from './copies.ts'
import { sealOf } from './marks.ts'
import type { Pair } from './pair.ts'

/**
 * Ends the session where it is, then removes what is left of it in both stores. Ended first and by a save, as that tells
 * whether it was the session or a void copy, and tells it to one of several.
 */
export function* deleteFrom(pair: Pair, key: SessionKey): Steps<boolean> {
  const { from } = pair
  let current = yield* settled(from.load(key))
  while (current) {
    const seal = sealOf(current)
    // From now on the session is what is in `to`.
    if (seal?.chosen !== undefined) return yield* deleteThere(pair, key, seal.chosen)
    const ended = yield* settled(from.save(key, END, { ifVersion: current.version }))
    if (ended.outcome === 'saved') {
      // Nothing can be chosen any more: every copy is void.
      if (seal) yield* removeCopy(pair, key)
      yield* removeEnded(from, key)
      return true
    }
    current = ended.outcome === 'conflict' ? ended.record : undefined
  }
  return yield* deleteThere(pair, key, undefined)
}

function* deleteThere({ from, to }: Pair, key: SessionKey, chosen: number | undefined): Steps<boolean> {
  const ended = yield* settled(to.save(key, END))
  if (ended.outcome === 'saved') yield* removeEnded(to, key)
  if (chosen !== undefined) yield* cleanUp(from, key, chosen)
  if (ended.outcome !== 'saved') return false
  const copy = copyIn(ended.record)
  return copy === undefined || copy.mark.attempt === chosen
}

/** A copy that is void now. What has the key of no session in `to` may be another record. */
function* removeCopy(pair: Pair, key: SessionKey): Steps<void> {
  if (!isNoSession(key)) return void (yield* settled(pair.to.delete(key)))
  const there = yield* settled(pair.to.load(key))
  const copy = there && copyIn(there)
  if (copy) yield* endVoid(pair, key, copy)
}
