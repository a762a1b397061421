import { concurrently } from '../../contract/concurrently.ts'
import { type SessionKey, shortKey } from '../../contract/key.ts'
import type { SessionStore } from '../../contract/store.ts'
import { InvalidOptionError } from '../../errors.ts'
import { type Course, checkedOptions, type Stores } from '../../options/two-stores.ts'
import { compareOne, type Deviation, type Finding } from './compare-one.ts'
import { Sample } from './sample.ts'

/** Which stores {@link verifySessions} compares, how thoroughly, and how it is watched and ended. */
export interface VerifyOptions extends Stores, Course {
  /** How many sessions of `from` are compared, chosen by chance. 0: none, only counted. Default: 1000. */
  sample?: number | 'all'
  /** Told after each session that was counted or compared. */
  onProgress?: (done: VerifyProgress) => void
}

/** How far a comparison has come. */
export interface VerifyProgress {
  /** Counted so far, in both stores. */
  counted: number
  compared: number
}

/** A session that is not in the target as it is in the source. */
export interface Difference extends Deviation {
  /** The beginning of its key: enough to find it, useless as a cookie. */
  key: string
}

/** What {@link verifySessions} has found. */
export interface Verified {
  /** Whether the target has all that was looked for: no differences, and no fewer sessions than the source. */
  ok: boolean
  /** Live sessions in the source. */
  from: number
  /** Live sessions in the target. */
  to: number
  /** By how many the target has fewer. What expired or was deleted while they were counted is no difference. */
  fewer: number
  compared: number
  /** Of those compared: the same in both stores, in all they have. */
  same: number
  /** Changed in the target since: an application uses it. */
  newer: number
  /** Gone from the source, or changing again and again, while they were compared. */
  ended: number
  /** Not in the target as they are in the source. */
  different: number
  /** The first hundred of them. */
  differences: Difference[]
}

const SAMPLE = 1000
const MOST_LISTED = 100

/**
 * Compares two stores after a copy: counts the sessions of both, and loads a sample from both, which has to be the same in
 * values, version, times and owner. Differences are found, not mended: `copySessions`, called again, mends them.
 *
 * While an application writes to `from`, what it has changed since it was copied is `'behind'`, what it has created is
 * `'missing'`. What changes while it is compared is loaded again.
 *
 * Rejects with the signal's reason, with what the stores throw, and with `InvalidOptionError` (`UNTORN_INVALID_OPTION`).
 *
 * ```ts
 * const { ok, differences } = await verifySessions({ from, to, sample: 'all' })
 * ```
 */
export async function verifySessions(options: VerifyOptions): Promise<Verified> {
  const concurrency = checkedOptions('verifySessions', options, ['sample'])
  const { from, to, signal, onProgress, sample = SAMPLE } = options
  if (sample !== 'all' && !(Number.isSafeInteger(sample) && sample >= 0)) {
    throw new InvalidOptionError('sample', "it is a whole number from 0 on, or 'all'")
  }
  const found = new Findings()
  const progress: VerifyProgress = { counted: 0, compared: 0 }
  const tell = (what: keyof VerifyProgress): void => {
    progress[what]++
    onProgress?.({ ...progress })
  }
  const compare = async (key: SessionKey): Promise<void> => {
    found.take(key, await compareOne({ from, to }, key))
    tell('compared')
  }
  const count = async (store: SessionStore, met?: (key: SessionKey) => Promise<void>): Promise<number> => {
    let counted = 0
    await concurrently(store.records(), { concurrency, signal }, async ([key]) => {
      counted++
      tell('counted')
      await met?.(key)
    })
    return counted
  }
  const chosen = new Sample<SessionKey>(sample === 'all' ? 0 : sample)
  const inFrom = await count(from, sample === 'all' ? compare : async (key) => chosen.offer(key))
  await concurrently(chosen.items, { concurrency, signal }, compare)
  const inTo = await count(to)
  // What has ended since is in neither, so that what is left has to be there.
  const fewer = inTo < inFrom ? Math.max(0, (await count(from)) - inTo) : 0
  return { ok: found.different === 0 && fewer === 0, from: inFrom, to: inTo, fewer, ...found }
}

class Findings {
  compared = 0
  same = 0
  newer = 0
  ended = 0
  different = 0
  readonly differences: Difference[] = []

  take(key: SessionKey, finding: Finding): void {
    this.compared++
    if (typeof finding === 'string') this[finding]++
    else {
      this.different++
      if (this.differences.length < MOST_LISTED) this.differences.push({ key: shortKey(key), ...finding })
    }
  }
}
