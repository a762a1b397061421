import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import { MisuseError } from '../../errors.ts'
import { assertSessionKey, type SessionKey } from '../../record/key.ts'
import {
  changesValues,
  copyRecord,
  type NewRecord,
  type SessionChange,
  type SessionRecord,
} from '../../record/record.ts'
import { isPromise, type MaybePromise, run, type Steps, settled } from '../../record/steps.ts'
import type { ClearExpiredOptions, SaveOptions, SaveResult, SessionStore, Swept } from '../../store.ts'
import { commitLine, foldIfDue, makeDurable, noteDamage } from './commit.ts'
import type { FileStoreEvent, FileStoreStats, StoreContext } from './context.ts'
import { fileLabel, prepareDirectory, SHARDS, shardOf } from './directory.ts'
import type { Clock, Files } from './files.ts'
import { finish } from './fold.ts'
import { type Holders, systemHolders } from './holder.ts'
import { Journal } from './journal/journal.ts'
import { baseLine, changeLine } from './journal/write.ts'
import { nodeClock, nodeFiles } from './node-files.ts'
import { type OpenJournal, OpenJournals } from './open-journals.ts'
import { type FileStoreOptions, fileStoreOptions } from './options.ts'
import { SharedSyncs } from './shared-syncs.ts'
import { keysOf, sweep, unlinkIfThere } from './sweep.ts'
import { isMissing, isTaken, storeUnavailable } from './system-error.ts'

/** Sessions in files, one journal each. */
export interface FileStore extends SessionStore {
  readonly loadsAtOnce: true
  /** The real path of the directory that the sessions are in. */
  readonly directory: string
  /** What this store has done since it was opened. */
  readonly stats: FileStoreStats
  load(key: SessionKey): SessionRecord | undefined
  exists(key: SessionKey): boolean
  byOwner(owner: string): AsyncIterable<[SessionKey, SessionRecord]>
}

/** What a simulation puts in the place of the system. */
export interface System {
  files: Files
  clock: Clock
  holders: (store: string) => Holders
}

const SYSTEM: System = { files: nodeFiles, clock: nodeClock, holders: systemHolders }

/**
 * A store that keeps each session in a file of its own below `directory` (default: `./.sessions`, made if it is
 * missing). Any number of stores, threads and processes of one machine may use a directory at the same time.
 *
 * Throws at once what can be known at once: `StoreConfigError` (UNTORN_STORE_CONFIG) for a directory that can't be
 * created or written, is full, is not ours, not empty and not a session directory, or on a network file system;
 * `InvalidOptionError` (UNTORN_INVALID_OPTION).
 *
 * @example
 * const store = fileStore('./.sessions', { durability: 'disk' })
 */
export function fileStore(directory = './.sessions', options?: FileStoreOptions): FileStore {
  return openFileStore(directory, options, SYSTEM)
}

/** {@link fileStore} over any system. */
export function openFileStore(
  directory: string,
  options: FileStoreOptions | undefined,
  system: System,
): FileStore {
  const chosen = fileStoreOptions(options)
  const root = prepareDirectory(directory, (message) =>
    chosen.onEvent({ type: 'doubtful-file-system', message }),
  )
  return new JournalStore(root, chosen, system)
}

const GONE: SaveResult = { outcome: 'gone' }

class JournalStore implements FileStore {
  readonly loadsAtOnce = true
  readonly directory: string
  readonly #context: StoreContext
  #cancelSweep: (() => void) | undefined

