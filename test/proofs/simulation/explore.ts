import { type Allowed, Audit, Violation, waiterIn } from './audit.ts'
import { type Choice, callOf, choose } from './choice.ts'
import { Disk } from './disk.ts'
import { SYSTEM_ERRORS } from './errors.ts'
import type { Setting } from './execution.ts'
import { Reduction } from './reduction.ts'
import { digestOf, isOver, type Process, type World } from './world.ts'

/** What may happen besides the steps of the processes. */
export interface Chaos {
  /** Processes that may be killed, in the midst of an operation or after it. */
  kills: number
  /** Appends of which half becomes visible first; with a kill in between they stay torn. */
  halves: number
  /** Cuts them behind every byte, not only at three places. */
  everyByte?: true
  /** Moments that the clock may jump to, at any time. */
  times: readonly number[]
  /** Calls that may fail, each in every way that it can. Default: none. */
  errors?: number
  /** A moment that the clock may be set back to, once, after which it jumps no more. */
  back?: number
  /** Processes that find no space for what they append. */
  noSpace?: readonly number[]
}

export const CALM: Chaos = { kills: 0, halves: 0, times: [] }

/** What an exploration went through. */
export interface Explored {
  /** Moments that differ in anything. */
  worlds: number
  /** Orders of all that happened: paths through these moments. */
  schedules: bigint
  /** Places at which a process was killed. */
  kills: number
  /** Appends seen, or left, half done. */
  halves: number
  /** Disks as they were after a power failure. */
  powerLosses: number
  folds: number
  takeOvers: number
  waits: number
}

export const nothingExplored = (): Explored => ({
  worlds: 0,
  schedules: 0n,
  kills: 0,
  halves: 0,
  powerLosses: 0,
  folds: 0,
  takeOvers: 0,
  waits: 0,
})

/** Adds what another exploration went through. */
export function add(sum: Explored, more: Explored): void {
  sum.worlds += more.worlds
  sum.schedules += more.schedules
  sum.kills += more.kills
  sum.halves += more.halves
  sum.powerLosses += more.powerLosses
  sum.folds += more.folds
  sum.takeOvers += more.takeOvers
  sum.waits += more.waits
}

/** A broken promise, and the choices that led to it. */
export class Found extends Error {
  readonly start: World
  readonly choices: readonly Choice[]
  /** The case that it was found in. */
  about = ''

  constructor(start: World, choices: readonly Choice[], cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.start = start
    this.choices = choices
  }
}

/**
 * Goes through everything that can happen from a moment on, and checks each end. Worlds that are the same but for how
 * they came about are looked at once, which is what makes "everything" possible. Throws {@link Found}.
 */
export async function explore(start: World, setting: Setting, chaos = CALM): Promise<Explored> {
  const exploration = new Exploration(start, new Audit(start, setting), chaos)
  exploration.explored.schedules = await exploration.visit(start, chaos)
  return exploration.explored
}

class Exploration {
  readonly explored = nothingExplored()
  readonly #start: World
  readonly #audit: Audit
  readonly #allowed: Allowed
  readonly #path: Choice[] = []
  readonly #reduction: Reduction
  /** Schedules from each world on. */
  readonly #visited = new Map<string, bigint>()

  constructor(start: World, audit: Audit, chaos: Chaos) {
    this.#start = start
    const stops = start.processes.some(({ life }) => life === 'stopped')
    const met = [...(start.disk.isSpoilt ? ['EIO'] : []), ...(chaos.noSpace ? ['ENOSPC'] : [])]
    const errors = chaos.errors ? EVERY_ERROR : new Set(met)
    this.#allowed = { errors, stops, jumps: Math.max(0, ...chaos.times) }
    this.#audit = audit
    this.#reduction = new Reduction(start, chaos.times.length > 0)
  }

  async visit(world: World, chaos: Chaos): Promise<bigint> {
    const digest = `${digestOf(world)}|${chaos.kills}${chaos.halves}${chaos.errors ?? 0}|${chaos.back ?? ''}`
    const known = this.#visited.get(digest)
    if (known !== undefined) return known
    this.explored.worlds++
    const ordinary = this.#choices(world, chaos)
    if (ordinary.length === 0) await this.#end(world)
    let schedules = ordinary.length === 0 ? 1n : 0n
    for (const choice of ordinary) schedules += await this.#follow(world, choice, chaos)
    for (const [choice, left] of chaosChoices(world, chaos))
      schedules += await this.#follow(world, choice, left)
    this.#visited.set(digest, schedules)
    return schedules
  }

