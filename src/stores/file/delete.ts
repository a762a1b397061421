import type { SessionKey } from '../../contract/key.ts'
import type { Steps } from '../../contract/wait.ts'
import { StoreBusyError } from '../../errors.ts'
import { claim, isUnborn } from './claim.ts'
import { type CommitParts, type Committed, commitLine } from './commit.ts'
import { cutAway } from './cut.ts'
import { type DurableParts, makeDurable } from './make-durable.ts'
import type { OpenJournal } from './open-journals.ts'
import { type RemovalParts, removeFile, removeForGood } from './remove.ts'
import { isOutOfSpace } from './system-error.ts'
import { isOrphan } from './unlink.ts'

/** What a delete works with. */
export interface DeleteParts extends CommitParts, DurableParts, RemovalParts {}

/** Ends a session, and removes its file. `false`: there was none. */
export function* deleteSession(parts: DeleteParts, key: SessionKey): Steps<boolean> {
  const now = parts.clock.now() // before the end: what expires behind it was there
  const before = parts.journals.kept(key)
  if (before?.journal.state.phase === 'ended') return yield* deleteAgain(parts, before)
  let committed: Committed | undefined
  try {
    committed = yield* commitLine(parts, key, { kind: 'end', id: '' })
  } catch (error) {
    if (!isOutOfSpace(error)) throw error
    return yield* deleteWithoutSpace(parts, key, now, error)
  }
  if (!committed) {
    yield* deleteAbsent(parts, key)
    return false
  }
  const { opened, fate, record } = committed
  if (fate !== 'applied') return yield* deleteAgain(parts, opened)
  const wasLive = record!.expiresAt > now
  yield* deleteEnded(parts, opened)
  return wasLive
}

/** The rest of a delete, of which the end stands. */
function* deleteEnded(parts: DeleteParts, opened: OpenJournal): Steps<void> {
  const { journal, key } = opened
  journal.pin()
  try {
    if (parts.durability.isInDoubt(key)) yield* removeForGood(parts, key, opened)
    else {
      yield* makeDurable(parts, opened)
      removeFile(parts, opened)
    }
  } finally {
    journal.unpin()
  }
}

/** There is no session; but of one whose end may be lost the name has to go for certain. */
function* deleteAbsent(parts: DeleteParts, key: SessionKey): Steps<void> {
  const { journals, durability } = parts
  if (!durability.isInDoubt(key)) return
  const left = journals.current(key)
  if (left && isUnborn(left.journal)) claim(parts, left)
  yield* removeForGood(parts, key, left?.journal.state.phase === 'ended' ? left : undefined)
}

/** One that somebody else has ended, who is about to remove the file, or has died before. */
function* deleteAgain(parts: DeleteParts, opened: OpenJournal): Steps<false> {
  const { clock, names, journals, durability } = parts
  if (durability.isPromised) yield* removeForGood(parts, opened.key, opened)
  else if (isOrphan(clock, opened.journal.status()) && names.hasItsName(opened)) removeFile(parts, opened)
  else journals.drop(opened)
  return false
}

/**
 * Nobody is to stay signed in because a disk is full: see {@link cutAway}. A fold that was faster than the cut has put
 * another file there, which goes the same way.
 */
function* deleteWithoutSpace(
  parts: DeleteParts,
  key: SessionKey,
  now: number,
  error: unknown,
): Steps<boolean> {
  const { journals, durability } = parts
  let wasLive = false
  let tried = false
  let waits = true
  let born: number | undefined
  for (;;) {
    const opened = journals.current(key)
    const record = opened?.journal.record
    // The end may stand all the same: then nobody can tell whose it is.
    if (opened?.journal.state.phase === 'ended' && !tried) throw error
    if (!opened || !record) break
    if (waits && opened.journal.state.phase === 'sealed') {
      waits = yield* isReplaced(parts, opened)
      continue
    }
    const { expiresAt, createdAt } = record
    if (born !== undefined && createdAt !== born) {
      wasLive = true // no fold's: somebody wanted the key, found what was cut, and has removed it
      break
    }
    born = createdAt
    tried = true
    if (durability.isPromised) durability.doubt(key) // until the name is gone for certain: a cut may be lost
    if (yield* cutAway(parts, opened)) wasLive = expiresAt > now
    journals.drop(opened)
  }
  journals.forget(key)
  if (durability.isPromised) yield* removeForGood(parts, key, undefined)
  return wasLive
}

/** Whether somebody replaces a sealed journal: where there is no space for that either, it is cut as it is. */
function* isReplaced({ succession }: DeleteParts, sealed: OpenJournal): Steps<boolean> {
  try {
    yield* succession.wait(sealed)
    return true
  } catch (error) {
    if (!isOutOfSpace(error) && !(error instanceof StoreBusyError)) throw error
    return false
  }
}
