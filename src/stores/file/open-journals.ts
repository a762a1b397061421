import { assertSessionKey } from '../../contract/check.ts'
import type { SessionKey } from '../../contract/key.ts'
import type { SessionRecord } from '../../contract/record.ts'
import { StoreUnavailableError } from '../../errors.ts'
import { fileLabel, fileNameOf, manifestOf, refuseUnsafe, shardOf } from './directory.ts'
import type { FileStatus, Files } from './files.ts'
import { Journal, letGo } from './journal/journal.ts'
import { isForeignKind, isMissing, isOutOfDescriptors, isTaken, withoutKeys } from './system-error.ts'

/** Bounds of the cache of open journals. */
export interface CacheLimits {
  /** Descriptors kept open. */
  maxOpen: number
  /** Bytes of records kept in memory, about. */
  maxCacheBytes: number
}

const REGULAR = 0o100000
const KIND = 0o170000

/** A journal, and where it is. */
export interface JournalFile {
  readonly key: SessionKey
  readonly path: string
  readonly journal: Journal
}

/** A journal in the cache, with what the store knows of it beside its lines. */
export interface OpenJournal extends JournalFile {
  /** Its directory entry survives power loss. */
  entrySynced: boolean
  /** No fold below this size, after one that failed. */
  foldNotBelow: number
  /** Bytes that it counts for in the cache. */
  weight: number
  /** The journal's size when it was weighed. */
  weighedAt: number
  /** Used since the cache last looked for one to let go of. */
  used: boolean
}

/**
 * The open journals: kept descriptors with what was replayed from them are the store's only cache. The one that goes is
 * the oldest that was not used since it was last looked at (second chance): a use then costs no more than a mark.
 */
export class OpenJournals {
  readonly #files: Files
  readonly #root: string
  readonly #limits: CacheLimits
  readonly #open = new Map<SessionKey, OpenJournal>()
  readonly #checkedShards = new Set<string>()
  #bytes = 0

  constructor(files: Files, root: string, limits: CacheLimits) {
    this.#files = files
    this.#root = root
    this.#limits = limits
  }

  get size(): number {
    return this.#open.size
  }

  shardPath(shard: string): string {
    return `${this.#root}/${shard}`
  }

  pathOf(key: SessionKey): string {
    return `${this.#root}/${shardOf(key)}/${fileNameOf(key)}`
  }

  has(key: SessionKey): boolean {
    return this.#open.has(key)
  }

  /** What is known of a session without asking the system; `undefined` where nothing is kept. */
  known(key: SessionKey): SessionRecord | undefined {
    return this.#open.get(key)?.journal.record
  }

