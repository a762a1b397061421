import { type Steps, settled } from '../../contract/wait.ts'
import type { StoreContext } from './context.ts'
import { fileLabel, isTemporaryName, shardOf } from './directory.ts'
import { TruncatedError } from './journal/journal.ts'
import type { JournalFile, OpenJournal } from './open-journals.ts'
import { unlinkIfThere } from './unlink.ts'

/**
 * Ends a session whose end finds no space. To take its name away is not enough: who has the file open would append to it,
 * and take that for saved. So the file is cut, which nobody who looks can miss; then the folds that did not see it are
 * stopped; then its name goes.
 *
 * @returns whether this call took its name away: of several sign-outs one does
 */
export function* cutAway(context: StoreContext, file: JournalFile): Steps<boolean> {
  const { files, journals } = context
  const { journal, key } = file
  journal.pin()
  try {
    files.truncate(journal.fd)
    yield* stopFolds(context, shardOf(key))
    return journals.hasItsName(file) && removesName(context, file)
  } finally {
    journal.unpin()
  }
}

function removesName(context: StoreContext, { path, key, journal }: JournalFile): boolean {
  try {
    const was = unlinkIfThere(context, path)
    journal.nameless = true
    return was
  } catch (error) {
    // An empty file is no session either, and the sweep takes it away; but power loss may bring back what was in it.
    if (context.durable) throw error
    context.report({ type: 'file-left', file: fileLabel(key), error })
    return true
  }
}

/**
 * A fold that looked at its journal before the cut is about to rename what it has written. It finds that gone now, looks
 * once more, and sees the cut. One of another session writes its file again.
 */
function* stopFolds(context: StoreContext, shard: string): Steps<void> {
  const { journals } = context
  const names = yield* settled(journals.list(journals.shardPath(shard)))
  for (const name of names) {
    if (isTemporaryName(name)) unlinkIfThere(context, `${journals.shardPath(shard)}/${name}`)
  }
}

/** Whether an append failed because the file was cut, and nothing of the session is left in it. */
export function wasSignedOut({ journals }: StoreContext, opened: OpenJournal, error: unknown): boolean {
  if (!(error instanceof TruncatedError)) return false
  const { journal, key } = opened
  journal.startOver()
  const current = journals.current(key)
  // What somebody else has cut is a session still, and nobody knows whether the append stands in it.
  return current?.journal.record === undefined || current.journal.ino !== journal.ino
}
