import type { SessionKey } from '../../contract/key.ts'
import { copyRecord, type SessionRecord } from '../../contract/record.ts'
import { isPromise, type MaybePromise, run, type Steps, settled } from '../../contract/wait.ts'
import type { StoreContext } from './context.ts'
import { fileLabel, shardOf, temporaryName } from './directory.ts'
import { Journal, TruncatedError } from './journal/journal.ts'
import { baseLine } from './journal/write.ts'
import type { OpenJournal } from './open-journals.ts'
import { isMissing } from './system-error.ts'

/**
 * A journal is folded when it is longer than this, and than so many times its base line. Longer, and a save pays less
 * for folds; shorter, and less has to be replayed by a process that meets the session for the first time.
 */
export const FOLD_BYTES = 64 * 1024
const FOLD_GROWTH = 4

const RETRY_MS = 1000

/** What every file system can keep as a file's time: the end of the year 2037. */
const LATEST_HINT = 2_145_916_800_000

/** Whether a journal has grown enough to be folded. */
export function isFoldDue({ foldBytes }: StoreContext, { journal, foldNotBelow }: OpenJournal): boolean {
  const { size, baseSize } = journal
  return size > foldBytes && size > FOLD_GROWTH * baseSize && size >= foldNotBelow
}

/** A file that holds a record and waits for its rename. */
interface Successor {
  path: string
  journal: Journal
  /** A copy: the journal's own goes on changing. */
  record: SessionRecord
}

/**
 * Replaces a long journal with one base line. The successor is written first: a full disk is then met before the seal,
 * while nobody waits. Throws what the system says; the journal goes on as it was, or sealed until a later try succeeds.
 */
export function* fold(context: StoreContext, opened: OpenJournal): Steps<void> {
  const { journal } = opened
  const { record } = journal
  if (!record) return
  journal.pin()
  let successor: Successor | undefined
  try {
    successor = yield* prepare(context, opened, record)
    if (!seal(context, opened)) return // another process folds it, or the session is over
    const ready = successor
    successor = undefined
    yield* replaceSealed(context, opened, ready)
  } catch (error) {
    opened.foldNotBelow = journal.size * 2
    throw error
  } finally {
    if (successor) discard(context, successor)
    journal.unpin()
  }
}

/** Appends a seal. @returns whether it is the valid one, so that this store alone may replace the journal */
function seal(context: StoreContext, opened: OpenJournal, replaces?: string): boolean {
  const { journal, key } = opened
  const line = { kind: 'seal', id: context.nextLineId(), holder: context.holders.self } as const
  try {
    return journal.append(replaces === undefined ? line : { ...line, replaces }).fate === 'applied'
  } catch (error) {
    if (error instanceof TruncatedError) {
      // It stands in no journal any more, and what is known of this one is no longer true: a sealed one would be tried again.
      journal.startOver()
      context.journals.drop(opened)
      return false
    }
    retryLater(context, key) // the line may stand all the same
    throw error
  }
}

/**
 * Takes a seal over whose holder is dead: a re-seal that names it, then, if that is valid, the fold. That the holder
 * may have renamed and then died is found out by `replaceSealed`, which looks after the re-seal: an earlier look
 * would lose what was saved to the file that it had put in place.
 */
export function* takeOver(context: StoreContext, opened: OpenJournal, replaced: { id: string }): Steps<void> {
  if (!seal(context, opened, replaced.id)) return // another was first: wait for that one
  context.stats.takeOvers++
  yield* replaceSealed(context, opened)
}

/**
 * Replaces a journal of which a sync has failed. The seal comes first here: nothing is to be saved to it any more, and
 * those who would wait for the new file. Where another process has sealed it, that one's new file is as good.
 */
export function* replaceDoubtful(context: StoreContext, opened: OpenJournal): Steps<void> {
  const { journal, key } = opened
  journal.pin()
  try {
    if (!isHeldHere(context, journal) && !seal(context, opened)) return
    const earlier = context.folding.get(key)
    if (earlier) yield* settled(earlier.catch(() => {})) // whoever began it is told
    if (!journal.nameless) yield* replaceSealed(context, opened)
  } finally {
    journal.unpin()
  }
}

