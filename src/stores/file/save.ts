import type { SessionKey } from '../../contract/key.ts'
import { copyRecord, isEmpty, type SessionChange, type SessionRecord } from '../../contract/record.ts'
import type { SaveResult } from '../../contract/store.ts'
import { type MaybePromise, run, type Steps } from '../../contract/wait.ts'
import { type CommitParts, type Committed, commitLine, tryCommit } from './commit.ts'
import { type ExpiryParts, endExpired } from './expire.ts'
import type { ChangeLine } from './journal/line.ts'
import { type DurableParts, makeDurable } from './make-durable.ts'
import type { OpenJournals } from './open-journals.ts'
import { removeFile } from './remove.ts'
import type { Surroundings } from './surroundings.ts'

/** What a save works with. */
export interface SaveParts extends CommitParts, DurableParts, ExpiryParts {}

/** Appends a change to a session's journal, and answers what became of it there. */
export function save(parts: SaveParts, key: SessionKey, line: ChangeLine): MaybePromise<SaveResult> {
  const tried = tryCommit(parts, key, line)
  // Most saves end here: without a wait, they need no steps to be carried out.
  const waits = tried?.fate === 'sealed' || (tried?.fate === 'applied' && parts.durability.isPromised)
  return waits ? run(saveOn(parts, key, line, tried)) : answerTo(parts, line, tried)
}

function* saveOn(parts: SaveParts, key: SessionKey, line: ChangeLine, tried: Committed): Steps<SaveResult> {
  let committed: Committed | undefined = tried
  if (tried.fate === 'sealed') {
    yield* parts.succession.wait(tried.opened)
    committed = yield* commitLine(parts, key, line)
  }
  if (committed?.fate === 'applied') yield* makeDurable(parts, committed.opened)
  return answerTo(parts, line, committed)
}

/** What became of a save, by the fate of its line; with what is to be done to the file then. */
function answerTo(parts: SaveParts, { expires }: ChangeLine, committed: Committed | undefined): SaveResult {
  if (!committed) return { outcome: 'gone' }
  const { journals, clock, folds } = parts
  const { fate, record, opened } = committed
  const { journal } = opened
  if (fate === 'applied') {
    if (journal.state.phase === 'ended') removeFile(parts, opened)
    else if (expires !== undefined && !journal.evicted) journal.hintExpiry(expires)
    folds.foldIfDue(opened)
    return { outcome: 'saved', record: record! }
  }
  const current = journal.record
  // It has expired before the save, which is its end now.
  if (fate === 'expired') removeFile(parts, opened)
  else if (!current) journals.drop(opened)
  if (fate !== 'conflict' || !current) return { outcome: 'gone' }
  const live = current.expiresAt > clock.now() ? current : endExpired(parts, opened)
  if (!live) return { outcome: 'gone' }
  const answer = { outcome: 'conflict', record: copyRecord(live) } as const
  folds.foldIfDue(opened) // reads what others have appended, and replays it in place
  return answer
}

/** By what is known already the save can't be applied: it need not be appended to find that out. */
export function isFutile(
  { journals, clock }: Pick<Surroundings, 'clock'> & { readonly journals: OpenJournals },
  key: SessionKey,
  ifVersion: number | undefined,
): boolean {
  const known = journals.known(key)
  if (!known) return false
  return (ifVersion !== undefined && ifVersion !== known.version) || known.expiresAt <= clock.now()
}

/** What a save comes to that appends nothing; `undefined`: it has to be appended after all. */
export function answerWithoutAppend(
  record: SessionRecord | undefined,
  change: SessionChange,
  ifVersion: number | undefined,
): SaveResult | undefined {
  if (!record) return { outcome: 'gone' }
  if (ifVersion !== undefined && ifVersion !== record.version) return { outcome: 'conflict', record }
  return isEmpty(change) ? { outcome: 'saved', record } : undefined
}
