import { isNoSession, type SessionKey } from '../../../contract/key.ts'
import type { NewRecord, SessionChange, SessionRecord } from '../../../contract/record.ts'
import type { LoadOptions, SaveResult } from '../../../contract/store.ts'
import { type Steps, settled } from '../../../contract/wait.ts'
import { END, removeEnded } from '../moving/clean-up.ts'
import { copyIn } from '../moving/copies.ts'
import { withoutPending } from '../moving/marks.ts'
import type { SourcePair } from './pair.ts'
import { endUnseen } from './receipt.ts'
import { isLate, lookAgain, sessionIn, settle, take } from './take.ts'

/** Loads from `to`; what the source alone has is taken along, where its id is known. */
export function* load(
  pair: SourcePair,
  key: SessionKey,
  options?: LoadOptions,
): Steps<SessionRecord | undefined> {
  const { from, to } = pair
  const record = yield* settled(to.load(key, options))
  const session = record && (yield* sessionIn(pair, key, record))
  if (session || options?.id === undefined || isNoSession(key)) return session
  const found = yield* settled(from.load(key, options))
  return found ? yield* take(pair, key, found) : yield* lookAgain(pair, key)
}

/** Saves to `to`: whoever knows a session has loaded it, and so it is there. */
export function* save(
  pair: SourcePair,
  key: SessionKey,
  change: SessionChange,
  ifVersion: number | undefined,
): Steps<SaveResult> {
  for (;;) {
    const result = yield* settled(pair.to.save(key, change, ifVersion === undefined ? {} : { ifVersion }))
    const copy = result.outcome === 'gone' ? undefined : copyIn(result.record)
    if (result.outcome === 'gone' || !copy) return result
    const session = yield* settle(pair, key, copy)
    if (session && result.outcome === 'saved')
      return { outcome: 'saved', record: withoutPending(result.record) }
    // What was met was no session; there may be another one. Or it is, and has another version by now.
  }
}

/** How often a key is tried that was made free. */
const MOST_TRIES = 5

/** Creates a session in `to`. */
export function* create(pair: SourcePair, key: SessionKey, record: NewRecord): Steps<boolean> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    if (yield* settled(pair.to.create(key, record))) return true
    // A copy that is void keeps its key until somebody meets it.
    const there = yield* settled(pair.to.load(key))
    if (!there || !copyIn(there) || (yield* sessionIn(pair, key, there))) return false
  }
  return false
}

/**
 * Ends the session where it is. `false` also for one that the source alone has, as nobody can look for it by its key: it is
 * over all the same.
 */
export function* remove(pair: SourcePair, key: SessionKey): Steps<boolean> {
  const { to } = pair
  if (isNoSession(key)) return yield* settled(to.delete(key))
  let isDecided = false
  for (;;) {
    // By a save, as that tells whether it was the session or a copy.
    const ended = yield* settled(to.save(key, END))
    const copy = ended.outcome === 'gone' ? undefined : copyIn(ended.record)
    if (ended.outcome === 'gone' && isDecided) return false
    if (ended.outcome !== 'gone' && !copy) {
      yield* removeEnded(to, key)
      return true
    }
    const { isNew, chosen } = yield* endUnseen(pair, key)
    // Until now the session was what the source has; or the copy, though nobody had made it that yet.
    if (isNew) return copy !== undefined && !(yield* isLate(pair, copy))
    if (copy && chosen === copy.mark.attempt) return true
    // It may be another copy, of this very moment. From now on none is chosen.
    isDecided = true
  }
}
