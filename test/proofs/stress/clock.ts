import type { Moment } from './history/operation.ts'

/** The run's own time, the same in all its processes. */
export class RunClock {
  readonly #start = process.hrtime.bigint()

  /** For the processes: the moment 0 in nanoseconds of the machine. */
  get start(): string {
    return String(this.#start)
  }

  now(): Moment {
    return Number(process.hrtime.bigint() - this.#start) / 1e6
  }
}
