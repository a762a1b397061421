import type { SessionKey } from '../../../contract/key.ts'
import type { SessionRecord } from '../../../contract/record.ts'
import type { LoadOptions } from '../../../contract/store.ts'
import { type Steps, settled } from '../../../contract/wait.ts'
import { copyIn, endVoid } from './copies.ts'
import { sealOf, withoutSeal } from './marks.ts'
import type { Pair } from './pair.ts'

/** Where most sessions are in `to`. */
export function* loadThere(
  pair: Pair,
  key: SessionKey,
  options?: LoadOptions,
): Steps<SessionRecord | undefined> {
  const record = yield* settled(pair.to.load(key, options))
  if (record && !copyIn(record)) return record
  // It may come to `to` while it is looked for in `from`, so that `to` is asked once more.
  return yield* loadHere(pair, key, options)
}

/**
 * Where most sessions are in `from`. A load finishes no move: until a copy is made the session, the record in `from` has
 * all that anybody was told is saved.
 */
export function* loadHere(
  pair: Pair,
  key: SessionKey,
  options?: LoadOptions,
): Steps<SessionRecord | undefined> {
  const { from, to } = pair
  const record = yield* settled(from.load(key, options))
  const seal = record && sealOf(record)
  if (record && seal?.chosen === undefined) return seal ? withoutSeal(record, seal) : record
  const there = yield* settled(to.load(key, options))
  const copy = there && copyIn(there)
  if (!there || !copy) return there
  if (record && seal?.chosen === copy.mark.attempt) return withoutSeal(record, seal)
  // Ended before anybody is told that there is none: the record in `from` may have expired on the way.
  const ended = yield* endVoid(pair, key, copy, from.loadsAtOnce && to.loadsAtOnce)
  return ended.fate === 'active' ? ended.record : undefined
}
