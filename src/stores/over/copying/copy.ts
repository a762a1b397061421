import { isNoSession } from '../../../contract/key.ts'
import { concurrently } from '../concurrently.ts'
import { inTimeOf } from '../in-time-of.ts'
import { type Course, checkedCourse, type Stores } from '../two-stores.ts'
import { Unreadable, type UnreadableCounts } from '../unreadable.ts'
import { put } from './put.ts'

/** How far a copy has come: sessions, by what became of them. */
export interface CopyProgress extends UnreadableCounts {
  /** Looked at in the source: the sum of those that follow, but for what could not be read. */
  seen: number
  /** Not in the target before. */
  copied: number
  /** In the target with an older state, and brought up to date. */
  updated: number
  /** In the target already. */
  same: number
  /** In the target with a newer state, or with one of which that can't be told: left as they are there. */
  kept: number
  /** Expired on the way, and not copied. */
  expired: number
}

/** From where to where {@link copySessions} copies, and how it is watched and ended. */
export interface CopyOptions extends Stores, Course {
  /** Told after each session. */
  onProgress?: (done: CopyProgress) => void
}

/**
 * Copies every live session to another store, with its values, its version, its times and its owner; nothing in `from` is
 * changed. Where the clocks of the two are more than some seconds apart, times are put forward or back: a session keeps the
 * time that it has left. Sessions keep their keys, so everybody stays signed in. What is no session (a note that an id was replaced) is
 * taken along, and counted nowhere.
 *
 * A session that is in `to` already stays where it is the same; where the one in `from` is newer (by its version, or by its
 * expiry if the versions are the same) it is brought up to date by conditional saves, one for each version that it lags
 * behind; where the one in `to` is newer it is kept. So calling it again goes on where another call was ended or failed, and
 * takes in what has changed since.
 *
 * It is a snapshot: what an application does to `from` behind it is not in `to`, and a session that is signed out there
 * meanwhile stays in `to`. Stop the application first, or use `moving`. An application that uses `to` already must not sign
 * anybody out meanwhile: the session may be copied once more.
 *
 * What can't be read in `from`, as it is damaged or somebody put it there, is left out, counted and named.
 *
 * Resolves with what it has done. Rejects with the signal's reason, with what the stores throw, with `InvalidOptionError`
 * (`UNTORN_INVALID_OPTION`), with `MisuseError` (`UNTORN_MISUSE`) for stores between which sessions are being moved, and with
 * `StoreBusyError` (`UNTORN_STORE_BUSY`) if `to` refuses a key and has nothing under it. Until then `onProgress` was told of
 * all that was done.
 *
 * ```ts
 * const { copied, kept } = await copySessions({ from: fileStore('./.sessions'), to: redisStore({ client }) })
 * ```
 */
export async function copySessions(options: CopyOptions): Promise<CopyProgress> {
  const { from: source, to, signal, concurrency, onProgress } = checkedCourse(options)
  const from = inTimeOf(source, to)
  const done = { seen: 0, copied: 0, updated: 0, same: 0, kept: 0, expired: 0 }
  const unreadable = new Unreadable()
  const soFar = (): CopyProgress => ({ ...done, ...unreadable.counts })
  const all = from.records({ all: true, onUnreadable: unreadable.note })
  await concurrently(all, { concurrency, signal }, async ([key, record]) => {
    const became = await put(to, key, record)
    if (isNoSession(key)) return
    done.seen++
    done[became]++
    onProgress?.(soFar())
  })
  return soFar()
}
