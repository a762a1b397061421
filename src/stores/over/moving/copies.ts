import type { SessionKey } from '../../../contract/key.ts'
import type { SessionRecord } from '../../../contract/record.ts'
import { isPromise, type Steps, settled } from '../../../contract/wait.ts'
import { StoreConfigError } from '../../../errors.ts'
import { cleanUp, END } from './clean-up.ts'
import {
  activation,
  firstVersion,
  isAttemptAt,
  isVersionOf,
  type Pending,
  pendingOf,
  sealOf,
  sealWith,
} from './marks.ts'
import type { Pair } from './pair.ts'

/** A copy that was met in `to`. */
export interface Copy {
  readonly mark: Pending
  readonly version: number
}

/** What became of a copy. */
export type Fate =
  /** It is the session; `mark` is what it was marked with, where that is known. */
  | { fate: 'active'; record: SessionRecord; mark: Pending | undefined }
  /** It became the session, which is over since. */
  | { fate: 'over' }
  /** It never was the session and never will be. */
  | { fate: 'void' }

export function copyIn(record: SessionRecord): Copy | undefined {
  const mark = pendingOf(record)
  if (!mark) return undefined
  const { version } = record
  if (version >= firstVersion(mark)) return { mark, version }
  throw new StoreConfigError(
    'The store that sessions move to does not store a record at the version that it is given (`NewRecord.version`), so ' +
      'a change could get lost. Use a release of it that does.',
  )
}

/**
 * Decides what a copy is: chosen, if the record in `from` is there and has chosen no other; void, if not. `found` is what
 * `from` was last known to hold.
 */
export function* settle(
  pair: Pair,
  key: SessionKey,
  copy: Copy,
  found?: SessionRecord | undefined,
): Steps<Fate> {
  const { from } = pair
  let current = found ?? (yield* settled(from.load(key)))
  for (;;) {
    const seal = current && sealOf(current)
    // A record without a seal has been put back by hand, or was created since: it is the session, and the copy is old.
    if (!current || !seal) return yield* endVoid(pair, key, copy)
    if (seal.chosen !== undefined) {
      if (seal.chosen !== copy.mark.attempt) return yield* endVoid(pair, key, copy)
      return yield* activate(pair, key, copy)
    }
    if (!isAttemptAt(seal, copy.mark)) {
      // Of a record that had the key before; or of a later attempt than was known of here.
      const newest = yield* settled(from.load(key))
      if (newest?.version === current.version) return yield* endVoid(pair, key, copy)
      current = newest
      continue
    }
    const chosen = sealWith({ ...seal, chosen: copy.mark.attempt })
    const result = yield* settled(from.save(key, chosen, { ifVersion: current.version }))
    if (result.outcome === 'saved') return yield* activate(pair, key, copy)
    current = result.outcome === 'conflict' ? result.record : undefined
  }
}

/** Makes the copy that was chosen the session, and removes what is left in `from`. */
export function* activate({ from, to }: Pair, key: SessionKey, copy: Copy): Steps<Fate> {
  const { mark } = copy
  let { version } = copy
  for (;;) {
    const result = yield* settled(to.save(key, activation, { ifVersion: version }))
    const other = result.outcome === 'conflict' ? copyIn(result.record) : undefined
    if (other?.mark.attempt === mark.attempt) {
      // Somebody's save was faster, and is settling the copy, too.
      version = other.version
      continue
    }
    yield* cleanUp(from, key, mark.attempt)
    if (result.outcome === 'gone' || other) return { fate: 'over' }
    return { fate: 'active', record: result.record, mark }
  }
}

/**
 * Ends a copy that was found to be void, so that nobody can make it a session who has not looked since. `atOnce`: waits
 * for nothing.
 */
export function* endVoid({ to }: Pick<Pair, 'to'>, key: SessionKey, copy: Copy, atOnce = false): Steps<Fate> {
  const { mark } = copy
  let { version } = copy
  for (;;) {
    const ending = to.save(key, END, { ifVersion: version })
    if (atOnce && isPromise(ending)) {
      ending.catch(() => {})
      return { fate: 'void' }
    }
    const result = yield* settled(ending)
    if (result.outcome !== 'conflict') return { fate: 'void' }
    const other = copyIn(result.record)
    if (!other) {
      // Chosen, made the session and removed from `from` since it was seen; or ended by a save, and another one was.
      const isIt = isVersionOf(mark, result.record.version)
      return isIt ? { fate: 'active', record: result.record, mark } : { fate: 'void' }
    }
    if (other.mark.attempt !== mark.attempt) return { fate: 'void' }
    version = other.version
  }
}
