import { type Steps, settled } from '../../contract/wait.ts'
import { StoreBusyError, StoreUnavailableError } from '../../errors.ts'
import { shardOf } from './directory.ts'
import type { Durability } from './durability.ts'
import type { Folds } from './folds.ts'
import type { JournalNames } from './names.ts'
import type { OpenJournal, OpenJournals } from './open-journals.ts'
import { removeForGood } from './remove.ts'
import type { Succession } from './succession.ts'

/** What it takes to make a journal durable. */
export interface DurableParts {
  readonly names: JournalNames
  readonly journals: OpenJournals
  readonly durability: Durability
  readonly folds: Folds
  readonly succession: Succession
}

/** Waits until what was appended survives what `durability` promises. */
export function* makeDurable(parts: DurableParts, opened: OpenJournal): Steps<void> {
  const { durability } = parts
  if (!durability.isPromised) return
  const { journal, key } = opened
  journal.pin()
  try {
    if (!durability.isInDoubt(key)) yield* syncWithName(parts, opened)
    // It may have become so meanwhile, through another descriptor of the same file.
    if (durability.isInDoubt(key)) yield* untilRenewed(parts, opened)
  } finally {
    journal.unpin()
  }
}

function* syncWithName(parts: DurableParts, opened: OpenJournal): Steps<void> {
  const { names, durability } = parts
  const { journal, key } = opened
  try {
    yield* settled(durability.sync(journal))
  } catch (error) {
    condemn(parts, opened)
    throw error
  }
  if (opened.nameSynced) return
  // Of a sync that had failed before this descriptor was opened the system says nothing here. Whoever was told has
  // sealed the file by now, unless it is over: then its name has to go.
  if (journal.state.phase === 'ended') return yield* removeForGood(parts, key, opened)
  // One that fails is done again by the next save: of names a system forgets nothing, or takes no more of them.
  yield* settled(names.syncShard(shardOf(key)))
  const isReplaced = journal.refresh() === 'replaced'
  opened.nameSynced = true
  if (isReplaced || journal.state.phase !== 'open') yield* untilRenewed(parts, opened)
}

/**
 * After a failed sync: the system may have dropped what it could not write, and say to whoever asks next that all is
 * well. So the file is sealed, in the same turn, for nobody to save to it in any process, and then replaced by a new one.
 */
function condemn({ durability, folds }: DurableParts, opened: OpenJournal): void {
  const { key, journal } = opened
  if (durability.isInDoubt(key)) return // of the saves that share a sync, the first has done it
  durability.doubt(key)
  if (journal.state.phase !== 'ended') folds.replaceInBackground(opened)
}

/**
 * Waits until a file that can be trusted has what stands in this one, written by this store or by whoever has sealed
 * it; or, where that is an end, until the name is gone for certain.
 */
function* untilRenewed(parts: DurableParts, { key, journal }: OpenJournal): Steps<void> {
  const { journals, durability, folds } = parts
  for (;;) {
    const joined = yield* folds.join(key) // perhaps of the file before this one: look again
    const current = journals.current(key)
    if (!current?.journal.record) {
      // What is neither this file, which was cut, nor over is somebody's who is about to create a session.
      const isOver = current?.journal.ino === journal.ino || current?.journal.state.phase === 'ended'
      return yield* removeForGood(parts, key, isOver ? current : undefined)
    }
    if (current.journal.ino !== journal.ino) {
      durability.trust(key)
      if (!current.nameSynced) yield* makeDurable(parts, current)
      return
    }
    if (current.journal.state.phase === 'sealed') yield* untilReplaced(parts, current)
    else if (!joined) yield* settled(folds.replace(current))
  }
}

/** Waits for the successor of a journal in which a change stands already: that it was not saved would not be true. */
function* untilReplaced({ succession }: DurableParts, sealed: OpenJournal): Steps<void> {
  try {
    yield* succession.wait(sealed)
  } catch (error) {
    if (!(error instanceof StoreBusyError)) throw error
    throw new StoreUnavailableError(
      "Another process is replacing the session's journal and has not finished in time: the change stands in it, and " +
        'may not survive a loss of power. Look at the session, and try again.',
      { cause: error },
    )
  }
}
