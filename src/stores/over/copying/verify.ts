import { concurrently } from '../../../contract/concurrently.ts'
import { isNoSession, type SessionKey, shortKey } from '../../../contract/key.ts'
import type { SessionRecord } from '../../../contract/record.ts'
import { isStore } from '../../../contract/source.ts'
import { inTimeOf, timeOf } from '../in-time-of.ts'
import { type Course, checkedCourse, type Stores } from '../two-stores.ts'
import { asCopied, differing, type Part, relationOf } from './compare.ts'

/** Which stores {@link verifySessions} compares, and how it is watched and ended. */
export interface VerifyOptions extends Stores, Course {
  /** Told after each session. */
  onProgress?: (done: VerifyProgress) => void
}

/** How far a comparison has come. */
export interface VerifyProgress {
  /** Sessions of the source that were looked for in the target. */
  compared: number
}

/** A session that is not in the target as it is in the source. */
export interface Difference {
  /** The beginning of its key: enough to find it, useless as a cookie. */
  key: string
  /**
   * `'missing'`: it is not in the target. `'behind'`: it is there in an older state. `'different'`: it is there in a state
   * that is neither older nor newer.
   */
  kind: 'missing' | 'behind' | 'different'
  /** What differs; nothing for one that is missing. */
  parts: Part[]
}

/** What {@link verifySessions} has found. */
export interface Verified {
  /** Whether the target has all that the source has: no differences, among what is no session either. */
  ok: boolean
  /** Live sessions in the source, of which each was compared: the sum of those that follow. */
  from: number
  /** About how many sessions the target has, as its `count` tells; `undefined` where it has none. */
  to: number | undefined
  /** The same in both stores, in all they have. */
  same: number
  /** Changed in the target since: an application uses it. */
  newer: number
  /** Gone from the source, or changing again and again, while they were compared. */
  ended: number
  /** Not in the target as they are in the source. */
  different: number
  /** Records that are no sessions (`isNoSession(key)`) and not in the target as they are in the source; counted nowhere else. */
  others: number
  /** The first hundred of those that are different, sessions or not. */
  differences: Difference[]
}

const MOST_LISTED = 100

/**
 * Compares two stores after a copy: every session of `from` has to be in `to`, the same in values, version, times and owner.
 * So has what is no session, such as the note that an id was replaced: a copy takes it along. What `to` has beside them is
 * no difference. Differences are found, not mended: `copySessions`, called again, mends them.
 *
 * While an application writes to `from`, what it has changed since it was copied is `'behind'`, what it has created is
 * `'missing'`. What changes while it is compared is loaded again.
 *
 * Rejects with the signal's reason, with what the stores throw, and with `InvalidOptionError` (`UNTORN_INVALID_OPTION`).
 *
 * ```ts
 * const { ok, differences } = await verifySessions({ from, to })
 * ```
 */
export async function verifySessions(options: VerifyOptions): Promise<Verified> {
  const { from: source, to, signal, concurrency, onProgress } = checkedCourse(options)
  const from = inTimeOf(source, to)
  const found = { from: 0, same: 0, newer: 0, ended: 0, different: 0, others: 0 }
  const differences: Difference[] = []
  await concurrently(from.records({ all: true }), { concurrency, signal }, async ([key, record]) => {
    const relation = await compare({ from, to }, key, record)
    const isDifferent = typeof relation !== 'string'
    if (isDifferent && differences.length < MOST_LISTED) differences.push(relation)
    if (isNoSession(key)) {
      if (isDifferent) found.others++
      return
    }
    found[isDifferent ? 'different' : relation]++
    found.from++
    onProgress?.({ compared: found.from })
  })
  return { ok: found.different + found.others === 0, to: await to.count?.(), ...found, differences }
}

/** How often a session is looked at that changes each time. */
const TRIES = 3

/** What differs is looked at once more, as it may have changed since `record` was read. */
async function compare(
  { from, to }: Stores,
  key: SessionKey,
  record: SessionRecord,
): Promise<'same' | 'newer' | 'ended' | Difference> {
  let here = record
  for (let tries = 0; tries < TRIES; tries++) {
    const there = await to.load(key)
    const copied = there && asCopied(here, there)
    const relation = there && relationOf(there, copied!)
    if (relation === 'same' || relation === 'newer') return relation
    // What is only read is found by no key: it is what the listing has said.
    const again = isStore(from) ? await from.load(key) : here
    if (!again || isAboutToEnd(again, await timeOf(to))) return 'ended'
    const parts = there ? differing(there, copied!) : []
    const kind = relation === undefined ? 'missing' : relation === 'older' ? 'behind' : 'different'
    if (differing(here, again).length === 0) return { key: shortKey(key), kind, parts }
    here = again
  }
  return 'ended'
}

/** Milliseconds by which clocks may differ: for one store a session may have expired, and not yet for the other. */
const CLOCKS_APART = 5000

function isAboutToEnd({ expiresAt }: SessionRecord, now: number): boolean {
  return expiresAt - now < CLOCKS_APART
}
