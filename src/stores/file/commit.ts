import type { SessionKey } from '../../contract/key.ts'
import { isPromise, type Steps, settled } from '../../contract/wait.ts'
import { StoreBusyError, StoreUnavailableError } from '../../errors.ts'
import type { StoreContext } from './context.ts'
import { wasSignedOut } from './cut.ts'
import { fileLabel, shardOf } from './directory.ts'
import { alone, fold, isFoldDue, replaceDoubtful } from './fold.ts'
import type { Appended, AppendedLine } from './journal/journal.ts'
import type { OpenJournal } from './open-journals.ts'
import { awaitSuccessor } from './succession.ts'
import { unlinkIfThere } from './unlink.ts'

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
  const appended = append(context, opened, line)
  if (!appended) return tryCommit(context, key, line)
  // Written out: a spread would cost as much as the append.
  const { fate, record } = appended
  if (fate === 'ended' && !journals.hasItsName(opened)) {
    journals.drop(opened) // the key may have been used again since
    return tryCommit(context, key, line)
  }
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

/** `undefined`: the file was cut by a sign-out, and what has its name now decides. */
function append(context: StoreContext, opened: OpenJournal, line: AppendedLine): Appended | undefined {
  try {
    const appended = opened.journal.append(line)
    context.journals.weighIfGrown(opened)
    if (opened.journal.damagedLines > 0) noteDamage(context, opened)
    return appended
  } catch (error) {
    if (wasSignedOut(context, opened, error)) return undefined
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
    if (context.doubtful.has(key)) yield* untilRenewed(context, opened)
  } finally {
    journal.unpin()
  }
}

function* syncWithEntry(context: StoreContext, opened: OpenJournal): Steps<void> {
  const { journals } = context
  const { journal, key } = opened
  try {
    yield* settled(context.syncs.sync(journal))
  } catch (error) {
    condemn(context, opened)
    throw error
  }
  if (opened.entrySynced) return
  // Of a sync that had failed before this descriptor was opened the system says nothing here. Whoever was told has
  // sealed the file by now, unless it is over: then its name has to go.
  if (journal.state.phase === 'ended') return yield* removeForGood(context, key, opened)
  // One that fails is done again by the next save: of names a system forgets nothing, or takes no more of them.
  yield* settled(journals.syncDirectory(journals.shardPath(shardOf(key))))
  const isReplaced = journal.refresh() === 'replaced'
  opened.entrySynced = true
  if (isReplaced || journal.state.phase !== 'open') yield* untilRenewed(context, opened)
}

/**
 * After a failed sync: the system may have dropped what it could not write, and say to whoever asks next that all is
 * well. So the file is sealed, in the same turn, for nobody to save to it in any process, and then replaced by a new one.
 */
function condemn(context: StoreContext, opened: OpenJournal): void {
  const { key, journal } = opened
  if (context.doubtful.has(key)) return // of the saves that share a sync, the first has done it
  context.doubtful.add(key)
  if (journal.state.phase === 'ended') return
  inBackground(context, key, () => replaceDoubtful(context, opened))
}

/**
 * Waits until a file that can be trusted has what stands in this one, written by this store or by whoever has sealed
 * it; or, where that is an end, until the name is gone for certain.
 */
function* untilRenewed(context: StoreContext, { key, journal }: OpenJournal): Steps<void> {
  const { journals, folding } = context
  for (;;) {
    const earlier = folding.get(key)
    if (earlier) yield* settled(earlier.catch(() => {})) // perhaps of the file before this one: look again
    const current = journals.current(key)
    if (!current?.journal.record) {
      // What is neither this file, which was cut, nor over is somebody's who is about to create a session.
      const isOver = current?.journal.ino === journal.ino || current?.journal.state.phase === 'ended'
      return yield* removeForGood(context, key, isOver ? current : undefined)
    }
    if (current.journal.ino !== journal.ino) {
      context.doubtful.delete(key)
      if (!current.entrySynced) yield* makeDurable(context, current)
      return
    }
    if (current.journal.state.phase === 'sealed') yield* untilReplaced(context, current)
    else if (!earlier) yield* settled(alone(context, key, replaceDoubtful(context, current)))
  }
}

/** Waits for the successor of a journal in which a change stands already: that it was not saved would not be true. */
function* untilReplaced(context: StoreContext, sealed: OpenJournal): Steps<void> {
  try {
    yield* awaitSuccessor(context, sealed)
  } catch (error) {
    if (!(error instanceof StoreBusyError)) throw error
    throw new StoreUnavailableError(
      "Another process is replacing the session's journal and has not finished in time: the change stands in it, and " +
        'may not survive a loss of power. Look at the session, and try again.',
      { cause: error },
    )
  }
}

/** Removes the name of a session that is over, where its end may be lost: then the missing name is what survives. */
export function* removeForGood(
  context: StoreContext,
  key: SessionKey,
  over: OpenJournal | undefined,
): Steps<void> {
  const { journals, doubtful } = context
  if (over) {
    // To leave the file is a failure here; that of another session, which has taken the key since, is not ours.
    if (journals.hasItsName(over)) unlinkIfThere(context, over.path)
    over.journal.nameless = true
    journals.drop(over)
  }
  doubtful.add(key)
  yield* settled(journals.syncDirectory(journals.shardPath(shardOf(key))))
  doubtful.delete(key)
}

/** Folds a journal that has grown long. The save that noticed it stands already: a failure is reported, not thrown. */
export function foldIfDue(context: StoreContext, opened: OpenJournal): void {
  // Another save may have folded it while this one waited for the device.
  if (opened.journal.evicted || !isFoldDue(context, opened) || context.folding.has(opened.key)) return
  inBackground(context, opened.key, () => fold(context, opened))
}

/** Starts what replaces a journal. Nobody waits for it: a failure is reported, not thrown. */
function inBackground(context: StoreContext, key: SessionKey, steps: () => Steps<void>): void {
  const failed = (error: unknown): void =>
    context.report({ type: 'fold-failed', file: fileLabel(key), error })
  try {
    const replacing = alone(context, key, steps())
    if (isPromise(replacing)) replacing.catch(failed)
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
