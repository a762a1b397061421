import { assertChange, assertNewRecord, assertOwner, assertSessionKey } from '../../contract/check.ts'
import { isNoSession, type SessionKey } from '../../contract/key.ts'
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
import { isPromise, type MaybePromise, run, type Steps } from '../../contract/wait.ts'
import { MisuseError } from '../../errors.ts'
import { reporter } from '../../events/reporter.ts'
import { type Committed, commitLine, foldIfDue, makeDurable, noteDamage, tryCommit } from './commit.ts'
import type { FileStoreEvent, FileStoreStats, StoreContext } from './context.ts'
import { createSession } from './create.ts'
import { deleteSession, removeFile } from './delete.ts'
import { manifestOf, SHARDS } from './directory.ts'
import { endExpired } from './expire.ts'
import type { Chance, Clock, Files } from './files.ts'
import { FOLD_BYTES, finish, hintExpiry } from './fold.ts'
import type { Ground } from './ground.ts'
import { type Holders, systemHolders } from './holder.ts'
import type { ChangeLine } from './journal/line.ts'
import { changeLine } from './journal/write.ts'
import { nodeChance, nodeClock, nodeFiles } from './node-files.ts'
import { nodeGround } from './node-ground.ts'
import { OpenJournals } from './open-journals.ts'
import { type FileStoreOptions, fileStoreOptions } from './options.ts'
import { prepareDirectory } from './prepare.ts'
import { SharedSyncs } from './shared-syncs.ts'
import { awaitSuccessor } from './succession.ts'
import { claimSweep, keysOf, markSweep, sweep } from './sweep.ts'
import { storeUnavailable, withoutKeys } from './system-error.ts'
import { WarmUp } from './warm-up.ts'

/** Sessions in files, one journal each. With `coldLoads: 'pool'` it answers with a promise for one that is not open. */
export interface PooledFileStore extends SessionStore {
  /** The real path of the directory that the sessions are in. */
  readonly directory: string
  /** What this store has done since it was opened. */
  readonly stats: FileStoreStats
  byOwner(owner: string): AsyncIterable<[SessionKey, SessionRecord]>
  /** By the names of their files: with those that have expired and were not swept yet. */
  count(): Promise<number>
  now(): number
}

/** Sessions in files, one journal each. */
export interface FileStore extends PooledFileStore {
  readonly loadsAtOnce: true
  load(key: SessionKey): SessionRecord | undefined
  exists(key: SessionKey): boolean
}

/** What a simulation puts in the place of the system. */
export interface System {
  files: Files
  ground: Ground
  clock: Clock
  holders: (store: string) => Holders
  chance: Chance
  /** Default: {@link FOLD_BYTES}. */
  foldBytes?: number
  /** Shards that sessions may be in; a simulation has fewer to look through. Default: all. */
  shards?: readonly string[]
}

/** What a store needs once its directory is ready. */
type RunningSystem = Omit<System, 'ground'>

const SYSTEM: System = {
  files: nodeFiles,
  ground: nodeGround,
  clock: nodeClock,
  holders: systemHolders,
  chance: nodeChance,
}

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
export function fileStore(
  directory?: string,
  options?: FileStoreOptions & { coldLoads?: 'sync' | undefined },
): FileStore
/** With `coldLoads: 'pool'`: a load of a session that is not open answers a promise. */
export function fileStore(directory: string | undefined, options: FileStoreOptions): PooledFileStore
export function fileStore(directory = './.sessions', options?: FileStoreOptions): PooledFileStore {
  return openFileStore(directory, options, {})
}

/** {@link fileStore} with parts of the system replaced; of type {@link FileStore} whatever `coldLoads` says. */
export function openFileStore(
  directory: string,
  options: FileStoreOptions | undefined,
  system: Partial<System>,
): FileStore {
  const chosen = fileStoreOptions(options)
  const parts = { ...SYSTEM, ...system }
  const start = { ...parts, durable: chosen.durability === 'disk' }
  const root = prepareDirectory(directory, start, (message) =>
    chosen.onEvent({ type: 'doubtful-file-system', message }),
  )
  return new JournalStore(root, chosen, parts) as FileStore
}

/** The store itself, over a directory that is ready. */
export function openPrepared(root: string, options: FileStoreOptions, system: RunningSystem): FileStore {
  return new JournalStore(root, fileStoreOptions(options), system) as FileStore
}

class JournalStore implements PooledFileStore {
  readonly loadsAtOnce: boolean
  readonly directory: string
  readonly #context: StoreContext
  readonly #underWay = new Set<Promise<unknown>>()
  #cancelSweep: (() => void) | undefined
  #closed: Promise<void> | undefined

