import type { SessionKey } from '../../../contract/key.ts'
import type { SessionRecord } from '../../../contract/record.ts'
import { type Steps, settled } from '../../../contract/wait.ts'
import { StoreBusyError } from '../../../errors.ts'
import { timeOf } from '../in-time-of.ts'
import { type Copy, copyIn, endVoid } from '../moving/copies.ts'
import { activation, copyWith, isVersionOf, type Pending } from '../moving/marks.ts'
import type { SourcePair } from './pair.ts'
import { choose, hasReceipt } from './receipt.ts'

/** How often a copy is refused because of what is there, and nothing is found there. */
const MOST_REFUSALS = 10

/**
 * Takes a session along that was found in the source, and not in `to`. `undefined`: it is over, it was taken before and has
 * ended since.
 *
 * Throws `StoreBusyError` (`UNTORN_STORE_BUSY`) if `to` takes no copy, and has none.
 */
export function* take(
  pair: SourcePair,
  key: SessionKey,
  found: SessionRecord,
): Steps<SessionRecord | undefined> {
  const { to } = pair
  for (let refusals = 0; refusals < MOST_REFUSALS; refusals++) {
    // Also after a copy was void: it was late, or what was chosen in its place has left a receipt.
    const isOver = found.expiresAt <= (yield* settled(timeOf(to))) || (yield* hasReceipt(pair, key))
    if (isOver) return yield* lookAgain(pair, key)
    const mark: Pending = { version: found.version, attempt: pair.newAttempt(), until: found.expiresAt }
    const copy = copyWith(mark, found)
    const isOurs = yield* settled(to.create(key, copy))
    const there = isOurs ? copy : yield* settled(to.load(key))
    const session = there && (yield* sessionIn(pair, key, there))
    if (session) return session
  }
  throw new StoreBusyError(
    'A session could not be taken along: the store that it is taken to says that its key is taken, and no session is found ' +
      'there: somebody is about to write it or to remove it, or its record is damaged. Try again in a minute.',
  )
}

/** It may have come to `to` since it was looked for there. */
export function* lookAgain(pair: SourcePair, key: SessionKey): Steps<SessionRecord | undefined> {
  const there = yield* settled(pair.to.load(key))
  return there && (yield* sessionIn(pair, key, there))
}

/** What a record in `to` is as a session; `undefined`: it is none, a copy that is void. */
export function* sessionIn(
  pair: SourcePair,
  key: SessionKey,
  record: SessionRecord,
): Steps<SessionRecord | undefined> {
  const copy = copyIn(record)
  return copy ? yield* settle(pair, key, copy) : record
}

/** Decides what a copy is: it is the session, if its receipt is the first; else it never will be. */
export function* settle(pair: SourcePair, key: SessionKey, copy: Copy): Steps<SessionRecord | undefined> {
  const { attempt, until = 0 } = copy.mark
  const isChosen =
    !(yield* isLate(pair, copy)) && (yield* choose(pair, key, attempt, until)).chosen === attempt
  if (isChosen) return yield* activate(pair, key, copy)
  const ended = yield* endVoid(pair, key, copy)
  return ended.fate === 'active' ? ended.record : undefined
}

/** Whether a copy is of a session that has ended in the source: there may be no receipt any more of what was decided. */
export function* isLate({ to }: SourcePair, { mark: { until = 0 } }: Copy): Steps<boolean> {
  return until <= (yield* settled(timeOf(to)))
}

/** Makes the copy that was chosen the session. `undefined`: it was, and has ended since. */
function* activate({ to }: SourcePair, key: SessionKey, copy: Copy): Steps<SessionRecord | undefined> {
  const { mark } = copy
  let { version } = copy
  for (;;) {
    const result = yield* settled(to.save(key, activation, { ifVersion: version }))
    if (result.outcome === 'saved') return result.record
    if (result.outcome === 'gone') return undefined
    const other = copyIn(result.record)
    // Somebody's save was faster, and is settling the copy, too.
    if (other?.mark.attempt === mark.attempt) version = other.version
    else return !other && isVersionOf(mark, result.record.version) ? result.record : undefined
  }
}