  #choices(world: World, chaos: Chaos): Choice[] {
    return this.#reduction.choices(world).map((choice) => withoutSpace(world, choice, chaos))
  }

  async #follow(world: World, choice: Choice, chaos: Chaos): Promise<bigint> {
    this.#path.push(choice)
    this.#count(choice)
    let next: World
    try {
      next = await choose(world, choice, (then) => this.#choices(then, chaos)[0])
    } catch (error) {
      throw new Found(this.#start, this.#path, error)
    }
    const schedules = await this.visit(next, chaos)
    this.#path.pop()
    return schedules
  }

  async #end(world: World): Promise<void> {
    for (const { place } of world.processes) {
      const { folds, takeOvers, waits } = place.standing.stats
      this.explored.folds += folds
      this.explored.takeOvers += takeOvers
      this.explored.waits += waits
    }
    try {
      if (!world.processes.every(isOver)) {
        throw new Violation(`Process ${waiterIn(world)} waits, and nothing will ever wake it.`)
      }
      await this.#audit.check({ ...world, disk: healed(world.disk) }, this.#allowed)
    } catch (error) {
      throw new Found(this.#start, this.#path, error)
    }
  }

  #count(choice: Choice): void {
    if (choice.kind === 'kill') this.explored.kills++
    if (choice.kind === 'half') this.explored.halves++
  }
}

/** What is looked at in the end: the disk as it can be read. */
function healed(disk: Disk): Disk {
  if (!disk.isSpoilt) return disk
  const readable = new Disk(disk)
  readable.heal()
  return readable
}

function chaosChoices(world: World, chaos: Chaos): [Choice, Chaos][] {
  const choices: [Choice, Chaos][] = []
  for (const [process, it] of world.processes.entries()) {
    if (it.life !== 'runs') continue
    if (chaos.kills > 0 && it.place.standing.started > 0) {
      choices.push([
        { kind: 'kill', process },
        { ...chaos, kills: chaos.kills - 1 },
      ])
    }
    const { errors = 0 } = chaos
    if (errors > 0) {
      for (const choice of failuresOf(it, process)) choices.push([choice, { ...chaos, errors: errors - 1 }])
    }
    if (chaos.halves > 0) {
      for (const bytes of cutsOf(it, chaos.everyByte ?? false)) {
        choices.push([
          { kind: 'half', process, bytes },
          { ...chaos, halves: chaos.halves - 1 },
        ])
      }
    }
  }
  for (const to of chaos.times) if (to > world.now) choices.push([{ kind: 'time', to }, chaos])
  const { back: to, ...left } = chaos
  if (to !== undefined && to < world.now)
    choices.push([
      { kind: 'time', to },
      { ...left, times: [] },
    ])
  return choices
}

const EVERY_ERROR: ReadonlySet<string> = new Set([
  'SHORT_WRITE',
  ...Object.values(SYSTEM_ERRORS).flatMap((errors) => errors.map(({ code }) => code)),
])

/** Every way in which the call that a process waits in may fail. */
function failuresOf({ place, half }: Process, process: number): Choice[] {
  const { call } = place.standing
  if (!call || half) return []
  const failures = (SYSTEM_ERRORS[call.name] ?? []).map(
    ({ code, done = false }): Choice => ({ kind: 'fail', process, step: { kind: 'call' }, code, done }),
  )
  if (call.name !== 'append') return failures
  const { length } = call.args[1] as Uint8Array
  return [...failures, ...[0, length >> 1].map((bytes): Choice => ({ kind: 'short', process, bytes }))]
}

/** The same step; or an append that fails, where there is no space. */
function withoutSpace(world: World, choice: Choice, { noSpace = [] }: Chaos): Choice {
  if (choice.kind !== 'step') return choice
  const { process, step } = choice
  const it = world.processes[process]!
  if (!noSpace.includes(it.course.program.pid) || callOf(it, step)?.name !== 'append') return choice
  return { kind: 'fail', process, step, code: 'ENOSPC', done: false }
}

/** Where an append is cut: behind its newline, in the middle, before its last byte. */
function cutsOf({ place, half }: Process, everyByte: boolean): number[] {
  const { call } = place.standing
  if (call?.name !== 'append' || half) return []
  const { length } = call.args[1] as Uint8Array
  return everyByte ? Array.from({ length: length - 1 }, (_, n) => n + 1) : [1, length >> 1, length - 1]
}
