import { isPromise, type Steps, settled } from '../../contract/wait.ts'
import { StoreBusyError } from '../../errors.ts'
import type { StoreContext } from './context.ts'
import { fileLabel } from './directory.ts'
import { alone, replaceSealed, takeOver } from './fold.ts'
import type { Seal } from './journal/replay.ts'
import type { OpenJournal } from './open-journals.ts'

/** How long a holder that can't be looked at (another container, say) is waited for. */
const UNKNOWN_HOLDER_MS = 30_000

/** Looks that wait for no more than the events that are due: a fold takes about as long as one rename. */
const QUICK_LOOKS = 20
const LONGEST_PAUSE_MS = 10

/** Looks of who can't wait. */
const AT_ONCE = 5

/**
 * Waits until another file has taken a sealed journal's place, and sees to it where its holder can't any more: then
 * the path is to be opened again. Throws StoreBusyError when the time is up; nothing is lost.
 */
export function* awaitSuccessor(context: StoreContext, opened: OpenJournal): Steps<void> {
  const { journal } = opened
  const started = context.clock.monotonic()
  context.stats.waits++
  journal.pin()
  try {
    for (let look = 0, joined = false; ; look++) {
      if (!context.journals.hasItsName(opened)) {
        journal.nameless = true
        context.journals.drop(opened)
        return
      }
      if (journal.state.phase !== 'sealed') return
      const { seal } = journal.state
      // A try that was under way may have failed before whatever was wrong was mended. It is waited for once.
      const earlier = joined ? undefined : earlierTry(context, opened, seal)
      if (earlier) {
        joined = true
        yield* settled(earlier.catch(() => {}))
        continue
      }
      if (yield* helpsAlong(context, opened, seal)) continue
      if (context.clock.monotonic() - started > context.busyTimeout) throw busy(seal)
      yield* settled(
        context.clock.pause(look < QUICK_LOOKS ? 0 : Math.min(look - QUICK_LOOKS + 1, LONGEST_PAUSE_MS)),
      )
      journal.refresh()
    }
  } finally {
    journal.unpin()
  }
}

/** What this store has under way itself to replace the journal. */
function earlierTry(
  { holders, folding }: StoreContext,
  { key }: OpenJournal,
  { holder }: Seal,
): Promise<void> | undefined {
  const trying = folding.get(key)
  return trying && holders.status(holder) === 'self' ? trying : undefined
}

/**
 * {@link awaitSuccessor} for who can't wait: a few looks, as the rename of a living holder is microseconds away. Throws
 * StoreBusyError if it has not come by then. What has to wait for the device is begun, and goes on without the caller.
 */
export function replaceAtOnce(context: StoreContext, opened: OpenJournal): void {
  const { journal } = opened
  journal.pin()
  try {
    for (let look = 0; look < AT_ONCE; look++) {
      if (!context.journals.hasItsName(opened)) {
        journal.nameless = true
        context.journals.drop(opened)
        return
      }
      if (journal.state.phase !== 'sealed') return
      if (isUnderWay(context, opened, journal.state.seal)) break
      journal.refresh()
    }
    if (journal.state.phase === 'sealed') throw busyAtOnce()
  } finally {
    journal.unpin()
  }
}

/** Helps along what can be done at once. @returns whether the rest is under way, and takes its time */
function isUnderWay(context: StoreContext, opened: OpenJournal, seal: Seal): boolean {
  const { key } = opened
  if (context.folding.has(key)) return true
  const helping = alone(context, key, help(context, opened, seal))
  if (!isPromise(helping)) return false
  helping.catch((error: unknown) => context.report({ type: 'fold-failed', file: fileLabel(key), error }))
  return true
}

function* help(context: StoreContext, opened: OpenJournal, seal: Seal): Steps<void> {
  yield* helpsAlong(context, opened, seal)
}

/**
 * Finishes the fold if nobody else will. A live holder is never replaced, so that no late rename undoes a newer file.
 * @returns whether it did something, so that another look is worth it at once
 */
function* helpsAlong(context: StoreContext, opened: OpenJournal, seal: Seal): Steps<boolean> {
  const status = context.holders.status(seal.holder)
  if (status === 'alive') return false
  if (status === 'unknown' && waitedFor(context, seal) <= UNKNOWN_HOLDER_MS) return false
  if (status === 'self') {
    // A fold that waits for the device, or one that failed and must not wait for its next try.
    const folding = context.folding.get(opened.key)
    yield* settled(folding ?? alone(context, opened.key, replaceSealed(context, opened)))
  } else yield* takeOver(context, opened, seal)
  return true
}

function waitedFor({ clock, suspects }: StoreContext, seal: Seal): number {
  const now = clock.monotonic()
  const first = suspects.get(seal.id)
  if (first !== undefined) return now - first
  for (const [id, time] of suspects) if (now - time > 10 * UNKNOWN_HOLDER_MS) suspects.delete(id)
  suspects.set(seal.id, now)
  return 0
}

function busy({ holder }: Seal): StoreBusyError {
  return new StoreBusyError(
    `Another process (pid ${holder.pid}) is folding the session's journal and has not finished in time, so nothing ` +
      'was changed. Try again; if it stays so, see whether that process is stopped, or raise `busyTimeout`.',
  )
}

/** For who can't wait: the fold may be this very process's, and has had no time to finish. */
function busyAtOnce(): StoreBusyError {
  return new StoreBusyError(
    "The session has expired while its journal is being folded, so that it can't be ended yet. Nothing was changed: " +
      'try again.',
  )
}
