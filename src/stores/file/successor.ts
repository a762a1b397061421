import type { SessionKey } from '../../contract/key.ts'
import { copyRecord, type SessionRecord } from '../../contract/record.ts'
import { type Steps, settled } from '../../contract/wait.ts'
import type { Durability } from './durability.ts'
import type { Journal } from './journal/journal.ts'
import { baseLine } from './journal/write.ts'
import type { JournalNames } from './names.ts'
import type { Surroundings } from './surroundings.ts'
import { isMissing } from './system-error.ts'

/** What it takes to write a journal's successor. */
export interface SuccessorParts extends Pick<Surroundings, 'files' | 'chance' | 'report'> {
  readonly names: JournalNames
  readonly durability: Durability
}

/** A file that holds a record and waits for its rename. */
export interface Successor {
  path: string
  journal: Journal
  /** A copy: the journal's own goes on changing. */
  record: SessionRecord
}

export function* writeSuccessor(
  parts: SuccessorParts,
  key: SessionKey,
  record: SessionRecord,
): Steps<Successor> {
  const { names, chance, durability } = parts
  const successor: Successor = { ...names.createTemporary(key, chance), record: copyRecord(record) }
  const { journal } = successor
  try {
    journal.begin(baseLine(key, record))
    journal.hintExpiry(record.expiresAt)
    if (durability.isPromised) yield* settled(durability.sync(journal))
    return successor
  } catch (error) {
    discard(parts, successor)
    throw error
  }
}

/** Whether the rename succeeds. After a long sleep the file may have been swept up: it is written anew then. */
export function takesName({ files }: SuccessorParts, { path }: Successor, name: string): boolean {
  try {
    files.rename(path, name)
    return true
  } catch (error) {
    if (!isMissing(error)) throw error
    return false
  }
}

export function discard({ files, report }: SuccessorParts, { path, journal }: Successor): void {
  void journal.evict()
  try {
    files.unlink(path)
  } catch (error) {
    if (!isMissing(error)) report({ type: 'file-left', file: path, error })
  }
}
