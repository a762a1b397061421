import type { Journal } from './journal/journal.ts'
import { NEVER } from './journal/replay.ts'
import type { JournalFile, JournalNames } from './names.ts'
import type { Surroundings } from './surroundings.ts'

/** Whether all that is there is less than a first line: a creation that is under way, or whose process has died. */
export function isUnborn(journal: Journal): boolean {
  return journal.state.phase === 'blank' && (journal.size === 0 || journal.isCutShort())
}

/**
 * Sees to it that such a file never becomes a session, and removes it: a creator that wakes up finds the end before its
 * own line, and takes another id. Of several who claim it the first one removes it, and nobody else: its name may be that
 * of another file by then. Behind a whole base line the end is void. A session that was cut away for want of space looks
 * the same, and may be claimed like this too: whoever cut it finds its name gone, or another's.
 */
export function claim(
  { names, nextLineId }: Pick<Surroundings, 'nextLineId'> & { readonly names: JournalNames },
  file: JournalFile,
): void {
  const { fate } = file.journal.append({ kind: 'end', id: nextLineId(), ifExpires: NEVER })
  if (fate === 'applied') names.unlink(file)
}
