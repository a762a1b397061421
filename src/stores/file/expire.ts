import type { SessionRecord } from '../../record/record.ts'
import type { StoreContext } from './context.ts'
import { removeFile } from './delete.ts'
import type { OpenJournal } from './open-journals.ts'

/**
 * Ends a session that was found to have expired, before anybody is told so: a save that took its time stamp earlier, in
 * a process that was stopped since, can't bring it back then. The end names the expiry that was seen, so that a session
 * that is extended meanwhile stays.
 *
 * @returns the record, if it was extended meanwhile
 */
export function endExpired(context: StoreContext, found: OpenJournal): SessionRecord | undefined {
  const { clock, journals } = context
  let opened = found
  try {
    for (;;) {
      const { state } = opened.journal
      if (state.phase === 'sealed') {
        // Nothing can be appended, and whoever saves to the successor takes a new time stamp: later than the one with
        // which the session was found expired, if there is no successor yet.
        const now = journals.current(opened.key)
        if (!now || now === opened) return undefined
        opened = now
      } else if (state.phase === 'open') {
        const end = { kind: 'end', id: context.nextLineId(), ifExpires: state.record.expiresAt } as const
        if (opened.journal.append(end).fate === 'applied') removeFile(context, opened)
      } else return undefined
      const { record } = opened.journal
      if (record && record.expiresAt > clock.now()) return record
    }
  } catch {
    // Nothing was asked for but a look: a disk that is full is no reason to fail it, and the sweep comes again.
    context.journals.drop(opened)
  }
  return undefined
}
