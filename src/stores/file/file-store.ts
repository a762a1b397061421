import { assertChange, assertNewRecord, assertOwner, assertSessionKey } from '../../contract/check.ts'
import type { SessionKey } from '../../contract/key.ts'
import {
  copyRecord,
  isEmpty,
  type NewRecord,
  type SessionChange,
  type SessionRecord,
} from '../../contract/record.ts'
import type {
  ClearExpiredOptions,
  RecordsOptions,
  SaveOptions,
  SaveResult,
  SessionStore,
  Swept,
} from '../../contract/store.ts'
import { attempt, isPromise, type MaybePromise, run } from '../../contract/wait.ts'
import { MisuseError } from '../../errors.ts'
import { SweepTimer } from '../sweep-timer.ts'
import { createSession } from './create.ts'
import { deleteSession } from './delete.ts'
import { guardedReport } from './events.ts'
import type { Ground } from './ground.ts'
import { systemHolders } from './holder.ts'
import { changeLine } from './journal/write.ts'
import { countKeys, listRecords } from './list.ts'
import { look } from './load.ts'
import { DEFAULT_DIRECTORY } from './location.ts'
import { writeManifest } from './manifest.ts'
import { nodeChance, nodeClock, nodeFiles } from './node-files.ts'
import { nodeGround } from './node-ground.ts'
import { type CheckedFileStoreOptions, type FileStoreOptions, fileStoreOptions } from './options.ts'
import { type Opened, type Parts, partsOf, type RunningSystem } from './parts.ts'
import { prepareDirectory } from './prepare.ts'
import { answerWithoutAppend, isFutile, save } from './save.ts'
import { storeUnavailable } from './system-error.ts'

/** What a file store has done since it was opened. */
export interface FileStoreStats {
  /** Journals folded. */
  folds: number
  /** Folds taken over from a process that had died. */
  takeOvers: number
  /** Saves and deletes that met a seal, and waited for the journal's successor. */
  waits: number
  /** Damaged lines met and skipped. */
  damagedLines: number
  /** Expired sessions removed. */
  swept: number
  /** Descriptors kept open now. */
  open: number
}

/** Sessions in files, one journal each. With `coldLoads: 'pool'` a load may have to wait, and is a promise. */
export interface FileStore extends SessionStore {
  /** The real path of the directory that the sessions are in. */
  readonly directory: string
  /** What this store has done since it was opened. */
  readonly stats: FileStoreStats
  byOwner(owner: string): AsyncIterable<[SessionKey, SessionRecord]>
  /** By the names of their files: with those that have expired and were not swept yet. */
  count(): Promise<number>
  now(): number
}

/** A {@link FileStore} whose loads all answer at once: without `coldLoads: 'pool'`. */
export interface SyncFileStore extends FileStore {
  readonly loadsAtOnce: true
  load(key: SessionKey): SessionRecord | undefined
  exists(key: SessionKey): boolean
}

/** What a simulation puts in the place of the system. */
export interface System extends RunningSystem {
  ground: Ground
}

const SYSTEM: System = {
  files: nodeFiles,
  ground: nodeGround,
  clock: nodeClock,
  holders: systemHolders,
  chance: nodeChance,
}

/**
 * A store that keeps each session in a file of its own below `directory`, a path or a `file:` URL (default: `./.sessions`),
 * which is made if it is missing. One that is relative is so to the working directory; made there, it has a `.gitignore` of
 * its own. Any number of stores, threads and processes of one machine may use a directory at the same time.
 *
 * Throws at once what can be known at once: `StoreConfigError` (UNTORN_STORE_CONFIG) for a directory that can't be
 * created or written, is full, is not ours or others', down to its shards, not empty and not a session directory, or on a
 * network file system; the message says what to do. What it starts with all the same, and somebody should know (others
 * may write to a directory above, `untorn.json` was missing), `onEvent` is told. `InvalidOptionError` (UNTORN_INVALID_OPTION).
 *
 * @example
 * const store = fileStore('./.sessions', { durability: 'disk' })
 */
export function fileStore(
  directory?: string | URL,
  options?: FileStoreOptions & { coldLoads?: 'sync' | undefined },
): SyncFileStore
/** With `coldLoads: 'pool'`: a load of a session that is not open answers a promise. */
export function fileStore(directory: string | URL | undefined, options: FileStoreOptions): FileStore
export function fileStore(
  directory: string | URL = DEFAULT_DIRECTORY,
  options?: FileStoreOptions,
): FileStore {
  return openFileStore(directory, options, {})
}

/** {@link fileStore} with parts of the system replaced; its type is the same whatever `coldLoads` says. */
export function openFileStore(
  directory: string | URL,
  options: FileStoreOptions | undefined,
  system: Partial<System>,
): SyncFileStore {
  const chosen = fileStoreOptions(options)
  const running = { ...SYSTEM, ...system }
  const start = { ...running, durable: chosen.durability === 'disk' }
  const ready = prepareDirectory(directory, start, guardedReport(chosen.onEvent))
  const opened = { ready, restoreManifest: () => writeManifest(start, ready.path) }
  return new JournalStore(opened, chosen, running) as FileStore as SyncFileStore
}

/** The store itself, over a directory that is ready and has its manifest: nobody cleans in it. */
export function openPrepared(path: string, options: FileStoreOptions, system: RunningSystem): SyncFileStore {
  const opened = { ready: { path, dev: Number.NaN, ino: Number.NaN }, restoreManifest: () => {} }
  return new JournalStore(opened, fileStoreOptions(options), system) as FileStore as SyncFileStore
}

