import { type Steps, settled } from '../../contract/wait.ts'
import { fileLabel, isTemporaryName, shardOf } from './directory.ts'
import type { Durability } from './durability.ts'
import { TruncatedError } from './journal/journal.ts'
import type { JournalFile, JournalNames } from './names.ts'
import type { OpenJournal, OpenJournals } from './open-journals.ts'
import type { Surroundings } from './surroundings.ts'
import { unlinkIfThere } from './unlink.ts'

/** What a cut works with. */
export interface CutParts extends Pick<Surroundings, 'files' | 'report'> {
  readonly names: JournalNames
  readonly durability: Durability
}

/**
 * Ends a session whose end finds no space. To take its name away is not enough: who has the file open would append to it,
 * and take that for saved. So the file is cut, which nobody who looks can miss; then the folds that did not see it are
 * stopped; then its name goes.
 *
 * @returns whether this call took its name away: of several sign-outs one does
 */
export function* cutAway(parts: CutParts, file: JournalFile): Steps<boolean> {
  const { journal, key } = file
  journal.pin()
  try {
    journal.cut()
    yield* stopFolds(parts, shardOf(key))
    return parts.names.hasItsName(file) && removesName(parts, file)
  } finally {
    journal.unpin()
  }
}

function removesName({ names, durability, report }: CutParts, file: JournalFile): boolean {
  try {
    return names.unlink(file)
  } catch (error) {
    // An empty file is no session either, and the sweep takes it away; but power loss may bring back what was in it.
    if (durability.isPromised) throw error
    report({ type: 'file-left', file: fileLabel(file.key), error })
    return true
  }
}

/**
 * A fold that looked at its journal before the cut is about to rename what it has written. It finds that gone now, looks
 * once more, and sees the cut. One of another session writes its file again.
 */
function* stopFolds({ files, names }: CutParts, shard: string): Steps<void> {
  for (const name of yield* settled(names.list(shard))) {
    if (isTemporaryName(name)) unlinkIfThere(files, `${names.shardPath(shard)}/${name}`)
  }
}

/** Whether an append failed because the file was cut, and nothing of the session is left in it. */
export function wasSignedOut(journals: OpenJournals, opened: OpenJournal, error: unknown): boolean {
  if (!(error instanceof TruncatedError)) return false
  const { journal, key } = opened
  journal.startOver()
  const current = journals.current(key)
  // What somebody else has cut is a session still, and nobody knows whether the append stands in it.
  return current?.journal.record === undefined || current.journal.ino !== journal.ino
}
