import type { SessionRecord } from '../../record/record.ts'
import type { StoreContext } from './context.ts'
import { removeFile } from './delete.ts'
import type { OpenJournal } from './open-journals.ts'

/**
 * Ends a session that was found to have expired, before anybody is told so: a save that took its time stamp earlier, in
 * a process that was stopped since, can't bring it back then. The end names the expiry that was seen, so that a session
 * that is extended meanwhile stays.
 *
 * One whose journal is being folded is left: whoever saves to its successor takes a new time stamp.
 *
 * @returns the record, if it was extended meanwhile
 */
export function endExpired(
  context: StoreContext,
  opened: OpenJournal,
  now: number,
): SessionRecord | undefined {
  const { journal } = opened
  try {
    while (journal.state.phase === 'open') {
      const { record } = journal.state
      if (record.expiresAt > now) return record
      const end = { kind: 'end', id: context.nextLineId(), ifExpires: record.expiresAt } as const
      if (journal.append(end).fate === 'applied') removeFile(context, opened)
    }
  } catch {
    // Nothing was asked for but a look: a disk that is full is no reason to fail it, and the sweep comes again.
    context.journals.drop(opened)
  }
  return undefined
}
