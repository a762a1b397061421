import { isSessionKey, type SessionKey } from '../../contract/key.ts'
import type { SessionRecord } from '../../contract/record.ts'
import type { ClearExpiredOptions, Swept } from '../../contract/store.ts'
import { isPromise, run } from '../../contract/wait.ts'
import { MisuseError, StoreBusyError } from '../../errors.ts'
import { claim, isUnborn } from './claim.ts'
import { commitLine, noteDamage } from './commit.ts'
import type { StoreContext } from './context.ts'
import { cutAway } from './cut.ts'
import { removeFile } from './delete.ts'
import { isJournalName, isTemporaryName, manifestOf, ORPHAN_MS } from './directory.ts'
import type { FileStatus } from './files.ts'
import { type Journal, TruncatedError } from './journal/journal.ts'
import type { JournalFile } from './open-journals.ts'
import { isMissing, isOutOfSpace } from './system-error.ts'
import { isOrphan, unlinkIfThere } from './unlink.ts'

/** The event loop is let go after so many milliseconds of sweeping. */
const SLICE_MS = 2

/** Removed files that are closed at the same time, by the thread pool; it has others to serve. */
const MOST_CLOSINGS = 8

/** A sweep that is under way. */
interface Sweep {
  readonly done: Swept
  /** What closes removed files: the system frees their blocks then, and may wait for the device. */
  readonly closings: Promise<void>[]
}

/**
 * Whether nobody has begun a sweep for so long; if so, it is this store's from now on. The manifest's time of change
 * is the mark: nothing else changes it. Two processes may both succeed, which costs them time and does no harm, as the
 * journals decide.
 */
export function claimSweep({ files, clock }: StoreContext, manifest: string, notSince: number): boolean {
  const now = clock.now()
  const last = Math.floor(files.pathStatus(manifest).mtimeMs)
  if (last > now - notSince && last <= now) return false // one of the future is from a clock that was set back
  markSweep({ files, clock }, manifest)
  return true
}

/** Says to others that a sweep has begun. */
export function markSweep({ files, clock }: Pick<StoreContext, 'files' | 'clock'>, manifest: string): void {
  files.claim(manifest, clock.now())
}

/** Removes what has expired, one shard after another, from any on: sweeps that are cut short reach them all in time. */
export async function sweep(
  context: StoreContext,
  { signal, onProgress }: ClearExpiredOptions = {},
): Promise<Swept> {
  const done: Swept = { scanned: 0, removed: 0 }
  const closings: Promise<void>[] = []
  const { shards } = context
  const first = Math.floor(context.chance.fraction() * shards.length)
  for (let n = 0; n < shards.length; n++) {
    const shard = shards[(first + n) % shards.length]!
    goOn(context, signal)
    await sweepShard(context, shard, { done, closings }, signal)
    onProgress?.({ done: n + 1, total: shards.length, ...done })
  }
  await Promise.all(closings)
  return done
}

function goOn({ closing }: StoreContext, signal: AbortSignal | undefined): void {
  signal?.throwIfAborted()
  if (closing) throw new MisuseError('The store was closed while it was being swept.')
}

async function sweepShard(
  context: StoreContext,
  shard: string,
  current: Sweep,
  signal?: AbortSignal,
): Promise<void> {
  const { clock } = context
  const { closings } = current
  const names = await listShard(context, shard)
  let sliceEnd = clock.monotonic() + SLICE_MS
  for (const name of names) {
    if (clock.monotonic() > sliceEnd) {
      await clock.pause(0)
      goOn(context, signal)
      sliceEnd = clock.monotonic() + SLICE_MS
    }
    await sweepFile(context, shard, name, current)
    if (closings.length >= MOST_CLOSINGS) await Promise.all(closings.splice(0))
  }
}

/** Names in a shard; none if there is no such shard, unless the whole directory is gone. */
export async function listShard({ files, journals, root }: StoreContext, shard: string): Promise<string[]> {
  try {
    return await journals.list(journals.shardPath(shard))
  } catch (error) {
    if (!isMissing(error)) throw error
    files.pathStatus(manifestOf(root))
    return []
  }
}

