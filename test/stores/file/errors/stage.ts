import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SessionKey } from '../../../../src/contract/key.ts'
import type { NewRecord, SessionRecord } from '../../../../src/contract/record.ts'
import type { FileStoreEvent } from '../../../../src/stores/file/events.ts'
import {
  fileStore,
  openPrepared,
  type SyncFileStore,
  type System,
} from '../../../../src/stores/file/file-store.ts'
import type { Clock, Files } from '../../../../src/stores/file/files.ts'
import { type Holders, systemHolders } from '../../../../src/stores/file/holder.ts'
import { encodeLine, type Holder, type Line } from '../../../../src/stores/file/journal/line.ts'
import { nodeChance, nodeFiles } from '../../../../src/stores/file/node-files.ts'
import type { FileStoreOptions } from '../../../../src/stores/file/options.ts'
import { texts } from '../../../support/records.ts'
import { FaultyPort } from './faulty-port.ts'

const MANIFEST = 'untorn.json'

export const START = Date.now()
export const HOUR = 3_600_000

const keyOf = (shard: string, rest: string) => `${shard}${rest.repeat(62)}` as SessionKey

/** Shards that a sweep looks for: those of these tests, and some that are not there. */
const SHARDS = ['00', 'a0', 'b0', 'c0', 'd0', 'ff']

/** The session that a scenario is about, one in the same shard, and one elsewhere. */
export const MAIN = keyOf('a0', '1')
export const NEIGHBOUR = keyOf('a0', '2')
export const BYSTANDER = keyOf('b0', '3')
/** For sessions that nothing has to become of. */
export const SPARE = keyOf('a0', '4')
export const KEYS = [MAIN, NEIGHBOUR, BYSTANDER, SPARE]

/** A process that is not there any more. */
export const DEAD: Holder = { pid: 1, thread: 1, started: '1', boot: 'b', space: 's', store: 'dead' }
/** One that is there, and takes its time. */
export const SLOW: Holder = { ...DEAD, store: 'slow' }

export function record(values: Record<string, unknown> = {}, more: Partial<NewRecord> = {}): NewRecord {
  return { values: texts(values), createdAt: START, expiresAt: START + HOUR, ...more }
}

/** What of a session has to be there again. */
export function viewOf(found: SessionRecord | undefined): object | null {
  return found ? { ...found, values: Object.fromEntries(found.values) } : null
}

/** A directory with a store whose port can fail, and as many others as the scenario needs. */
export class Stage {
  readonly directory: string
  readonly port: FaultyPort
  readonly store: SyncFileStore
  readonly events: FileStoreEvent[] = []
  /** Names of values that were saved for certain. */
  readonly acknowledged: string[] = []
  /** What the store wants to be called back for later. */
  readonly later: (() => void)[] = []
  readonly #foldBytes: number
  readonly #others: SyncFileStore[] = []
  #skipped = 0

  constructor(directory: string, manifest: string, options: FileStoreOptions = {}, foldBytes = 1_000_000) {
    this.directory = directory
    mkdirSync(directory, { mode: 0o700 })
    copyFileSync(manifest, join(directory, MANIFEST))
    this.port = new FaultyPort(directory)
    this.#foldBytes = foldBytes
    this.store = this.#open(this.port.files, { ...options, onEvent: (event) => this.events.push(event) })
  }

  /** A store of another process, as far as this one can tell, that nothing happens to. */
  other(clock: Partial<Clock> = {}): SyncFileStore {
    const store = this.#open(nodeFiles, { onEvent: () => {} }, clock)
    this.#others.push(store)
    return store
  }

  /** A line in a journal that no store of ours wrote. */
  append(key: SessionKey, line: Line | string): void {
    appendFileSync(this.pathOf(key), typeof line === 'string' ? line : encodeLine(line))
  }

  pathOf(key: SessionKey): string {
    return join(this.directory, key.slice(0, 2), key.slice(2))
  }

  /** Calls back what is due, once. */
  callBack(): void {
    for (const call of this.later.splice(0)) call()
  }

  async clear(): Promise<void> {
    for (const store of [this.store, ...this.#others]) await store.close()
    // A fourth of what rmSync takes, in each of thousands of cases.
    for (const path of this.filesIn()) unlinkSync(path)
    for (const shard of this.#shards()) rmdirSync(shard)
    unlinkSync(join(this.directory, MANIFEST))
    rmdirSync(this.directory)
  }

  /** Every file but the manifest. */
  filesIn(): string[] {
    return this.#shards().flatMap((shard) => readdirSync(shard).map((name) => join(shard, name)))
  }

  #shards(): string[] {
    const names = readdirSync(this.directory).filter((name) => name !== MANIFEST)
    return names.map((name) => join(this.directory, name))
  }

  #open(files: Files, options: FileStoreOptions, clock: Partial<Clock> = {}): SyncFileStore {
    const system: Omit<System, 'ground'> = {
      files,
      clock: { ...this.#clock(), ...clock },
      holders: (name) => withThoseOfTheTest(systemHolders(name)),
      chance: { ...nodeChance, fraction: () => 0 },
      foldBytes: this.#foldBytes,
      shards: SHARDS,
    }
    return openPrepared(this.directory, { sweepEvery: 0, ...options }, system)
  }

  /** Pauses take a turn of the event loop; what is to be called later waits for the test. */
  #clock(): Clock {
    return {
      now: () => Date.now(),
      monotonic: () => this.#skipped,
      pause: (ms) => {
        this.#skipped += Math.max(ms, 1)
        return new Promise(setImmediate)
      },
      later: (_ms, call) => {
        this.later.push(call)
        return () => this.later.splice(this.later.indexOf(call), 1)
      },
    }
  }
}

function withThoseOfTheTest(real: Holders): Holders {
  return {
    get self() {
      return real.self
    },
    status: ({ store, ...rest }) =>
      store === DEAD.store ? 'dead' : store === SLOW.store ? 'alive' : real.status({ store, ...rest }),
    retire: () => real.retire(),
  }
}

/** Room for stages: in memory where the system has such a place, as thousands are set up. */
export async function makeRoom(): Promise<{ directory: string; manifest: string }> {
  const directory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'untorn-errors-'))
  const store = fileStore(join(directory, 'first'), { sweepEvery: 0 })
  await store.close()
  return { directory, manifest: join(store.directory, MANIFEST) }
}
