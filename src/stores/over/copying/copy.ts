import { concurrently } from '../../../contract/concurrently.ts'
import { isNoSession, type SessionKey, shortKey } from '../../../contract/key.ts'
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
  /** Left out, as the target can't take them as they are. */
  refused: number
  /** The first hundred of those that were refused. */
  refusals: Refusal[]
}

/** A session that the target can't take as it is. */
export interface Refusal {
  /** The beginning of its key: enough to find it, useless as a cookie. */
  key: string
  /** What is wrong, and in which part of its record, as the target says; nothing of it is quoted. */
  why: string
}

const MOST_LISTED = 100

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
 * One that `to` refuses (by a `TypeError` with the code `UNTORN_INVALID_ARGUMENT`, as for an owner that is too long) is left
 * out, counted and named, and the others are copied.
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
  const done = { seen: 0, copied: 0, updated: 0, same: 0, kept: 0, expired: 0, refused: 0 }
  const refusals: Refusal[] = []
  const unreadable = new Unreadable()
  const soFar = (): CopyProgress => ({ ...done, refusals: [...refusals], ...unreadable.counts })
  const all = from.records({ all: true, onUnreadable: unreadable.note })
  await concurrently(all, { concurrency, signal }, async ([key, record]) => {
    const became = await put(to, key, record).catch((error: unknown) => refusedBy(error, key))
    if (isNoSession(key)) return
    const isRefused = typeof became !== 'string'
    if (isRefused && refusals.length < MOST_LISTED) refusals.push(became)
    done.seen++
    done[isRefused ? 'refused' : became]++
    onProgress?.(soFar())
  })
  return soFar()
}

/** Throws what is no refusal, and that of a record which nobody would miss in a count of sessions. */
function refusedBy(error: unknown, key: SessionKey): Refusal {
  const isRefusal =
    error instanceof TypeError && (error as { code?: unknown }).code === 'UNTORN_INVALID_ARGUMENT'
  if (!isRefusal || isNoSession(key)) throw error
  return { key: shortKey(key), why: error.message }
}
