import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type CandidateName, fill, names } from './candidates.ts'
import type { Rates, Run } from './load.ts'
import { dropCaches, dropNeeds, fillCaches } from './page-cache.ts'
import type { Disk, Part } from './plan.ts'
import { type Neighbour, reader, startWorker, type Worker, writer } from './processes.ts'
import { makeVolume, type Volume, volumeNeeds } from './volume.ts'

/** More than are asked for cold in one part, so that none is met twice. */
const SESSIONS = 1000

/** Sessions that are used again and again, as most requests of a running application do. */
const HOT = 64

/** Sessions on a disk that can be made slow, and a process for each candidate. */
export class Stage {
  /** Where the sessions are. */
  readonly directory: string
  /** On the same disk. */
  readonly #neighbourhood: string
  readonly #volume: Volume | undefined
  /** Why there is no volume. */
  readonly #needsVolume: string | undefined
  readonly #workers = new Map<CandidateName, Worker>()

  private constructor(directory: string, volume: Volume | string) {
    this.#needsVolume = typeof volume === 'string' ? volume : undefined
    this.#volume = typeof volume === 'string' ? undefined : volume
    this.#neighbourhood = this.#volume?.directory ?? directory
    this.directory = join(this.#neighbourhood, 'sessions')
  }

  /** Where no volume can be made the sessions are in the directory itself. */
  static async set(directory: string): Promise<Stage> {
    mkdirSync(directory, { recursive: true })
    const stage = new Stage(directory, volumeNeeds() ?? makeVolume(directory))
    try {
      mkdirSync(stage.directory)
      await fill(stage.directory, SESSIONS)
      for (const name of Object.values(names)) stage.#workers.set(name, startWorker(name))
      // All at once, as it takes a while: the code of each is compiled before its first part counts.
      await Promise.all(
        Object.values(names).map((name) => stage.#measure(name, { hot: 300, save: 100, cold: 100 }, 0.5)),
      )
      return stage
    } catch (error) {
      await stage.strike()
      throw error
    }
  }

  /** Why a disk can't be had here; `undefined`: it can. */
  needsOf({ dropped, limit, neighbour }: Disk): string | undefined {
    const onVolume = limit !== undefined || neighbour === 'reads'
    if (neighbour !== undefined && process.platform !== 'linux') return 'Linux, for the dd of GNU'
    return (onVolume ? this.#needsVolume : undefined) ?? (dropped ? dropNeeds() : undefined)
  }

  async run({ disk, load, candidate }: Part, seconds: number): Promise<Run> {
    return this.#measure(candidate, load.rates, seconds, disk)
  }

  /** Ends the processes, and leaves nothing mounted. */
  async strike(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => worker.stop()))
    this.#volume?.remove()
  }

  async #measure(name: CandidateName, rates: Rates, seconds: number, disk?: Disk): Promise<Run> {
    const worker = this.#workers.get(name)!
    const { directory } = this
    if (disk?.dropped === 'all but hot') dropCaches(directory)
    else if (rates.cold) fillCaches(directory)
    await worker.tell({ do: 'open', directory, sessions: SESSIONS, hot: HOT })
    if (disk?.dropped === 'all') dropCaches(directory)
    const neighbour = this.#neighbour(disk?.neighbour)
    try {
      this.#volume?.limit(disk?.limit ?? 0)
      return (await worker.tell({ do: 'run', rates, seconds }))!
    } finally {
      this.#volume?.limit(0)
      await neighbour?.stop()
    }
  }

  #neighbour(does: Disk['neighbour']): Neighbour | undefined {
    if (does === 'reads') return reader(this.#volume!.device)
    if (does === 'syncs') return writer(this.#neighbourhood)
    return undefined
  }
}
