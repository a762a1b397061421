import { type Concurrency, concurrently } from '../../../contract/concurrently.ts'
import { isNoSession, type SessionKey } from '../../../contract/key.ts'
import { isStore } from '../../../contract/source.ts'
import type { SessionStore } from '../../../contract/store.ts'
import { run, type Steps } from '../../../contract/wait.ts'
import { inTimeOf } from '../in-time-of.ts'
import { type SourcePair, sourcePair } from '../taking/pair.ts'
import { settle as settleTaken, take } from '../taking/take.ts'
import { type Course, checkedCourse, type Stores } from '../two-stores.ts'
import { Unreadable, type UnreadableCounts } from '../unreadable.ts'
import { type Copy, copyIn, settle } from './copies.ts'
import { move } from './move.ts'
import { refuseMoving } from './moving.ts'
import type { Pair } from './pair.ts'

/** How far a move has come. */
export interface MoveProgress extends UnreadableCounts {
  /** Sessions that are in the target now and were in the source. */
  moved: number
  /** Sessions that ended while they were to be moved, or that somebody else moved: signed out, expired, used. */
  ended: number
  /** Times that the source was gone through. */
  passes: number
  /** Records met in the last pass, also such as are no sessions: 0 when nothing is left. */
  left: number
}

/** From where to where {@link moveSessions} moves, and how it is watched and ended. */
export interface MoveOptions extends Stores, Course {
  /** Told after each session, and after each pass. */
  onProgress?: (done: MoveProgress) => void
}

/** What is met in the source after so many passes is created there by somebody, again and again. */
const MOST_PASSES = 5

/**
 * Moves every session that is still in `from` to `to`, while an application with `moving({ from, to })` changes them: by the
 * same steps, so that none is lost and none is in both. It goes through `from` until it meets nothing there. When it has
 * ended or failed, calling it again goes on.
 *
 * `from` and `to` are the two stores, not the one that `moving` makes. Every process of the application has to run with
 * `moving({ from, to })` by then, or with `writeTo: 'from'`; the latter still create sessions in `from`, so that after some
 * passes it gives up with `left` above 0.
 *
 * Of what is only read (`untorn/formats`) nothing is removed: what nobody has taken yet is taken along in one pass, and `left` is
 * 0 then.
 *
 * What can't be read in `from`, as it is damaged or somebody put it there, stays there, counted and named.
 *
 * Rejects with the signal's reason, with what the stores throw, with `InvalidOptionError` (`UNTORN_INVALID_OPTION`), and with
 * `StoreBusyError` (`UNTORN_STORE_BUSY`) if `to` has another session under the same key, as after a copy.
 *
 * ```ts
 * const { left } = await moveSessions({ from: fileStore('./.sessions'), to: redisStore({ client }) })
 * ```
 */
export async function moveSessions(options: MoveOptions): Promise<MoveProgress> {
  const { from, to, ...course } = checkedCourse(options)
  refuseMoving({ from, to })
  const source = inTimeOf(from, to)
  return isStore(source) ? moveAll({ from: source, to }, course) : takeAll(sourcePair(source, to), course)
}

type How = Course & Pick<MoveOptions, 'onProgress'> & { concurrency: number }

async function moveAll({ from, to }: Pair, { signal, concurrency, onProgress }: How): Promise<MoveProgress> {
  const done = { moved: 0, ended: 0, passes: 0, left: 0 }
  let unreadable = new Unreadable()
  const soFar = (): MoveProgress => ({ ...done, ...unreadable.counts })
  const tell = (): void => onProgress?.(soFar())
  do {
    let met = 0
    unreadable = new Unreadable() // each pass meets it again
    await concurrently(
      from.records({ all: true, onUnreadable: unreadable.note }),
      { concurrency, signal },
      async ([key]) => {
        met++
        const moved = await run(move({ from, to }, key))
        if (isNoSession(key)) return
        done[moved?.fate === 'active' ? 'moved' : 'ended']++
        tell()
      },
    )
    done.passes++
    done.left = met
    tell()
  } while (done.left > 0 && done.passes < MOST_PASSES)
  // What a process began that died before its copy was chosen, and whose session has ended in the source since: no more
  // than a mark tells it from a session, and an application that knows the target alone does not know the mark.
  await settleCopies(to, { concurrency, signal }, (key, copy) => settle({ from, to }, key, copy))
  return soFar()
}

/** Of what is only read: nothing leaves it, so that one pass meets all there is. */
async function takeAll(pair: SourcePair, { signal, concurrency, onProgress }: How): Promise<MoveProgress> {
  const { from, to } = pair
  const done = { moved: 0, ended: 0, passes: 0, left: 0 }
  const unreadable = new Unreadable()
  const soFar = (): MoveProgress => ({ ...done, ...unreadable.counts })
  const listing = from.records({ onUnreadable: unreadable.note })
  await concurrently(listing, { concurrency, signal }, async ([key, record]) => {
    done[(await run(take(pair, key, record))) ? 'moved' : 'ended']++
    onProgress?.(soFar())
  })
  done.passes++
  await settleCopies(to, { concurrency, signal }, (key, copy) => settleTaken(pair, key, copy))
  onProgress?.(soFar())
  return soFar()
}

function settleCopies(
  to: SessionStore,
  course: Concurrency,
  settling: (key: SessionKey, copy: Copy) => Steps<unknown>,
): Promise<void> {
  return concurrently(to.records({ all: true }), course, async ([key, record]) => {
    const copy = copyIn(record)
    if (copy) await run(settling(key, copy))
  })
}