  /** Brings a journal up to date. @returns whether another file has its name now, or none has */
  #isReplaced(opened: OpenJournal): boolean {
    const { journal } = opened
    return journal.refresh() === 'replaced' || (journal.state.phase === 'sealed' && !this.hasItsName(opened))
  }

  /**
   * Whether the path still leads to this journal. Of a sealed one only the path tells: the number of its names does not
   * become 0 where somebody has made a hard link to it, for a backup.
   */
  hasItsName({ journal, path }: JournalFile): boolean {
    try {
      return this.#files.pathStatus(path).ino === journal.ino
    } catch (error) {
      if (!isMissing(error)) throw error
      this.#files.pathStatus(manifestOf(this.#root)) // throws if the whole directory is gone, which may come back
      return false
    }
  }

  /** The journal that the key's path names now, up to date. `undefined`: there is none. */
  current(key: SessionKey): OpenJournal | undefined {
    const kept = this.#open.get(key)
    if (kept) {
      if (!this.#isReplaced(kept)) {
        kept.used = true
        this.weighIfGrown(kept)
        return kept
      }
      this.drop(kept)
    }
    return this.#openByPath(key)
  }

  /** The kept journal as it was last read, or {@link current}: for an append, which reads on by itself. */
  kept(key: SessionKey): OpenJournal | undefined {
    const kept = this.#open.get(key)
    if (!kept) return this.#openByPath(key)
    if (kept.journal.state.phase === 'ended' && !this.hasItsName(kept)) {
      this.drop(kept) // the key may have been used again since
      return this.#openByPath(key)
    }
    kept.used = true
    return kept
  }

  /** Takes a journal into the cache, in the place of one that it replaces. */
  keep(key: SessionKey, journal: Journal): OpenJournal {
    const before = this.#open.get(key)
    if (before) this.drop(before)
    const path = this.pathOf(key)
    const opened = {
      key,
      path,
      journal,
      entrySynced: false,
      foldNotBelow: 0,
      weight: 0,
      weighedAt: 0,
      used: false,
    }
    this.#open.set(key, opened)
    this.#weigh(opened)
    return opened
  }

  /** Weighs a journal now and then: to go through the record at each save would cost as much as to copy it. */
  weighIfGrown(opened: OpenJournal): void {
    if (opened.journal.size - opened.weighedAt > WEIGH_EVERY) this.#weigh(opened)
  }

  /** Takes note of what a journal's record takes in memory, and makes room. */
  #weigh(opened: OpenJournal): void {
    if (this.#open.get(opened.key) !== opened) return
    const { record, size } = opened.journal
    const weight = weightOf(record)
    this.#bytes += weight - opened.weight
    opened.weight = weight
    opened.weighedAt = size
    while (this.#isOverLimits()) this.drop(this.#leastUsed(opened))
  }

  drop(opened: OpenJournal): void {
    if (this.#open.get(opened.key) !== opened) return
    this.#open.delete(opened.key)
    this.#bytes -= opened.weight
    void opened.journal.evict()
  }

  /** {@link drop} of whatever is kept for a key. */
  forget(key: SessionKey): void {
    const kept = this.#open.get(key)
    if (kept) this.drop(kept)
  }

  dropAll(): void {
    for (const opened of [...this.#open.values()]) this.drop(opened)
  }

  /** Opens a journal by its path, outside of the cache: for a look that should not push others out. */
  openOutside(key: SessionKey): Journal | undefined {
    assertSessionKey(key)
    this.checkShard(shardOf(key))
    const path = this.pathOf(key)
    for (;;) {
      const fd = this.withDescriptors(() => this.#descriptorOf(path, key))
      if (fd === undefined) return undefined
      const journal = new Journal(this.#files, fd)
      try {
        const status = this.#files.status(fd)
        this.#refuseForeign(status, key)
        if (journal.refreshFrom(status) === 'current') return journal
      } catch (error) {
        void letGo(this.#files, fd)
        throw error
      }
      void letGo(this.#files, fd) // replaced between the opening and the look: open what has its name now
    }
  }

  /** Runs what opens a file; out of descriptors, lets go of the cache and tries once more. */
  withDescriptors<T>(open: () => T): T {
    try {
      return open()
    } catch (error) {
      this.#makeRoom(error)
      return open()
    }
  }

  /** `fsync` of a directory, which takes a descriptor too. */
  async syncDirectory(path: string): Promise<void> {
    try {
      await this.#files.syncDirectory(path)
    } catch (error) {
      this.#makeRoom(error)
      await this.#files.syncDirectory(path)
    }
  }

  /** Names in a directory. */
  async list(path: string): Promise<string[]> {
    try {
      return await this.#files.list(path)
    } catch (error) {
      this.#makeRoom(error)
      return this.#files.list(path)
    }
  }

  /** Makes a shard, if no other process was quicker. */
  makeShard(shard: string): void {
    try {
      this.#files.makeDirectory(this.shardPath(shard))
    } catch (error) {
      if (!isTaken(error)) throw error
    }
  }

  /** Lets go of the cache, if that can help against an error. */
  #makeRoom(error: unknown): void {
    if (!isOutOfDescriptors(error) || this.#open.size === 0) throw error
    this.dropAll()
  }

  /** Never the one in hand: its next call would be made on a descriptor that is closed. */
  #leastUsed(inHand: OpenJournal): OpenJournal {
    for (const opened of this.#open.values()) {
      if (!opened.used && opened !== inHand) return opened
      opened.used = false
      this.#open.delete(opened.key)
      this.#open.set(opened.key, opened)
    }
    throw new RangeError('An empty cache is over no limit.') // each was looked at once, and none was used since
  }

  #isOverLimits(): boolean {
    const { maxOpen, maxCacheBytes } = this.#limits
    return this.#open.size > maxOpen || (this.#bytes > maxCacheBytes && this.#open.size > 1)
  }

  #openByPath(key: SessionKey): OpenJournal | undefined {
    const journal = this.openOutside(key)
    return journal && this.keep(key, journal)
  }

  #descriptorOf(path: string, key: SessionKey): number | undefined {
    try {
      return this.#files.open(path)
    } catch (error) {
      if (isMissing(error)) return this.#absent(key)
      throw isForeignKind(error) ? this.#foreign(key, error) : error
    }
  }

  /** There is no such session, unless its shard is gone too. */
  #absent(key: SessionKey): undefined {
    this.#checkedShards.delete(shardOf(key))
    this.checkShard(shardOf(key))
    return undefined
  }

  /** A planted shard could lead anywhere: each is looked at once, at its first use. */
  checkShard(shard: string): void {
    if (this.#checkedShards.has(shard)) return
    const path = this.shardPath(shard)
    let status: FileStatus
    try {
      status = this.#files.pathStatus(path)
    } catch (error) {
      if (!isMissing(error)) throw error
      // Nobody's session has been here yet; or the whole directory was removed, which is no absence but a failure.
      this.#files.pathStatus(manifestOf(this.#root))
      return
    }
    refuseUnsafe(path, status)
    this.#checkedShards.add(shard)
  }

  #refuseForeign(status: FileStatus, key: SessionKey): void {
    const us = process.geteuid?.() ?? status.uid
    if ((status.mode & KIND) === REGULAR && status.nlink <= 1 && status.uid === us) return
    throw this.#foreign(key)
  }

  #foreign(key: SessionKey, cause?: unknown): StoreUnavailableError {
    const path = `${this.#root}/${fileLabel(key)}`
    return new StoreUnavailableError(
      `"${path}" is not a journal of this store: it is no regular file of this user with a single name. ` +
        'Somebody put it there, or made a hard link to it (a backup should copy): look at it and move it away.',
      { cause: withoutKeys(cause) },
    )
  }
}

/** Bytes that a journal grows by before it is weighed again. */
const WEIGH_EVERY = 1024

/** Of a record and what is kept beside it, and of each of its values, without their texts. */
const RECORD_BYTES = 500
const VALUE_BYTES = 100

/** Not the file's size: most of a long journal is history, which nobody keeps. */
function weightOf(record: SessionRecord | undefined): number {
  let bytes = RECORD_BYTES
  if (record) for (const [key, text] of record.values) bytes += VALUE_BYTES + key.length + text.length
  return bytes
}