/** The verbs: what each is given is checked, what the system throws in one becomes an error of untorn's. */
class JournalStore implements FileStore {
  readonly loadsAtOnce: boolean
  readonly directory: string
  readonly #parts: Parts
  readonly #sweepTimer: SweepTimer
  readonly #underWay = new Set<Promise<unknown>>()
  /** No new work is taken; what is under way is finished. */
  #isClosing = false
  #closed: Promise<void> | undefined

  constructor(opened: Opened, options: CheckedFileStoreOptions, system: RunningSystem) {
    this.directory = opened.ready.path
    this.loadsAtOnce = options.coldLoads === 'sync'
    this.#parts = partsOf(opened, options, system)
    const { clock, chance, report } = this.#parts
    const { sweepEvery } = options
    this.#sweepTimer = new SweepTimer({
      every: sweepEvery,
      sweep: () => this.#sweepInTurn(sweepEvery),
      failed: (error) => report({ type: 'sweep-failed', error }),
      later: (ms, call) => clock.later(ms, call),
      fraction: () => chance.fraction(),
    })
  }

  get stats(): FileStoreStats {
    const { folds, succession, damage, sweeps, journals } = this.#parts
    return {
      folds: folds.folded,
      takeOvers: folds.takenOver,
      waits: succession.waits,
      damagedLines: damage.lines,
      swept: sweeps.removed,
      open: journals.size,
    }
  }

  create(key: SessionKey, record: NewRecord): MaybePromise<boolean> {
    assertSessionKey(key)
    assertNewRecord(record)
    return this.#guard('create a session', () => run(createSession(this.#parts, key, record)))
  }

  load(key: SessionKey): MaybePromise<SessionRecord | undefined> {
    this.#assertOpen()
    return this.loadsAtOnce ? this.#load(key) : this.#whenWarm(key, () => this.#load(key))
  }

  exists(key: SessionKey): MaybePromise<boolean> {
    this.#assertOpen()
    return this.loadsAtOnce ? this.#exists(key) : this.#whenWarm(key, () => this.#exists(key))
  }

  save(key: SessionKey, change: SessionChange, options?: SaveOptions): MaybePromise<SaveResult> {
    // The key, like a load's, is looked at where a file is opened: of one that is open it is known to be one.
    assertChange(change, options)
    const ifVersion = options?.ifVersion
    if (isEmpty(change) || isFutile(this.#parts, key, ifVersion)) {
      this.#assertOpen()
      const answer = answerWithoutAppend(this.#load(key), change, ifVersion)
      if (answer) return answer
    }
    return this.#guard('save a session', () => save(this.#parts, key, changeLine(change, ifVersion)))
  }

  delete(key: SessionKey): MaybePromise<boolean> {
    return this.#guard('delete a session', () => run(deleteSession(this.#parts, key)))
  }

  async clearExpired(options: ClearExpiredOptions = {}): Promise<Swept> {
    const { root, sweeps } = this.#parts
    return this.#guard('sweep', () => {
      root.withManifest(() => sweeps.mark(), undefined)
      return sweeps.sweep(options)
    })
  }

  records(options: RecordsOptions = {}): AsyncIterable<[SessionKey, SessionRecord]> {
    return listRecords(this.#parts, (doing, step) => this.#guard(doing, step), options)
  }

  async *byOwner(owner: string): AsyncIterable<[SessionKey, SessionRecord]> {
    assertOwner(owner)
    for await (const entry of this.records()) if (entry[1].owner === owner) yield entry
  }

  async count(): Promise<number> {
    return countKeys(this.#parts, (doing, step) => this.#guard(doing, step))
  }

  now(): number {
    this.#assertOpen()
    return this.#parts.clock.now()
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    const { sweeps, folds, holders, journals } = this.#parts
    this.#isClosing = true
    sweeps.close()
    await Promise.allSettled([this.#sweepTimer.stop(), ...this.#underWay])
    // With a fold that is still unfinished it counts as alive: it goes on trying, and nobody may take it over.
    if (await folds.close()) holders.retire()
    journals.dropAll()
  }

  #load(key: SessionKey): SessionRecord | undefined {
    const record = this.#look(key)
    return record && copyRecord(record)
  }

  #exists(key: SessionKey): boolean {
    return this.#look(key, 'look for a session') !== undefined
  }

  /** Written out, without {@link #guard}: this is the way of every request. */
  #look(key: SessionKey, doing = 'load a session'): SessionRecord | undefined {
    try {
      return look(this.#parts, key)
    } catch (error) {
      throw storeUnavailable(error, doing, this.directory)
    }
  }

  /** Looks at a session once its file is in the page cache: for one that is open, at once. */
  #whenWarm<T>(key: SessionKey, lookNow: () => T): MaybePromise<T> {
    assertSessionKey(key)
    const { names, journals, warmUp } = this.#parts
    return journals.has(key) ? lookNow() : this.#untilOver(warmUp.warm(names.pathOf(key)).then(lookNow))
  }

  async #sweepInTurn(every: number): Promise<void> {
    const { root, sweeps } = this.#parts
    if (root.withManifest(() => sweeps.claim(every / 2), true))
      await this.#guard('sweep', () => sweeps.sweep())
  }

  /** Runs a verb; what the system throws in it becomes one of untorn's errors. */
  #guard<T>(doing: string, verb: () => T): T {
    this.#assertOpen()
    const answer = attempt<unknown, never>(verb, (error) => {
      throw storeUnavailable(error, doing, this.directory)
    })
    return (isPromise(answer) ? this.#untilOver(answer) : answer) as T
  }

  /** Remembers work that close() has to wait for. */
  #untilOver<T>(work: Promise<T>): Promise<T> {
    const over = (): void => void this.#underWay.delete(work)
    this.#underWay.add(work)
    work.then(over, over)
    return work
  }

  #assertOpen(): void {
    if (this.#isClosing) throw new MisuseError('The store is closed: close() it after its last request.')
  }
}
