import { type Allowed, Audit, Violation, waiterIn } from './audit.ts'
import { Seeded } from './chance.ts'
import { type Choice, callOf, choose, ordinaryChoices } from './choice.ts'
import { SYSTEM_ERRORS } from './errors.ts'
import type { OpenStore } from './execution.ts'
import { Found } from './explore.ts'
import { type Plan, planOf } from './plan.ts'
import { powerLoss } from './power.ts'
import type { Tally } from './tally.ts'
import { isDone, isOver, type Process, underWay, type World } from './world.ts'

/** Far more than any schedule of these plans needs. */
const ENDLESS = 3000

/** Plays the schedule that follows from a seed, and checks what it leaves. Throws {@link Found}. */
export async function playSeed(seed: number, open: OpenStore, tally: Tally): Promise<void> {
  const chance = new Seeded(seed)
  const plan = await planOf(chance, open)
  await new Schedule(plan, chance, tally).play()
}

class Schedule {
  readonly #plan: Plan
  readonly #chance: Seeded
  readonly #tally: Tally
  readonly #choices: Choice[] = []
  readonly #errors = new Set<string>()
  #world: World
  #running = 0
  #jumps = 0
  #stopped = false
  #killsLeft = 2

  constructor(plan: Plan, chance: Seeded, tally: Tally) {
    this.#plan = plan
    this.#chance = chance
    this.#tally = tally
    this.#world = plan.start
  }

  async play(): Promise<void> {
    try {
      const failsAt = this.#plan.powerFails ? this.#chance.below(150) : Number.POSITIVE_INFINITY
      let steps = 0
      for (; steps < failsAt && !this.#world.processes.every(isOver); steps++) {
        if (steps > ENDLESS) throw new Violation(`Process ${waiterIn(this.#world)} never comes to an end.`)
        if (!(await this.#next())) break
      }
      if (steps === failsAt) this.#losePower()
      await this.#end()
    } catch (error) {
      throw new Found(this.#plan.start, this.#choices, error)
    }
  }

  async #next(): Promise<boolean> {
    const mishap = this.#mishap()
    const choice = mishap ?? this.#step()
    if (!choice) return false
    this.#choices.push(choice)
    this.#tally.choice(this.#world, choice)
    this.#world = await choose(this.#world, choice)
    return true
  }

  /** The process that is at it goes on, unless it is another one's turn. */
  #step(): Choice | undefined {
    const choices = ordinaryChoices(this.#world)
    if (choices.length === 0) return undefined
    const own = choices.filter((choice) => 'process' in choice && choice.process === this.#running)
    const choice =
      own.length > 0 && !this.#chance.oneIn(this.#plan.switches)
        ? this.#chance.of(own)
        : this.#chance.of(choices)
    if ('process' in choice) this.#running = choice.process
    return this.#spoilt(choice)
  }

  /** The step, or what may go wrong with it. */
  #spoilt(choice: Choice): Choice {
    if (choice.kind !== 'step') return choice
    const { process, step } = choice
    const it = this.#world.processes[process]!
    const call = callOf(it, step)
    if (!call || it.half) return choice
    const { errors, halves, shorts } = this.#plan
    if (this.#happens(errors)) {
      const error = SYSTEM_ERRORS[call.name]
      if (error) {
        const { code, done = false } = this.#chance.of(error)
        this.#errors.add(code)
        return { kind: 'fail', process, step, code, done }
      }
    }
    if (call.name !== 'append') return choice
    const bytes = this.#chance.below((call.args[1] as Uint8Array).length)
    if (bytes > 0 && this.#happens(halves)) return { kind: 'half', process, bytes }
    if (!this.#happens(shorts)) return choice
    this.#errors.add('SHORT_WRITE')
    return { kind: 'short', process, bytes }
  }

  #mishap(): Choice | undefined {
    const { kills, stops, times } = this.#plan
    if (this.#killsLeft > 0 && this.#happens(kills)) {
      const process = this.#oneOf(
        (it) => it.life === 'runs' && (underWay(it) > 0 || it.place.standing.call !== undefined),
      )
      if (process !== undefined) {
        this.#killsLeft--
        return { kind: 'kill', process }
      }
    }
    if (this.#happens(stops)) {
      const process = this.#oneOf((it) => it.life !== 'killed' && !isDone(it))
      if (process !== undefined) {
        this.#stopped = true
        return { kind: this.#world.processes[process]!.life === 'stopped' ? 'continue' : 'stop', process }
      }
    }
    const later = times.filter((time) => time > this.#world.now)
    if (later.length === 0 || !this.#chance.oneIn(40)) return undefined
    const to = this.#chance.of(later)
    this.#jumps += to - this.#world.now
    return { kind: 'time', to }
  }

  #oneOf(which: (process: Process) => boolean): number | undefined {
    const all = [...this.#world.processes.keys()].filter((index) => which(this.#world.processes[index]!))
    return all.length === 0 ? undefined : this.#chance.of(all)
  }

  #happens(often: number): boolean {
    return often > 0 && this.#chance.oneIn(often)
  }

  #losePower(): void {
    this.#tally.powerLosses++
    this.#world = powerLoss(this.#world, (possibilities) => this.#chance.below(possibilities))
  }

  async #end(): Promise<void> {
    const { start, setting } = this.#plan
    const allowed: Allowed = { errors: this.#errors, stops: this.#stopped, jumps: this.#jumps }
    this.#tally.end(this.#world)
    await new Audit(start, setting).check(this.#world, allowed)
  }
}
