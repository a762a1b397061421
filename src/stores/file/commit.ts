import type { SessionKey } from '../../contract/key.ts'
import type { Steps } from '../../contract/wait.ts'
import { wasSignedOut } from './cut.ts'
import type { Damage } from './damage.ts'
import type { Appended, AppendedLine } from './journal/journal.ts'
import type { JournalNames } from './names.ts'
import type { OpenJournal, OpenJournals } from './open-journals.ts'
import type { Succession } from './succession.ts'
import type { Surroundings } from './surroundings.ts'

/** What a commit works with. */
export interface CommitParts extends Pick<Surroundings, 'clock' | 'nextLineId'> {
  readonly names: JournalNames
  readonly journals: OpenJournals
  readonly damage: Damage
}

/** A line that has a place in the journal that is in force, and what became of it there. */
export interface Committed extends Appended {
  opened: OpenJournal
}

/** {@link tryCommit}, and again for as long as the journal is being folded. */
export function* commitLine(
  parts: CommitParts & { readonly succession: Succession },
  key: SessionKey,
  line: AppendedLine,
): Steps<Committed | undefined> {
  for (;;) {
    const tried = tryCommit(parts, key, line)
    if (tried?.fate !== 'sealed') return tried
    yield* parts.succession.wait(tried.opened)
  }
}

/**
 * Appends a line to a session's journal, with an id and a time of its own. `undefined`: no session. With the fate
 * `sealed` the journal is being folded, and the line has to be appended to its successor.
 */
export function tryCommit(parts: CommitParts, key: SessionKey, line: AppendedLine): Committed | undefined {
  const { names, journals, damage, clock, nextLineId } = parts
  const opened = journals.kept(key)
  if (!opened) return undefined
  if (!opened.journal.record) {
    damage.note(opened)
    journals.drop(opened)
    return undefined
  }
  line.id = nextLineId()
  if (line.kind === 'change') line.at = clock.now()
  const appended = append(parts, opened, line)
  if (!appended) return tryCommit(parts, key, line)
  // Written out: a spread would cost as much as the append.
  const { fate, record } = appended
  if (fate === 'ended' && !names.hasItsName(opened)) {
    journals.drop(opened) // the key may have been used again since
    return tryCommit(parts, key, line)
  }
  return { fate, record, opened }
}

/** `undefined`: the file was cut by a sign-out, and what has its name now decides. */
function append(
  { journals, damage }: CommitParts,
  opened: OpenJournal,
  line: AppendedLine,
): Appended | undefined {
  try {
    const appended = opened.journal.append(line)
    journals.weighIfGrown(opened)
    if (opened.journal.damagedLines > 0) damage.note(opened)
    return appended
  } catch (error) {
    if (wasSignedOut(journals, opened, error)) return undefined
    journals.drop(opened) // what is known of the file may be wrong now: read it again
    throw error
  }
}
