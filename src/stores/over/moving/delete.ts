import type { SessionKey } from '../../../contract/key.ts'
import { type Steps, settled } from '../../../contract/wait.ts'
import { copyIn } from './copies.ts'
import { sealOf } from './marks.ts'
import type { Pair } from './pair.ts'

const END = { expiresAt: 0 }

/**
 * Ends the session where it is, then removes what is left of it in both stores. Ended first and by a save, as that tells
 * whether it was the session or a void copy, and tells it to one of several.
 */
export function* deleteFrom(pair: Pair, key: SessionKey): Steps<boolean> {
  const { from, to } = pair
  let current = yield* settled(from.load(key))
  while (current) {
    const seal = sealOf(current)
    // From now on the session is what is in `to`.
    if (seal?.chosen !== undefined) return yield* deleteThere(pair, key, seal.chosen)
    const ended = yield* settled(from.save(key, END, { ifVersion: current.version }))
    if (ended.outcome === 'saved') {
      // Nothing can be chosen any more: every copy is void.
      if (seal) yield* settled(to.delete(key))
      yield* settled(from.delete(key))
      return true
    }
    current = ended.outcome === 'conflict' ? ended.record : undefined
  }
  return yield* deleteThere(pair, key, undefined)
}

function* deleteThere({ from, to }: Pair, key: SessionKey, chosen: number | undefined): Steps<boolean> {
  const ended = yield* settled(to.save(key, END))
  if (ended.outcome === 'saved') yield* settled(to.delete(key))
  if (chosen !== undefined) yield* settled(from.delete(key))
  if (ended.outcome !== 'saved') return false
  const copy = copyIn(ended.record)
  return copy === undefined || copy.mark.attempt === chosen
}