  constructor(root: string, options: Required<FileStoreOptions>, { files, clock, holders }: System) {
    this.directory = root
    const name = randomBytes(9).toString('base64url')
    let lines = 0
    this.#context = {
      files,
      clock,
      holders: holders(name),
      journals: new OpenJournals(files, root, options),
      syncs: new SharedSyncs(files),
      durable: options.durability === 'disk',
      busyTimeout: options.busyTimeout,
      stats: { folds: 0, takeOvers: 0, waits: 0, damagedLines: 0, swept: 0 },
      report: guardedReport(options.onEvent),
      nextLineId: () => `${name}.${(lines++).toString(36)}`,
      unfinished: new Set(),
      folding: new Map(),
      suspects: new Map(),
      closed: false,
    }
    this.#sweepLater(options.sweepEvery)
  }

  get stats(): FileStoreStats {
    return { ...this.#context.stats, open: this.#context.journals.size }
  }

  create(key: SessionKey, record: NewRecord): MaybePromise<boolean> {
    return this.#guard('create a session', () => run(this.#create(key, record)))
  }

  load(key: SessionKey): SessionRecord | undefined {
    const record = this.#look(key)
    return record && copyRecord(record)
  }

  exists(key: SessionKey): boolean {
    return this.#look(key) !== undefined
  }

  save(key: SessionKey, change: SessionChange, options?: SaveOptions): MaybePromise<SaveResult> {
    if (isEmpty(change)) return this.#saveNothing(key, options?.ifVersion)
    return this.#guard('save a session', () => run(this.#save(key, change, options?.ifVersion)))
  }

  delete(key: SessionKey): MaybePromise<boolean> {
    return this.#guard('delete a session', () => run(this.#delete(key)))
  }

  async clearExpired(options: ClearExpiredOptions = {}): Promise<Swept> {
    return this.#guard('sweep', () => sweep(this.#context, this.#context.clock.now(), options))
  }

  async *records(): AsyncIterable<[SessionKey, SessionRecord]> {
    for (const shard of SHARDS) {
      for (const key of await this.#guard('list sessions', () => keysOf(this.#context, shard))) {
        const record = this.#guard('read a session', () => this.#peek(key))
        if (record) yield [key, record]
      }
    }
  }

  async *byOwner(owner: string): AsyncIterable<[SessionKey, SessionRecord]> {
    for await (const entry of this.records()) if (entry[1].owner === owner) yield entry
  }

  async close(): Promise<void> {
    const context = this.#context
    if (context.closed) return
    this.#cancelSweep?.()
    await Promise.allSettled(context.folding.values())
    for (const key of [...context.unfinished]) finish(context, key)
    await Promise.allSettled(context.folding.values())
    context.closed = true
    context.holders.retire()
    context.journals.dropAll()
  }

  /** The record as the cache has it. Written out, without {@link #guard}: this is the way of every request. */
  #look(key: SessionKey): SessionRecord | undefined {
    this.#assertOpen()
    try {
      const opened = this.#context.journals.current(key)
      if (!opened) return undefined
      const { journal } = opened
      const { record } = journal
      if (!record || journal.damagedLines > 0) noteDamage(this.#context, opened)
      if (!record) {
        this.#context.journals.drop(opened)
        return undefined
      }
      return record.expiresAt > this.#context.clock.now() ? record : undefined
    } catch (error) {
      throw storeUnavailable(error, 'load a session', this.directory)
    }
  }

  /** Reads a session without taking it into the cache. The caller's own, as nobody else has read it. */
  #peek(key: SessionKey): SessionRecord | undefined {
    const journal = this.#context.journals.openOutside(key)
    if (!journal) return undefined
    noteDamage(this.#context, { journal, key })
    journal.evict()
    const { record } = journal
    return record && record.expiresAt > this.#context.clock.now() ? record : undefined
  }

  *#create(key: SessionKey, record: NewRecord): Steps<boolean> {
    const { files, journals, clock } = this.#context
    const created = this.#createFile(key)
    if (!created) return false
    const journal = new Journal(files, created.fd)
    try {
      journal.begin(baseLine({ ...record, version: 0 }))
      if (record.expiresAt > clock.now()) files.hintExpiry(created.fd, record.expiresAt)
    } catch (error) {
      journal.evict()
      unlinkIfThere(this.#context, journals.pathOf(key))
      throw error
    }
    // Found asleep for a minute, this process was taken for dead, and the file for an orphan: take another key.
    if (!journal.standsAlone() && !isFirst(journal)) {
      journal.evict()
      return false
    }
    const opened = journals.keep(key, journal, false)
    yield* makeDurable(this.#context, opened)
    if (this.#context.durable && created.newShard) yield* settled(files.syncDirectory(this.directory))
    return true
  }

  #createFile(key: SessionKey): { fd: number; newShard: boolean } | undefined {
    const { files, journals } = this.#context
    assertSessionKey(key)
    const path = journals.pathOf(key)
    journals.checkShard(shardOf(key))
    const create = (): number => journals.withDescriptors(() => files.create(path))
    try {
      try {
        return { fd: create(), newShard: false }
      } catch (error) {
        if (!isMissing(error)) throw error
        const newShard = journals.makeShard(shardOf(key))
        return { fd: create(), newShard }
      }
    } catch (error) {
      if (isTaken(error)) return undefined
      throw error
    }
  }

  *#save(key: SessionKey, change: SessionChange, ifVersion: number | undefined): Steps<SaveResult> {
    const context = this.#context
    const { clock, files } = context
    const committed = yield* commitLine(context, key, (id) => changeLine(id, clock.now(), change, ifVersion))
    if (!committed) return GONE
    const { fate, record, opened } = committed
    if (fate === 'applied') {
      const saved = copyRecord(record!)
      if (change.expiresAt !== undefined) files.hintExpiry(opened.journal.fd, change.expiresAt)
      if (context.durable) yield* makeDurable(context, opened)
      foldIfDue(context, opened)
      return { outcome: 'saved', record: saved }
    }
    const current = opened.journal.record
    if (fate !== 'conflict' || !current || current.expiresAt <= clock.now()) return this.#gone(opened)
    return { outcome: 'conflict', record: copyRecord(current) }
  }

  #saveNothing(key: SessionKey, ifVersion: number | undefined): SaveResult {
    const record = this.load(key)
    if (!record) return GONE
    const fits = ifVersion === undefined || ifVersion === record.version
    return { outcome: fits ? 'saved' : 'conflict', record }
  }

  #gone(opened: OpenJournal): SaveResult {
    if (opened.journal.state.phase === 'ended') this.#context.journals.drop(opened)
    return GONE
  }

  *#delete(key: SessionKey): Steps<boolean> {
    const context = this.#context
    const committed = yield* commitLine(context, key, (id) => ({ kind: 'end', id }))
    if (committed?.fate !== 'applied') {
      if (committed) context.journals.drop(committed.opened)
      return false
    }
    const { opened, record } = committed
    if (!opened.doubtful) yield* makeDurable(context, opened)
    try {
      unlinkIfThere(context, opened.path)
      opened.journal.nameless = true
    } catch (error) {
      // The session is over all the same: whoever reads the file finds its end.
      context.report({ type: 'file-left', file: fileLabel(key), error })
    }
    context.journals.drop(opened)
    // Where the file's own sync can't be trusted any more, its missing name is what survives.
    if (context.durable && opened.doubtful) yield* settled(context.files.syncDirectory(dirname(opened.path)))
    return record!.expiresAt > context.clock.now()
  }

  #sweepLater(every: number): void {
    if (every === 0) return
    // Not all processes of an application at the same moment.
    const wait = every * (0.75 + Math.random() / 2)
    this.#cancelSweep = this.#context.clock.later(wait, () => {
      const since = this.#context.clock.now() - every / 2
      sweep(this.#context, since)
        .catch((error: unknown) => this.#context.report({ type: 'sweep-failed', error }))
        .finally(() => !this.#context.closed && this.#sweepLater(every))
    })
  }

  /** Runs a verb; what the system throws in it becomes one of untorn's errors. */
  #guard<T>(doing: string, verb: () => T): T {
    this.#assertOpen()
    const fail = (error: unknown): never => {
      throw storeUnavailable(error, doing, this.directory)
    }
    try {
      const answer = verb()
      return isPromise(answer) ? (answer.catch(fail) as T) : answer
    } catch (error) {
      return fail(error)
    }
  }

  #assertOpen(): void {
    if (this.#context.closed) throw new MisuseError('The store is closed: close() it after its last request.')
  }
}

function isEmpty(change: SessionChange): boolean {
  return !changesValues(change) && change.expiresAt === undefined && change.owner === undefined
}

/** Whether the journal's own base line stands first, whoever appended since. */
function isFirst(journal: Journal): boolean {
  journal.startOver()
  return journal.refresh() === 'current' && journal.record !== undefined
}

/** An exception in the application's own code must not break a save that stands. */
function guardedReport(onEvent: (event: FileStoreEvent) => void): (event: FileStoreEvent) => void {
  return (event) => {
    try {
      onEvent(event)
    } catch (error) {
      process.emitWarning(`onEvent of the file store threw: ${error}`, { type: 'UntornWarning' })
    }
  }
}
