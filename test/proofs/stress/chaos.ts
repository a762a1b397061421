import { setTimeout as delay } from 'node:timers/promises'
import { sessionKey } from 'untorn'
import type { Crew } from './crew.ts'
import { Random } from './random.ts'
import type { SmallDisk } from './small-disk.ts'
import { isShortLived, type Place } from './wire.ts'

export interface ChaosParts {
  crew: Crew
  seats: number
  seed: string
  places: readonly Place[]
  disk: SmallDisk | undefined
  busyTimeout: number
}

/** What is done to the processes while they work; the seed decides what comes next and when. */
export class Chaos {
  /** How often the disk was full. */
  fullDisks = 0
  readonly #parts: ChaosParts
  readonly #interruptions: Random

  constructor(parts: ChaosParts) {
    this.#parts = parts
    this.#interruptions = new Random(parts.seed, 'interruptions')
  }

  /** Goes on until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await Promise.all([this.#strike(signal), this.#fillDisk(signal)])
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      this.#parts.disk?.free()
    }
  }

  /** A process waits between two calls of the system. Killed there, it leaves to the others what they must tidy up. */
  interrupted(seat: number, call: string): void {
    const { crew } = this.#parts
    // Between seal and rename everybody depends on it; a moment later its death is found out by those who waited.
    const what = this.#interruptions.weighted(
      call.startsWith('rename') ? { kill: 4, stop: 4, nothing: 2 } : { kill: 2, stop: 1, nothing: 4 },
    )
    if (what === 'kill' && crew.kill(seat)) crew.counts.killsInCalls++
    if (what === 'stop') crew.stop(seat, this.#longer(this.#interruptions))
  }

  async #strike(signal: AbortSignal): Promise<void> {
    const { crew, seats, seed, places } = this.#parts
    const random = new Random(seed, 'strikes')
    for (let n = 0; ; n++) {
      await delay(random.between(10, 90), undefined, { signal })
      crew.seat()
      const seat = random.below(seats)
      const what = random.weighted({ kill: 60, stop: 22, longStop: 3, contest: 15 })
      // The last spare is for a process that announces a moment worth more than any other.
      if (what === 'kill' && crew.spares > 1) crew.kill(seat)
      if (what === 'stop') crew.stop(seat, random.between(5, 120))
      if (what === 'longStop') crew.stop(seat, this.#longer(random))
      if (what !== 'contest') continue
      const key = sessionKey(`${seed}/contest/${n}`)
      // One that lasts: a process that was stopped for long may create it after it was over for the others.
      if (!isShortLived(key)) crew.contest({ place: random.pick(places).name, key })
    }
  }

  /** Longer than the others' saves wait. */
  #longer(random: Random): number {
    return this.#parts.busyTimeout + random.between(100, 500)
  }

  async #fillDisk(signal: AbortSignal): Promise<void> {
    const { disk, seed } = this.#parts
    if (!disk) return
    const random = new Random(seed, 'disk')
    for (;;) {
      await delay(random.between(300, 1500), undefined, { signal })
      disk.fill()
      this.fullDisks++
      await delay(random.between(20, 400), undefined, { signal })
      disk.free()
    }
  }
}
