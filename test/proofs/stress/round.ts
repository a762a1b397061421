import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { audit } from './audit.ts'
import { Chaos } from './chaos.ts'
import { RunClock } from './clock.ts'
import { addCounts } from './counts.ts'
import { Crew, type CrewParts } from './crew.ts'
import { type Diaries, DiaryReader } from './diaries.ts'
import { reportOf } from './history/report.ts'
import type { Violation } from './history/rules.ts'
import { type Judgement, judge } from './judgement.ts'
import { limited } from './limited.ts'
import type { Stage } from './stage.ts'
import type { Watching } from './watching.ts'
import type { Place } from './wire.ts'

/** Short, so that a stopped process makes the others give up now and then. */
const BUSY_TIMEOUT_MS = 300

/** What the machine may take to get round to a process that is ready to run. */
const MARGIN_MS = 15_000

/** The rest is in a file. */
const MOST_REPORTED = 5

export interface RoundParts extends Watching {
  seed: string
  seconds: number
  processes: number
  durability: 'process' | 'disk'
  /** The round's own directory. */
  directory: string
  stage: Stage
}

export interface RoundResult extends Judgement {
  /** How long the processes worked. */
  seconds: number
  /** The first violations with what happened around them; `''` where there are none. */
  report: string
}

/** Some seconds of chaos over fresh directories, an audit of what is left, and a judgement on the whole history. */
export class Round {
  readonly #parts: RoundParts
  readonly #clock = new RunClock()
  readonly #places: Place[]
  readonly #crew: Crew
  readonly #chaos: Chaos

  constructor(parts: RoundParts) {
    this.#parts = parts
    const { directory, stage, seed, processes: seats } = parts
    const { disk } = stage
    this.#places = [{ name: 'disk', directory: join(directory, 'sessions') }]
    if (disk) this.#places.push({ name: 'small', directory: join(disk.path, 'sessions') })
    mkdirSync(this.#diaries, { recursive: true })
    this.#crew = new Crew(this.#crewParts())
    const { busyTimeout } = this.#common()
    this.#chaos = new Chaos({ crew: this.#crew, seats, seed, places: this.#places, disk, busyTimeout })
  }

  async run(): Promise<RoundResult> {
    const seconds = await this.#letWork()
    const longestWait = BUSY_TIMEOUT_MS + MARGIN_MS
    const stuck = await this.#crew.finish(longestWait)
    this.#parts.stage.disk?.grow()
    const diaries = await this.#audited()
    const { workers, counts: crew } = this.#crew
    const rules = { failuresMayStand: this.#parts.durability === 'disk', longestWait }
    const { counts, violations } = await judge({ diaries, workers, stuck, places: this.#places }, rules)
    addCounts(counts, { ...crew, fullDisks: this.#chaos.fullDisks })
    if (violations.length > 0) this.#keep(diaries, violations)
    else this.#clear()
    return { seconds, counts, violations, report: reportsOf(violations.slice(0, MOST_REPORTED), diaries) }
  }

  killAll(): void {
    this.#crew.killAll()
  }

  get #diaries(): string {
    return join(this.#parts.directory, 'diaries')
  }

  #common(): CrewParts['common'] {
    const { durability } = this.#parts
    return { places: this.#places, durability, start: this.#clock.start, busyTimeout: BUSY_TIMEOUT_MS }
  }

  #crewParts(): CrewParts {
    const { stage, seed, processes: seats } = this.#parts
    return {
      script: stage.compiled.worker,
      common: this.#common(),
      seed,
      diaries: this.#diaries,
      clock: this.#clock,
      keeper: stage.keeper,
      seats,
      interrupted: (seat, call) => this.#chaos.interrupted(seat, call),
    }
  }

  /** @returns for how many seconds */
  async #letWork(): Promise<number> {
    const { seconds, signal, onProgress } = this.#parts
    await this.#fillSeats(signal)
    const begun = this.#clock.now()
    const worked = (): number => (this.#clock.now() - begun) / 1000
    const { counts, progress: crew } = this.#crew
    const tell = (): void => onProgress({ seconds: worked(), calls: crew.calls, kills: counts.kills })
    const telling = setInterval(tell, 200)
    await limited(seconds, signal, (over) => this.#chaos.run(over)).finally(() => clearInterval(telling))
    return worked()
  }

  async #fillSeats(signal: AbortSignal): Promise<void> {
    while (!this.#crew.isFull && !signal.aborted) {
      // Where processes can't even start, waiting for them has no end.
      const failed = this.#crew.workers.find(({ failure }) => failure !== undefined)
      if (failed) throw new Error(`A process could not start. ${failed.failure}`)
      this.#crew.seat()
      await delay(20)
    }
  }

  async #audited(): Promise<Diaries> {
    const reader = new DiaryReader()
    for (const { setup, ended } of this.#crew.workers) {
      reader.read({ worker: setup.name, path: setup.diary, ended: ended! })
    }
    const { addresses } = reader.result()
    const setup = { ...this.#common(), seed: this.#parts.seed, diary: join(this.#diaries, 'audit.jsonl') }
    reader.read(await audit(this.#parts.stage.compiled.audit, setup, addresses, this.#clock))
    return reader.result()
  }

  /** For somebody to look at; the small disk goes with the run. */
  #keep(diaries: Diaries, violations: readonly Violation[]): void {
    const { directory, stage } = this.#parts
    writeFileSync(join(directory, 'report.txt'), `${reportsOf(violations, diaries)}\n`)
    if (!stage.disk) return
    cpSync(join(stage.disk.path, 'sessions'), join(directory, 'sessions-on-small-disk'), { recursive: true })
  }

  /** The diaries are large, and what they say has been judged. */
  #clear(): void {
    rmSync(this.#diaries, { recursive: true })
    const { disk } = this.#parts.stage
    if (!disk) return
    rmSync(join(disk.path, 'sessions'), { recursive: true })
    disk.shrink()
  }
}

function reportsOf(violations: readonly Violation[], { sessions }: Diaries): string {
  const named = new Map(sessions.map((session) => [session.name, session]))
  return violations.map((violation) => reportOf(violation, named.get(violation.session))).join('\n\n')
}
