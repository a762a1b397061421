import type { SessionKey } from '../../record/key.ts'
import { isPromise, type Steps, settled } from '../../record/steps.ts'
import type { StoreContext } from './context.ts'
import { fileLabel, shardOf } from './directory.ts'
import { alone, fold, isFoldDue } from './fold.ts'
import type { Appended, AppendedLine } from './journal/journal.ts'
import type { OpenJournal } from './open-journals.ts'
import { awaitSuccessor } from './succession.ts'

/** A line that has a place in the journal that is in force, and what became of it there. */
export interface Committed extends Appended {
  opened: OpenJournal
}

/**
 * Appends a line to a session's journal, with an id and a time of its own. `undefined`: no session. With the fate
 * `sealed` the journal is being folded, and the line has to be appended to its successor.
 */
export function tryCommit(context: StoreContext, key: SessionKey, line: AppendedLine): Committed | undefined {
  const { journals, clock } = context
  const opened = journals.kept(key)
  if (!opened) return undefined
  if (!opened.journal.record) {
    noteDamage(context, opened)
    journals.drop(opened)
    return undefined
  }
  line.id = context.nextLineId()
  if (line.kind === 'change') line.at = clock.now()
  // Written out: a spread would cost as much as the append.
  const { fate, record } = append(context, opened, line)
  return { fate, record, opened }
}

/** {@link tryCommit}, and again for as long as the journal is being folded. */
export function* commitLine(
  context: StoreContext,
  key: SessionKey,
  line: AppendedLine,
): Steps<Committed | undefined> {
  for (;;) {
    const tried = tryCommit(context, key, line)
    if (tried?.fate !== 'sealed') return tried
    yield* awaitSuccessor(context, tried.opened)
  }
}

function append(context: StoreContext, opened: OpenJournal, line: AppendedLine): Appended {
  try {
    const appended = opened.journal.append(line)
    context.journals.weighIfGrown(opened)
    if (opened.journal.damagedLines > 0) noteDamage(context, opened)
    return appended
  } catch (error) {
    context.journals.drop(opened) // what is known of the file may be wrong now: read it again
    throw error
  }
}

/** Waits until what was appended survives what `durability` promises. */
export function* makeDurable(context: StoreContext, opened: OpenJournal): Steps<void> {
  if (!context.durable) return
  const { journal, key } = opened
  journal.pin()
  try {
    if (!context.doubtful.has(key)) yield* syncWithEntry(context, opened)
    // It may have become so meanwhile, through another descriptor of the same file.
    if (context.doubtful.has(key)) yield* renew(context, opened)
  } catch (error) {
    context.doubtful.add(key)
    throw error
  } finally {
    journal.unpin()
  }
}

function* syncWithEntry(context: StoreContext, opened: OpenJournal): Steps<void> {
  yield* settled(context.syncs.sync(opened.journal))
  if (opened.entrySynced) return
  yield* settled(context.journals.syncDirectory(context.journals.shardPath(shardOf(opened.key))))
  opened.entrySynced = true
}

/**
 * After a failed sync the system may report success for data that it has dropped: only a new file is sure, written by
 * this store or by whoever is folding the journal.
 */
function* renew(context: StoreContext, opened: OpenJournal): Steps<void> {
  const { journals, folding, doubtful } = context
  const { key, journal } = opened
  while (doubtful.has(key)) {
    const earlier = folding.get(key)
    if (earlier) yield* settled(earlier.catch(() => {})) // perhaps of the file before this one: look again
    const current = journals.current(key)
    if (!current?.journal.record) return // it is over, and so is the change
    if (current.journal.ino !== journal.ino) {
      // Somebody else has put a new file there, with what stood in this one.
      yield* syncPinned(context, current)
      doubtful.delete(key)
    } else if (current.journal.state.phase === 'sealed') yield* awaitSuccessor(context, current)
    else if (!earlier) yield* settled(alone(context, key, fold(context, current)))
  }
}

function* syncPinned(context: StoreContext, opened: OpenJournal): Steps<void> {
  opened.journal.pin()
  try {
    yield* syncWithEntry(context, opened)
  } finally {
    opened.journal.unpin()
  }
}

/** Folds a journal that has grown long. The save that noticed it stands already: a failure is reported, not thrown. */
export function foldIfDue(context: StoreContext, opened: OpenJournal): void {
  // Another save may have folded it while this one waited for the device.
  if (opened.journal.evicted || !isFoldDue(context, opened) || context.folding.has(opened.key)) return
  const failed = (error: unknown): void =>
    context.report({ type: 'fold-failed', file: fileLabel(opened.key), error })
  try {
    const folding = alone(context, opened.key, fold(context, opened))
    if (isPromise(folding)) folding.catch(failed)
  } catch (error) {
    failed(error)
  }
}

/** Counts and reports the damage that was met in a journal; nothing is deleted. */
export function noteDamage(
  context: StoreContext,
  { journal, key }: Pick<OpenJournal, 'journal' | 'key'>,
): void {
  const lines = journal.damagedLines
  const whole = journal.state.phase === 'void'
  if (lines === 0 && !whole) return
  journal.damagedLines = 0
  context.stats.damagedLines += lines
  context.report({ type: 'damaged-journal', file: fileLabel(key), lines, whole })
}
