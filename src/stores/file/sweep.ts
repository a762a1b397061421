import { isNoSession, type SessionKey } from '../../contract/key.ts'
import type { SessionRecord } from '../../contract/record.ts'
import type { ClearExpiredOptions, Swept } from '../../contract/store.ts'
import { isPromise, run } from '../../contract/wait.ts'
import { MisuseError, StoreBusyError } from '../../errors.ts'
import { Slice } from '../slice.ts'
import { claim, isUnborn } from './claim.ts'
import { type CommitParts, commitLine } from './commit.ts'
import { cutAway } from './cut.ts'
import { isJournalName, isTemporaryName, manifestOf, ORPHAN_MS } from './directory.ts'
import type { FileStatus, Files } from './files.ts'
import { isForeign } from './foreign.ts'
import { TruncatedError } from './journal/journal.ts'
import type { JournalFile } from './names.ts'
import { type RemovalParts, removeFile } from './remove.ts'
import type { Succession } from './succession.ts'
import type { Surroundings } from './surroundings.ts'
import { isMissing, isOutOfSpace } from './system-error.ts'
import { isOrphan, unlinkIfThere } from './unlink.ts'

/** Removed files that are closed side by side, by the thread pool; it has others to serve. */
const MOST_CLOSINGS = 8

/** What a sweep works with. */
export interface SweepParts extends CommitParts, RemovalParts, Pick<Surroundings, 'chance'> {
  readonly succession: Succession
  /** The real path of the directory. */
  readonly root: string
  /** Names of the directories that sessions may be in. */
  readonly shards: readonly string[]
}

/** A sweep that is under way. */
interface Current {
  readonly done: Swept
  /** What closes removed files: the system frees their blocks then, and may wait for the device. */
  readonly closings: Promise<void>[]
  readonly signal: AbortSignal | undefined
}

/** The sweeps of one store. It guards that none goes on when the store is closed. */
export class Sweeps {
  /** Expired sessions removed. */
  removed = 0
  readonly #parts: SweepParts
  #isClosed = false

  constructor(parts: SweepParts) {
    this.#parts = parts
  }

  /**
   * Whether nobody has begun a sweep for so long; if so, it is this store's from now on. The manifest's time of change
   * is the mark: nothing else changes it. Two processes may both succeed, which costs them time and does no harm, as the
   * journals decide.
   */
  claim(notSince: number): boolean {
    const { files, clock, root } = this.#parts
    const now = clock.now()
    const last = Math.floor(files.pathStatus(manifestOf(root)).mtimeMs)
    if (last > now - notSince && last <= now) return false // one of the future is from a clock that was set back
    this.mark()
    return true
  }

  /** Says to others that a sweep has begun. */
  mark(): void {
    const { files, clock, root } = this.#parts
    files.claim(manifestOf(root), clock.now())
  }

  /** Removes what has expired, one shard after another, from any on: sweeps that are cut short reach them all in time. */
  async sweep({ signal, onProgress }: ClearExpiredOptions = {}): Promise<Swept> {
    const { chance, names, shards } = this.#parts
    const there = new Set(await names.shardsOf(shards))
    const done: Swept = { scanned: 0, removed: 0 }
    const current: Current = { done, closings: [], signal }
    const first = Math.floor(chance.fraction() * shards.length)
    for (let n = 0; n < shards.length; n++) {
      const shard = shards[(first + n) % shards.length]!
      this.#assertGoesOn(current)
      if (there.has(shard)) await this.#sweepShard(shard, current)
      onProgress?.({ done: n + 1, total: shards.length, ...done })
    }
    await Promise.all(current.closings)
    names.assertDirectory() // else what was missing had not been removed by others
    return done
  }

  close(): void {
    this.#isClosed = true
  }

  #assertGoesOn({ signal }: Current): void {
    signal?.throwIfAborted()
    if (this.#isClosed) throw new MisuseError('The store was closed while it was being swept.')
  }