/** Keys of the sessions in a shard, by its files' names. */
export async function keysOf(context: StoreContext, shard: string): Promise<SessionKey[]> {
  const names = await listShard(context, shard)
  return names.map((name) => `${shard}${name}`).filter(isSessionKey)
}

/** One file that can't be swept (in use for too long, no journal of ours, no right to) doesn't keep the others. */
async function sweepFile(context: StoreContext, shard: string, name: string, current: Sweep): Promise<void> {
  const file = `${context.journals.shardPath(shard)}/${name}`
  try {
    if (isTemporaryName(name)) removeOrphan(context, file)
    else if (isJournalName(name)) await sweepSession(context, `${shard}${name}` as SessionKey, file, current)
  } catch (error) {
    if (!(error instanceof StoreBusyError)) context.report({ type: 'sweep-failed', error })
  }
}

async function sweepSession(
  context: StoreContext,
  key: SessionKey,
  file: string,
  { done, closings }: Sweep,
): Promise<void> {
  const { clock, files } = context
  const status = statusIfThere(context, file)
  if (!status) return
  done.scanned++
  if (status.size === 0 && !isOrphan(context, status)) return
  // The access time is a hint that costs nothing to be wrong: too early, and the journal is read in vain; too late,
  // and the session goes with a later sweep.
  if (status.size > 0 && status.atimeMs > clock.now()) return
  const { journals } = context
  const journal = journals.openOutside(key) // nobody asked for it: it must not push out what is in use
  if (!journal) return
  try {
    noteDamage(context, { journal, key })
    const { state, record } = journal
    // Else who ended it is about to remove it, and the name may be that of another file by then.
    if (state.phase === 'ended' && isOrphan(context, files.status(journal.fd))) unlinkIfThere(context, file)
    else if (isOrphan(context, status) && isUnborn(journal)) claim(context, journal, file)
    else if (record && record.expiresAt <= clock.now() && (await end(context, key, journal, record))) {
      context.stats.swept++
      done.removed++
    }
  } finally {
    const closing = journal.evict()
    if (isPromise(closing)) closings.push(closing)
  }
}

/** Ends a session that has expired, unless it is extended meanwhile: the end names the expiry that was seen. */
async function end(
  context: StoreContext,
  key: SessionKey,
  journal: Journal,
  { expiresAt }: SessionRecord,
): Promise<boolean> {
  const file = { key, path: context.journals.pathOf(key), journal }
  const line = { kind: 'end', id: context.nextLineId(), ifExpires: expiresAt } as const
  try {
    const { fate } = journal.append(line)
    if (fate === 'applied') {
      removeFile(context, file)
      return true
    }
    if (fate !== 'sealed') return false
    const committed = await run(commitLine(context, key, { ...line })) // to what takes its place
    if (committed?.fate !== 'applied') return false
    removeFile(context, committed.opened)
    return true
  } catch (error) {
    if (error instanceof TruncatedError) return false // somebody else has ended it
    if (!isOutOfSpace(error)) throw error
    return endWithoutSpace(context, file, error)
  }
}

/**
 * To sweep is what makes space, so that it must not need any. A cut asks nobody: it would take an extension along that
 * comes just now, with a time stamp from before the expiry. So it is left to those that expired a minute ago.
 */
async function endWithoutSpace(context: StoreContext, file: JournalFile, error: unknown): Promise<boolean> {
  const { clock, journals } = context
  const { journal, key } = file
  if (journal.refresh() === 'replaced' || !journal.record) throw error
  if (journal.record.expiresAt > clock.now() - ORPHAN_MS) throw error
  const isRemoved = await run(cutAway(context, file))
  journals.forget(key)
  return isRemoved
}

function removeOrphan(context: StoreContext, file: string): void {
  const status = statusIfThere(context, file)
  if (status && isOrphan(context, status)) unlinkIfThere(context, file)
}

function statusIfThere({ files }: StoreContext, file: string): FileStatus | undefined {
  try {
    return files.pathStatus(file)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