/** The rest of a fold, for a journal whose valid seal is this store's. A failure leaves it for a later try. */
export function* replaceSealed(
  context: StoreContext,
  opened: OpenJournal,
  prepared?: Successor,
): Steps<void> {
  const { journal, key } = opened
  let successor = prepared
  journal.pin()
  try {
    if (successor && !isSameState(successor.record, journal.record)) {
      // Saves came between the preparation and the seal.
      discard(context, successor)
      successor = undefined
    }
    for (;;) {
      if (isHeldHere(context, journal)) successor ??= yield* prepare(context, opened, journal.record!)
      journal.refresh() // one that can't be looked at, and slept for long, may have been taken for dead
      if (!successor || !isHeldHere(context, journal) || !context.journals.hasItsName(opened)) {
        context.unfinished.delete(key)
        context.journals.drop(opened)
        return
      }
      // No await stands between these looks and the rename: nobody else can have become the holder.
      if (takesName(context, successor, opened.path)) break
      discard(context, successor)
      successor = undefined
    }
    journal.nameless = true
    context.unfinished.delete(key)
    context.doubtful.delete(key)
    const renamed = successor
    successor = undefined
    yield* takePlace(context, opened, renamed)
  } catch (error) {
    retryLater(context, opened.key)
    throw error
  } finally {
    if (successor) discard(context, successor)
    journal.unpin()
  }
}

/** Whether the rename succeeds: after a long sleep the file may have been swept up, and is written anew then. */
function takesName({ files }: StoreContext, { path }: Successor, name: string): boolean {
  try {
    files.rename(path, name)
    return true
  } catch (error) {
    if (!isMissing(error)) throw error
    return false
  }
}

/** Of two states of one journal: what happened to values is told by the version. */
function isSameState(one: SessionRecord, other: SessionRecord | undefined): boolean {
  return one.version === other?.version && one.expiresAt === other.expiresAt && one.owner === other.owner
}

/** Whether the valid seal is this store's. */
function isHeldHere({ holders }: StoreContext, { state }: Journal): boolean {
  return state.phase === 'sealed' && holders.status(state.seal.holder) === 'self'
}

function* prepare(context: StoreContext, opened: OpenJournal, record: SessionRecord): Steps<Successor> {
  const { files, journals, chance } = context
  const path = `${journals.shardPath(shardOf(opened.key))}/${temporaryName(chance)}`
  const fd = journals.withDescriptors(() => files.create(path))
  const successor: Successor = { path, journal: new Journal(files, fd), record: copyRecord(record) }
  try {
    successor.journal.begin(baseLine(record))
    hintExpiry(context, fd, record.expiresAt)
    if (context.durable) yield* settled(context.syncs.sync(successor.journal))
    return successor
  } catch (error) {
    discard(context, successor)
    throw error
  }
}

function* takePlace(context: StoreContext, opened: OpenJournal, { journal }: Successor): Steps<void> {
  const { journals, stats } = context
  stats.folds++
  const kept = journals.keep(opened.key, journal)
  if (!context.durable) return
  yield* settled(journals.syncDirectory(journals.shardPath(shardOf(opened.key))))
  kept.entrySynced = true
}

/** Sets the hint that spares the sweep a reading. One that can't be set costs that reading, and no save. */
export function hintExpiry({ files }: StoreContext, fd: number, expiresAt: number): void {
  try {
    files.hintExpiry(fd, Math.max(0, Math.min(expiresAt, LATEST_HINT)))
  } catch {
    // As it says: a wrong hint is allowed.
  }
}

function discard(context: StoreContext, successor: Successor): void {
  void successor.journal.evict()
  try {
    context.files.unlink(successor.path)
  } catch (error) {
    if (!isMissing(error)) context.report({ type: 'file-left', file: successor.path, error })
  }
}

/**
 * The holder alone may finish its fold, and nobody may save before: it tries again without being asked, after close()
 * too, for as long as its process lives.
 */
function retryLater(context: StoreContext, key: SessionKey): void {
  if (context.unfinished.has(key)) return
  context.unfinished.add(key)
  context.clock.later(RETRY_MS, () => {
    if (context.unfinished.delete(key)) finish(context, key)
  })
}

/** One more try at a fold that failed behind its seal; one that fails again is reported, and tried again later. */
export function finish(context: StoreContext, key: SessionKey): void {
  const failed = (error: unknown): void => {
    context.report({ type: 'fold-failed', file: fileLabel(key), error })
    retryLater(context, key)
  }
  const letGo = (): void => {
    if (context.closing) context.journals.dropAll()
  }
  try {
    const opened = context.journals.current(key)
    const replace = context.doubtful.has(key) ? replaceDoubtful : replaceSealed
    const tried = opened && alone(context, key, replace(context, opened))
    if (isPromise(tried)) void tried.catch(failed).finally(letGo)
    else letGo()
  } catch (error) {
    failed(error)
    letGo()
  }
}

/** Runs a fold, and makes it known while it waits for the device, so that others here wait for it. */
export function alone(context: StoreContext, key: SessionKey, steps: Steps<void>): MaybePromise<void> {
  const folding = run(steps)
  if (!isPromise(folding)) return
  const over = folding.finally(() => {
    if (context.folding.get(key) === over) context.folding.delete(key)
  })
  context.folding.set(key, over)
  return over
}