  constructor(root: string, options: Required<FileStoreOptions>, system: RunningSystem) {
    this.directory = root
    this.loadsAtOnce = options.coldLoads === 'sync'
    const { files, clock, holders, chance, foldBytes = FOLD_BYTES, shards = SHARDS } = system
    const name = chance.bytes(9).toString('base64url')
    let lines = 0
    this.#context = {
      root,
      files,
      clock,
      chance,
      holders: holders(name),
      journals: new OpenJournals(files, root, options),
      syncs: new SharedSyncs(files),
      warmUp: new WarmUp(files),
      durable: options.durability === 'disk',
      busyTimeout: options.busyTimeout,
      foldBytes,
      shards,
      stats: { folds: 0, takeOvers: 0, waits: 0, damagedLines: 0, swept: 0 },
      report: guardedReport(options.onEvent),
      nextLineId: () => `${name}.${(lines++).toString(36)}`,
      unfinished: new Set(),
      shardsSynced: new Map(),
      doubtful: new Set(),
      folding: new Map(),
      suspects: new Map(),
      closing: false,
    }
    this.#sweepLater(options.sweepEvery)
  }

  get stats(): FileStoreStats {
    return { ...this.#context.stats, open: this.#context.journals.size }
  }

  create(key: SessionKey, record: NewRecord): MaybePromise<boolean> {
    assertSessionKey(key)
    assertNewRecord(record)
    return this.#guard('create a session', () => run(createSession(this.#context, key, record)))
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
    if (isEmpty(change) || this.#isFutile(key, ifVersion)) {
      this.#assertOpen()
      const answer = this.#answerAtOnce(key, change, ifVersion)
      if (answer) return answer
    }
    return this.#guard('save a session', () => this.#save(key, changeLine(change, ifVersion)))
  }

  delete(key: SessionKey): MaybePromise<boolean> {
    return this.#guard('delete a session', () => run(deleteSession(this.#context, key)))
  }

  async clearExpired(options: ClearExpiredOptions = {}): Promise<Swept> {
    return this.#guard('sweep', () => {
      markSweep(this.#context, manifestOf(this.directory))
      return sweep(this.#context, options)
    })
  }

  async *records({ all = false }: RecordsOptions = {}): AsyncIterable<[SessionKey, SessionRecord]> {
    for (const shard of this.#context.shards) {
      for (const key of await this.#guard('list sessions', () => keysOf(this.#context, shard))) {
        if (!all && isNoSession(key)) continue
        const record = this.#guard('read a session', () => this.#peek(key))
        if (record) yield [key, record]
      }
    }
  }

  async *byOwner(owner: string): AsyncIterable<[SessionKey, SessionRecord]> {
    assertOwner(owner)
    for await (const entry of this.records()) if (entry[1].owner === owner) yield entry
  }

  async count(): Promise<number> {
    let count = 0
    for (const shard of this.#context.shards) {
      const keys = await this.#guard('count sessions', () => keysOf(this.#context, shard))
      for (const key of keys) if (!isNoSession(key)) count++
    }
    return count
  }

  now(): number {
    this.#assertOpen()
    return this.#context.clock.now()
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    const context = this.#context
    context.closing = true
    this.#cancelSweep?.()
    await Promise.allSettled([...this.#underWay, ...context.folding.values()])
    for (const key of [...context.unfinished]) if (context.unfinished.delete(key)) finish(context, key)
    await Promise.allSettled(context.folding.values())
    // With a fold that is still unfinished it counts as alive: it goes on trying, and nobody may take it over.
    if (context.unfinished.size === 0) context.holders.retire()
    context.journals.dropAll()
  }

  #load(key: SessionKey): SessionRecord | undefined {
    const record = this.#look(key)
    return record && copyRecord(record)
  }

  #exists(key: SessionKey): boolean {
    return this.#look(key) !== undefined
  }

  /** Looks at a session once its file is in the page cache: for one that is open, at once. */
  #whenWarm<T>(key: SessionKey, look: () => T): MaybePromise<T> {
    assertSessionKey(key)
    const { journals, warmUp } = this.#context
    return journals.has(key) ? look() : this.#untilOver(warmUp.warm(journals.pathOf(key)).then(look))
  }

  /** The record as the cache has it. Written out, without {@link #guard}: this is the way of every request. */
  #look(key: SessionKey): SessionRecord | undefined {
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
      if (record.expiresAt > this.#context.clock.now()) return record
      return endExpired(this.#context, opened)
    } catch (error) {
      throw storeUnavailable(error, 'load a session', this.directory)
    }
  }

  /** Reads a session without taking it into the cache. The caller's own, as nobody else has read it. */
  #peek(key: SessionKey): SessionRecord | undefined {
    const journal = this.#context.journals.openOutside(key)
    if (!journal) return undefined
    noteDamage(this.#context, { journal, key })
    void journal.evict()
    const { record } = journal
    return record && record.expiresAt > this.#context.clock.now() ? record : undefined
  }

  #save(key: SessionKey, line: ChangeLine): MaybePromise<SaveResult> {
    const tried = tryCommit(this.#context, key, line)
    // Most saves end here: without a wait, they need no steps to be carried out.
    const waits = tried?.fate === 'sealed' || (tried?.fate === 'applied' && this.#context.durable)
    return waits ? run(this.#saveOn(key, line, tried)) : this.#saved(tried, line)
  }

  *#saveOn(key: SessionKey, line: ChangeLine, tried: Committed): Steps<SaveResult> {
    const context = this.#context
    let committed: Committed | undefined = tried
    if (tried.fate === 'sealed') {
      yield* awaitSuccessor(context, tried.opened)
      committed = yield* commitLine(context, key, line)
    }
    if (committed?.fate === 'applied') yield* makeDurable(context, committed.opened)
    return this.#saved(committed, line)
  }

  #saved(committed: Committed | undefined, { expires }: ChangeLine): SaveResult {
    if (!committed) return { outcome: 'gone' }
    const context = this.#context
    const { fate, record, opened } = committed
    if (fate === 'applied') {
      if (opened.journal.state.phase === 'ended') removeFile(context, opened)
      else if (expires !== undefined && !opened.journal.evicted)
        hintExpiry(context, opened.journal.fd, expires)
      foldIfDue(context, opened)
      return { outcome: 'saved', record: record! }
    }
    const current = opened.journal.record
    // It has expired before the save, which is its end now.
    if (fate === 'expired') removeFile(context, opened)
    else if (!current) context.journals.drop(opened)
    if (fate !== 'conflict' || !current) return { outcome: 'gone' }
    const live = current.expiresAt > context.clock.now() ? current : endExpired(context, opened)
    if (!live) return { outcome: 'gone' }
    const answer = { outcome: 'conflict', record: copyRecord(live) } as const
    foldIfDue(context, opened) // reads what others have appended, and replays it in place
    return answer
  }

  /** By what is known already the save can't be applied: it need not be appended to find that out. */
  #isFutile(key: SessionKey, ifVersion: number | undefined): boolean {
    const { journals, clock } = this.#context
    const known = journals.known(key)
    if (!known) return false
    return (ifVersion !== undefined && ifVersion !== known.version) || known.expiresAt <= clock.now()
  }

  /** What a save comes to that appends nothing; `undefined`: it has to be appended after all. */
  #answerAtOnce(
    key: SessionKey,
    change: SessionChange,
    ifVersion: number | undefined,
  ): SaveResult | undefined {
    const record = this.#load(key)
    if (!record) return { outcome: 'gone' }
    if (ifVersion !== undefined && ifVersion !== record.version) return { outcome: 'conflict', record }
    return isEmpty(change) ? { outcome: 'saved', record } : undefined
  }

  #sweepLater(every: number): void {
    if (every === 0) return
    // Not all processes of an application at the same moment.
    const wait = every * (0.75 + this.#context.chance.fraction() / 2)
    this.#cancelSweep = this.#context.clock.later(wait, () => {
      this.#sweepInTurn(every)
        .catch(
          (error: unknown) => this.#context.closing || this.#context.report({ type: 'sweep-failed', error }),
        )
        .finally(() => this.#context.closing || this.#sweepLater(every))
    })
  }

  async #sweepInTurn(every: number): Promise<void> {
    if (!claimSweep(this.#context, manifestOf(this.directory), every / 2)) return
    await this.#guard('sweep', () => sweep(this.#context))
  }

  /** Runs a verb; what the system throws in it becomes one of untorn's errors. */
  #guard<T>(doing: string, verb: () => T): T {
    this.#assertOpen()
    const fail = (error: unknown): never => {
      throw storeUnavailable(error, doing, this.directory)
    }
    try {
      const answer = verb()
      return isPromise(answer) ? (this.#untilOver(answer.catch(fail)) as T) : answer
    } catch (error) {
      return fail(error)
    }
  }

  /** Remembers work that close() has to wait for. */
  #untilOver<T>(work: Promise<T>): Promise<T> {
    const over = (): void => void this.#underWay.delete(work)
    this.#underWay.add(work)
    work.then(over, over)
    return work
  }

  #assertOpen(): void {
    if (this.#context.closing)
      throw new MisuseError('The store is closed: close() it after its last request.')
  }
}

/** What it is told the application may log: no key is in it. */
function guardedReport(onEvent: (event: FileStoreEvent) => void): (event: FileStoreEvent) => void {
  const report = reporter(onEvent, 'the file store')
  return (event) => {
    if ('error' in event) withoutKeys(event.error)
    report(event)
  }
}
