import type { SessionRecord } from '../../contract/record.ts'
import { TruncatedError } from './journal/journal.ts'
import type { OpenJournal } from './open-journals.ts'
import { type RemovalParts, removeFile } from './remove.ts'
import type { Succession } from './succession.ts'
import type { Surroundings } from './surroundings.ts'

/** What it takes to end a session that has expired. */
export interface ExpiryParts extends RemovalParts, Pick<Surroundings, 'clock' | 'nextLineId'> {
  readonly succession: Succession
}

/**
 * Ends a session that was found to have expired, before anybody is told so: a save that took its time stamp earlier, in
 * a process that was stopped since or whose clock was set back, can't bring it back then. The end names the expiry that
 * was seen, so that a session that is extended meanwhile stays.
 *
 * Where it can't be ended nobody is told that it is gone. Throws what the system says (a disk may be full), and
 * StoreBusyError while its journal is being folded.
 *
 * @returns the record, if it was extended meanwhile
 */
export function endExpired(parts: ExpiryParts, found: OpenJournal): SessionRecord | undefined {
  const { clock, journals, succession } = parts
  let opened: OpenJournal | undefined = found
  while (opened?.journal.record) {
    const { state } = opened.journal
    if (state.phase === 'sealed') succession.replaceWithoutWaiting(opened)
    else if (state.phase === 'open') {
      if (appendEnd(parts, opened, state.record) === 'applied') {
        removeFile(parts, opened)
        return undefined
      }
    }
    opened = journals.current(found.key)
    const record = opened?.journal.record
    if (record && record.expiresAt > clock.now()) return record
  }
  if (opened) journals.drop(opened)
  return undefined
}

function appendEnd(
  { journals, nextLineId }: ExpiryParts,
  opened: OpenJournal,
  { expiresAt }: SessionRecord,
): string {
  const line = { kind: 'end', id: nextLineId(), ifExpires: expiresAt } as const
  try {
    return opened.journal.append(line).fate
  } catch (error) {
    journals.drop(opened) // what is known of the file may be wrong now: read it again
    if (error instanceof TruncatedError) return 'cut'
    throw error
  }
}
