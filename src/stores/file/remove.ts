import { isNoSession, type SessionKey } from '../../contract/key.ts'
import { type Steps, settled } from '../../contract/wait.ts'
import { fileLabel, shardOf } from './directory.ts'
import type { Durability } from './durability.ts'
import type { JournalFile, JournalNames } from './names.ts'
import type { OpenJournal, OpenJournals } from './open-journals.ts'
import type { Surroundings } from './surroundings.ts'

/** What it takes to remove a session's file. */
export interface RemovalParts extends Pick<Surroundings, 'files' | 'report'> {
  readonly names: JournalNames
  readonly journals: OpenJournals
  readonly durability: Durability
}

/** Of a session that is over: whoever still reads the file finds its end, so that a failure does no harm. */
export function removeFile(parts: RemovalParts, over: JournalFile): void {
  const { names, journals, durability, report } = parts
  const { key, journal } = over
  try {
    if (!journal.nameless && (!isUsedAgain(key, durability) || names.hasItsName(over))) names.unlink(over)
  } catch (error) {
    leave(parts, over)
    report({ type: 'file-left', file: fileLabel(key), error })
  }
  journals.forget(key)
}

/**
 * Whether the name may be another file's by now: behind a wait for the device, where another sign-out may have removed the
 * file; and where the record is no session's, as such keys are used again, and this process may have been asleep.
 */
function isUsedAgain(key: SessionKey, durability: Durability): boolean {
  return durability.isPromised || isNoSession(key)
}

/** Makes a file look old, so that the next sweep removes it: who has ended the session is not about to any more. */
function leave({ files }: RemovalParts, { path }: JournalFile): void {
  try {
    files.claim(path, 0)
  } catch {
    // Then a later sweep does.
  }
}

/** Removes the name of a session that is over, where its end may be lost: then the missing name is what survives. */
export function* removeForGood(
  { names, journals, durability }: Omit<RemovalParts, 'files' | 'report'>,
  key: SessionKey,
  over: OpenJournal | undefined,
): Steps<void> {
  if (over) {
    names.unlinkIfItsOwn(over) // to leave the file is a failure here
    journals.drop(over)
  }
  durability.doubt(key)
  yield* settled(names.syncShard(shardOf(key)))
  durability.trust(key)
}
