import type { SessionKey } from '../../record/key.ts'
import type { Steps } from '../../record/steps.ts'
import { commitLine, makeDurable, removeForGood } from './commit.ts'
import type { StoreContext } from './context.ts'
import { fileLabel } from './directory.ts'
import { hintExpiry } from './fold.ts'
import type { JournalFile, OpenJournal } from './open-journals.ts'
import { unlinkIfThere } from './unlink.ts'

/** Ends a session, and removes its file. `false`: there was none. */
export function* deleteSession(context: StoreContext, key: SessionKey): Steps<boolean> {
  const { journals, clock } = context
  const now = clock.now() // before the end: what expires behind it was there
  const before = journals.kept(key)
  if (before?.journal.state.phase === 'ended') return yield* deleteAgain(context, before)
  const committed = yield* commitLine(context, key, { kind: 'end', id: '' })
  if (!committed) {
    if (context.doubtful.has(key)) yield* removeForGood(context, key, undefined)
    return false
  }
  const { opened, fate, record } = committed
  if (fate !== 'applied') return yield* deleteAgain(context, opened)
  const wasLive = record!.expiresAt > now
  opened.journal.pin()
  try {
    if (context.doubtful.has(key)) yield* deleteAgain(context, opened)
    else {
      yield* makeDurable(context, opened)
      removeFile(context, opened)
    }
  } finally {
    opened.journal.unpin()
  }
  return wasLive
}

/** An end that could not be synced, or whose author died before it was: the missing name is what survives. */
function* deleteAgain(context: StoreContext, opened: OpenJournal): Steps<false> {
  if (context.durable) yield* removeForGood(context, opened.key, opened)
  else removeFile(context, opened)
  return false
}

/** Of a session that is over: whoever still reads the file finds its end, so that a failure does no harm. */
export function removeFile(context: StoreContext, over: JournalFile): void {
  const { journal, key } = over
  try {
    if (!journal.nameless) unlinkJournal(context, over)
  } catch (error) {
    hintExpiry(context, journal.fd, 0) // for the sweep to look at it
    context.report({ type: 'file-left', file: fileLabel(key), error })
  }
  context.journals.forget(key)
}

function unlinkJournal(context: StoreContext, { journal, path }: JournalFile): void {
  unlinkIfThere(context, path)
  journal.nameless = true
}
