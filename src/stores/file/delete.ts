import type { SessionKey } from '../../contract/key.ts'
import type { Steps } from '../../contract/wait.ts'
import { StoreBusyError } from '../../errors.ts'
import { claim, isUnborn } from './claim.ts'
import { type Committed, commitLine, makeDurable, removeForGood } from './commit.ts'
import type { StoreContext } from './context.ts'
import { cutAway } from './cut.ts'
import { fileLabel } from './directory.ts'
import type { JournalFile, OpenJournal } from './open-journals.ts'
import { awaitSuccessor } from './succession.ts'
import { isOutOfSpace } from './system-error.ts'
import { isOrphan, unlinkIfThere } from './unlink.ts'

/** Ends a session, and removes its file. `false`: there was none. */
export function* deleteSession(context: StoreContext, key: SessionKey): Steps<boolean> {
  const { journals, clock } = context
  const now = clock.now() // before the end: what expires behind it was there
  const before = journals.kept(key)
  if (before?.journal.state.phase === 'ended') return yield* deleteAgain(context, before)
  let committed: Committed | undefined
  try {
    committed = yield* commitLine(context, key, { kind: 'end', id: '' })
  } catch (error) {
    if (!isOutOfSpace(error)) throw error
    return yield* deleteWithoutSpace(context, key, now, error)
  }
  if (!committed) {
    if (context.doubtful.has(key)) {
      const left = journals.current(key)
      if (left && isUnborn(left.journal)) claim(context, left.journal, left.path)
      yield* removeForGood(context, key, left?.journal.state.phase === 'ended' ? left : undefined)
    }
    return false
  }
  const { opened, fate, record } = committed
  if (fate !== 'applied') return yield* deleteAgain(context, opened)
  const wasLive = record!.expiresAt > now
  opened.journal.pin()
  try {
    if (context.doubtful.has(key)) yield* removeForGood(context, key, opened)
    else {
      yield* makeDurable(context, opened)
      removeFile(context, opened)
    }
  } finally {
    opened.journal.unpin()
  }
  return wasLive
}

/** One that somebody else has ended, who is about to remove the file, or has died before. */
function* deleteAgain(context: StoreContext, opened: OpenJournal): Steps<false> {
  const { journals, files } = context
  const { journal } = opened
  if (context.durable) yield* removeForGood(context, opened.key, opened)
  else if (isOrphan(context, files.status(journal.fd)) && journals.hasItsName(opened))
    removeFile(context, opened)
  else journals.drop(opened)
  return false
}

/**
 * Nobody is to stay signed in because a disk is full: see {@link cutAway}. A fold that was faster than the cut has put
 * another file there, which goes the same way.
 */
function* deleteWithoutSpace(
  context: StoreContext,
  key: SessionKey,
  now: number,
  error: unknown,
): Steps<boolean> {
  const { journals, durable } = context
  let wasLive = false
  let tried = false
  let waits = true
  let born: number | undefined
  for (;;) {
    const opened = journals.current(key)
    const record = opened?.journal.record
    // The end may stand all the same: then nobody can tell whose it is.
    if (opened?.journal.state.phase === 'ended' && !tried) throw error
    if (!opened || !record) break
    if (waits && opened.journal.state.phase === 'sealed') {
      waits = yield* isReplaced(context, opened)
      continue
    }
    const { expiresAt, createdAt } = record
    if (born !== undefined && createdAt !== born) {
      wasLive = true // no fold's: somebody wanted the key, found what was cut, and has removed it
      break
    }
    born = createdAt
    tried = true
    if (durable) context.doubtful.add(key) // until the name is gone for certain: a cut may be lost
    if (yield* cutAway(context, opened)) wasLive = expiresAt > now
    journals.drop(opened)
  }
  journals.forget(key)
  if (durable) yield* removeForGood(context, key, undefined)
  return wasLive
}

/** Whether somebody replaces a sealed journal: where there is no space for that either, it is cut as it is. */
function* isReplaced(context: StoreContext, opened: OpenJournal): Steps<boolean> {
  try {
    yield* awaitSuccessor(context, opened)
    return true
  } catch (error) {
    if (!isOutOfSpace(error) && !(error instanceof StoreBusyError)) throw error
    return false
  }
}

/** Of a session that is over: whoever still reads the file finds its end, so that a failure does no harm. */
export function removeFile(context: StoreContext, over: JournalFile): void {
  const { key, path, journal } = over
  try {
    // Behind a wait for the device another sign-out may have removed it, and the name may be another session's.
    if (!journal.nameless && (!context.durable || context.journals.hasItsName(over))) {
      unlinkIfThere(context, path)
      journal.nameless = true
    }
  } catch (error) {
    leave(context, over)
    context.report({ type: 'file-left', file: fileLabel(key), error })
  }
  context.journals.forget(key)
}

/** Makes a file look old, so that the next sweep removes it: who has ended the session is not about to any more. */
function leave({ files }: StoreContext, { path }: JournalFile): void {
  try {
    files.claim(path, 0)
  } catch {
    // Then a later sweep does.
  }
}
