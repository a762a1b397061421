import { setTimeout as delay } from 'node:timers/promises'
import type { RunClock } from './clock.ts'
import type { Keeper } from './keeper.ts'
import { Pool, type PoolParts } from './pool.ts'
import { type Address, COLD_SLOTS, HOT_SLOTS, type Notice } from './wire.ts'
import type { WorkerProcess } from './worker-process.ts'

/** So many processes are started in advance. */
const SPARES = 4

/** What the crew went through. */
export interface CrewCounts {
  /** Processes killed, and of them those at a moment that they had announced. */
  kills: number
  killsInCalls: number
  /** Processes stopped, and of them those for longer than the others' saves wait. */
  stops: number
  longStops: number
  /** Sessions that all processes were told to create at the same moment. */
  contests: number
}

export interface CrewParts extends Omit<PoolParts, 'told'> {
  clock: RunClock
  keeper: Keeper
  /** Processes that work at the same time. */
  seats: number
  /** A process waits in the middle of something. */
  interrupted: (seat: number, call: string) => void
}

/** The processes that work on the sessions, each on a seat: when one is killed, another takes its seat. */
export class Crew {
  readonly counts: CrewCounts = { kills: 0, killsInCalls: 0, stops: 0, longStops: 0, contests: 0 }
  /** What the processes said last of what they have done. */
  readonly progress = { calls: 0 }
  readonly #parts: CrewParts
  readonly #pool: Pool
  readonly #seats: (WorkerProcess | undefined)[]
  readonly #slots: (Address | null)[] = Array.from({ length: HOT_SLOTS + COLD_SLOTS }, () => null)
  readonly #lasting: Address[] = []
  readonly #stopping = new Set<Promise<void>>()

  constructor(parts: CrewParts) {
    this.#parts = parts
    this.#seats = Array.from({ length: parts.seats })
    this.#pool = new Pool({ ...parts, told: (worker, notice) => this.#told(worker, notice) })
    this.#pool.fill(parts.seats + SPARES)
  }

  /** All processes that were ever started. */
  get workers(): readonly WorkerProcess[] {
    return this.#pool.started
  }

  /** Gives free seats to processes that are ready. */
  seat(): void {
    for (const [seat, worker] of this.#seats.entries()) {
      if (worker) continue
      const next = this.#pool.take()
      if (!next) break
      this.#put(next, seat)
    }
    this.#pool.fill(SPARES)
  }

  /** Processes that are ready to take a seat. */
  get spares(): number {
    return this.#pool.ready
  }

  get isFull(): boolean {
    return this.#seats.every((worker) => worker !== undefined)
  }

  /** Kills the process on a seat, if another is ready to take it. @returns whether it did */
  kill(seat: number): boolean {
    const worker = this.#seats[seat]
    const next = worker && this.#pool.take()
    if (!next) return false
    worker.kill()
    this.counts.kills++
    this.#put(next, seat)
    this.#pool.fill(SPARES)
    return true
  }

  stop(seat: number, ms: number): void {
    const worker = this.#seats[seat]
    if (!worker || worker.isStopped) return
    this.counts.stops++
    if (ms > this.#parts.common.busyTimeout) this.counts.longStops++
    const stopping = worker.stop(this.#parts.keeper, ms)
    this.#stopping.add(stopping)
    void stopping.finally(() => this.#stopping.delete(stopping))
  }

  /** Has all of them create the same session at the same moment. */
  contest(session: Address): void {
    this.counts.contests++
    this.#lasting.push(session)
    for (const worker of this.#seats) worker?.tell({ contest: session })
  }

  /** Lets all finish what they are doing. @returns those that did not within so many milliseconds */
  async finish(ms: number): Promise<WorkerProcess[]> {
    this.#pool.drain()
    await Promise.all(this.#stopping)
    const working = this.#seats.filter((worker) => worker !== undefined)
    for (const worker of working) worker.finish()
    const limit = new AbortController()
    const late = delay(ms, undefined, { signal: limit.signal }).catch(() => {})
    await Promise.race([Promise.all(working.map(({ over }) => over)), late])
    limit.abort()
    const stuck = working.filter(({ ended }) => !ended)
    this.#pool.killAll()
    await Promise.all(this.workers.map(({ over }) => over))
    return stuck
  }

  killAll(): void {
    this.#pool.killAll()
  }

  #put(worker: WorkerProcess, seat: number): void {
    this.#seats[seat] = worker
    worker.tell({ go: { seat, slots: this.#slots, lasting: this.#lasting } })
  }

  #told(worker: WorkerProcess, notice: Notice): void {
    if ('calls' in notice) this.progress.calls += notice.calls
    const seat = this.#seats.indexOf(worker)
    if (seat === -1) return
    if ('interruption' in notice) this.#parts.interrupted(seat, notice.interruption)
    if (!('session' in notice)) return
    this.#slots[notice.slot] = notice.session
    for (const other of this.#seats) if (other !== worker) other?.tell(notice)
  }
}
