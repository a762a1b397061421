import { join } from 'node:path'
import type { RunClock } from './clock.ts'
import type { Kind, Notice, Setup } from './wire.ts'
import { WorkerProcess } from './worker-process.ts'

/** What all processes of a round are started with. */
export type CommonSetup = Omit<Setup, 'name' | 'kind' | 'seed' | 'diary'>

export interface PoolParts {
  script: string
  common: CommonSetup
  seed: string
  /** Where the diaries go. */
  diaries: string
  clock: RunClock
  told: (worker: WorkerProcess, notice: Notice) => void
}

/** Half of the processes are plain, in turn; the others make seldom things frequent. */
const KINDS: readonly Kind[] = ['plain', 'interrupted', 'plain', 'scarce', 'interrupted', 'plain']

/** Warm processes: node takes hundreds of times longer to start than the pause between two kills. */
export class Pool {
  /** All that were ever started. */
  readonly started: WorkerProcess[] = []
  readonly #parts: PoolParts
  #spares: WorkerProcess[] = []

  constructor(parts: PoolParts) {
    this.#parts = parts
  }

  /** Starts processes until so many wait to be used. */
  fill(count: number): void {
    while (this.#spares.length < count) this.#spares.push(this.#start())
  }

  /** How many are ready. */
  get ready(): number {
    return this.#spares.filter(({ isReady }) => isReady).length
  }

  /** One that is ready; `undefined`: all of them are still starting. */
  take(): WorkerProcess | undefined {
    const spare = this.#spares.find(({ isReady }) => isReady)
    this.#spares = this.#spares.filter((other) => other !== spare)
    return spare
  }

  /** Ends what was never used. */
  drain(): void {
    for (const spare of this.#spares.splice(0)) spare.kill()
  }

  killAll(): void {
    for (const worker of this.started) if (!worker.ended) worker.kill()
  }

  #start(): WorkerProcess {
    const { script, common, seed, diaries, clock, told } = this.#parts
    const name = `w${this.started.length + 1}`
    const kind = KINDS[this.started.length % KINDS.length]!
    const setup = { ...common, name, kind, seed: `${seed}/${name}`, diary: join(diaries, `${name}.jsonl`) }
    const worker: WorkerProcess = new WorkerProcess(script, setup, clock, (notice) => told(worker, notice))
    this.started.push(worker)
    return worker
  }
}