  async #sweepShard(shard: string, current: Current): Promise<void> {
    const { clock } = this.#parts
    const { closings } = current
    const found = await this.#namesIn(shard)
    const slice = new Slice(clock)
    for (const name of found) {
      if (slice.isOver) {
        await slice.next()
        this.#assertGoesOn(current)
      }
      await this.#sweepFile(shard, name, current)
      if (closings.length >= MOST_CLOSINGS) await Promise.all(closings.splice(0))
    }
  }

  /** None of a shard that is no directory of this store. */
  async #namesIn(shard: string): Promise<string[]> {
    const { names, report } = this.#parts
    try {
      return await names.list(shard)
    } catch (error) {
      if (!isForeign(error)) throw error
      report({ type: 'foreign-file', file: shard, error })
      return []
    }
  }

  /** One file that can't be swept (in use for too long, no journal of ours, no right to) doesn't keep the others. */
  async #sweepFile(shard: string, name: string, current: Current): Promise<void> {
    const path = `${this.#parts.names.shardPath(shard)}/${name}`
    try {
      if (isTemporaryName(name)) removeOrphan(this.#parts, path)
      else if (isJournalName(name)) await this.#sweepSession(`${shard}${name}` as SessionKey, path, current)
    } catch (error) {
      if (error instanceof StoreBusyError) return
      const { report } = this.#parts
      if (isForeign(error)) report({ type: 'foreign-file', file: `${shard}/${name.slice(0, 6)}...`, error })
      else report({ type: 'sweep-failed', error })
    }
  }

  async #sweepSession(key: SessionKey, path: string, { done, closings }: Current): Promise<void> {
    const { clock, files, names, damage } = this.#parts
    const status = statusIfThere(files, path)
    if (!status) return
    const counts = isNoSession(key) ? 0 : 1
    done.scanned += counts
    if (status.size === 0 && !isOrphan(clock, status)) return
    // The access time is a hint that costs nothing to be wrong: too early, and the journal is read in vain; too late,
    // and the session goes with a later sweep. A read sets it to the nanosecond, of which the clock tells milliseconds.
    if (status.size > 0 && Math.floor(status.atimeMs) > clock.now()) return
    const journal = names.open(key) // nobody asked for it: in the cache it would push out what is in use
    if (!journal) return
    const file = { key, path, journal }
    try {
      damage.note(file)
      const { state, record } = journal
      // Else who ended it is about to remove it, and the name may be that of another file by then.
      if (state.phase === 'ended' && isOrphan(clock, journal.status())) names.unlinkIfItsOwn(file)
      else if (isOrphan(clock, status) && isUnborn(journal)) claim(this.#parts, file)
      else if (record && record.expiresAt <= clock.now() && (await end(this.#parts, file, record))) {
        this.removed += counts
        done.removed += counts
      }
    } finally {
      const closing = journal.evict()
      if (isPromise(closing)) closings.push(closing)
    }
  }
}

/** Ends a session that has expired, unless it is extended meanwhile: the end names the expiry that was seen. */
async function end(parts: SweepParts, file: JournalFile, { expiresAt }: SessionRecord): Promise<boolean> {
  const line = { kind: 'end', id: parts.nextLineId(), ifExpires: expiresAt } as const
  try {
    const { fate } = file.journal.append(line)
    if (fate === 'applied') {
      removeFile(parts, file)
      return true
    }
    if (fate !== 'sealed') return false
    const committed = await run(commitLine(parts, file.key, { ...line })) // to what takes its place
    if (committed?.fate !== 'applied') return false
    removeFile(parts, committed.opened)
    return true
  } catch (error) {
    if (error instanceof TruncatedError) return false // somebody else has ended it
    if (!isOutOfSpace(error)) throw error
    return endWithoutSpace(parts, file, error)
  }
}

/**
 * To sweep is what makes space, so that it must not need any. A cut asks nobody: it would take an extension along that
 * comes just now, with a time stamp from before the expiry. So it is left to those that expired a minute ago.
 */
async function endWithoutSpace(parts: SweepParts, file: JournalFile, error: unknown): Promise<boolean> {
  const { clock, journals } = parts
  const { journal, key } = file
  if (journal.refresh() === 'replaced' || !journal.record) throw error
  if (journal.record.expiresAt > clock.now() - ORPHAN_MS) throw error
  const isRemoved = await run(cutAway(parts, file))
  journals.forget(key)
  return isRemoved
}

function removeOrphan({ files, clock }: Pick<Surroundings, 'files' | 'clock'>, path: string): void {
  const status = statusIfThere(files, path)
  if (status && isOrphan(clock, status)) unlinkIfThere(files, path)
}

function statusIfThere(files: Files, path: string): FileStatus | undefined {
  try {
    return files.pathStatus(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
