import { type Answered, type Begin, Course, type Ground, lost, newGround } from './course.ts'
import { checkEnd } from './ends.ts'
import { Moment, resolved } from './moment.ts'
import { checkState } from './promises.ts'
import { LIFETIME } from './protocol/steps.ts'
import { begin as protocol } from './protocol/verbs.ts'
import type { Scenario } from './scenarios.ts'
import type { Doing, State } from './state.ts'
import { type World, Worlds } from './store.ts'

/*
 * Every order of the calls of some verbs, as each is carried out at once and by one store: a process may die
 * between any two, and an answer may be lost, of a call that was carried out or of one that is carried out
 * later, or never. Each state that can be met is looked at once.
 */

export interface Explored {
  readonly states: number
  /** Broken promises, each with the shortest way to it that was met. */
  readonly broken: ReadonlyMap<string, readonly string[]>
  readonly isWhole: boolean
}

export interface Bounds {
  readonly mostStates?: number
  /** Ends with the first broken promise. */
  readonly untilBroken?: boolean
}

export function explore(
  scenario: Scenario,
  begin: Begin = protocol,
  { mostStates = 3_000_000, untilBroken = false }: Bounds = {},
): Explored {
  const { deeds, idle = LIFETIME } = scenario
  const ends = deeds.filter(({ verb }) => /^revoke(All|Others|Everything)$/.test(verb))
  const revokesEverything = ends.some(({ verb }) => verb === 'revokeEverything')
  const ground = newGround({ idle, revokes: ends.length > 0, revokesEverything }, begin)
  return new Exploration(scenario, ground).run(mostStates, untilBroken)
}

class Exploration {
  readonly #scenario: Scenario
  readonly #ground: Ground
  readonly #worlds = new Worlds()
  readonly #broken = new Map<string, readonly string[]>()
  readonly #judged = new Set<string>()
  #setUp = 0

  constructor(scenario: Scenario, ground: Ground) {
    this.#scenario = scenario
    this.#ground = ground
  }

  run(mostStates: number, untilBroken: boolean): Explored {
    const seen = new Set<string>()
    const open = [this.#first()]
    while (open.length > 0) {
      const state = open.pop()!
      const text = textOf(state)
      if (seen.has(text)) continue
      if (seen.size >= mostStates) return { states: seen.size, broken: this.#broken, isWhole: false }
      seen.add(text)
      const next = this.#next(state)
      this.#judge(state, next.length === state.underWay.length)
      if (untilBroken && this.#broken.size > 0) break
      open.push(...next)
    }
    return { states: seen.size, broken: this.#broken, isWhole: true }
  }

  /** After what the scenario begins with, one after the other and without a fault. */
  #first(): State {
    const { deeds, records = {}, setUp = 0, crashes = 1, losses = 1 } = this.#scenario
    let state: State = {
      world: this.#worlds.begin(records),
      doings: deeds.map(() => ({ course: undefined, answers: [], isDead: false })),
      crashes: 0,
      losses: 0,
      underWay: [],
      events: [],
      trace: undefined,
    }
    for (let place = 0; place < setUp; place++)
      for (let next = this.#steps(state, place); next.length > 0; next = this.#steps(state, place))
        state = next[0]!
    this.#setUp = pathOf(state).length
    return { ...state, crashes, losses }
  }

  #next(state: State): State[] {
    const { deeds, setUp = 0 } = this.#scenario
    const next: State[] = []
    for (let place = setUp; place < deeds.length; place++) {
      const steps = this.#steps(state, place)
      if (steps.length > 0 && this.#isUnseen(state.doings[place]!)) return [...steps, ...this.#late(state)]
      next.push(...steps)
    }
    return [...next, ...this.#late(state)]
  }

  /** What it does next is noticed by nobody else, whenever it does it: no other order has to be looked at. */
  #isUnseen({ course }: Doing): boolean {
    if (course?.calls?.length !== 1 || this.#ground.revokesEverything) return false
    const { call } = course.calls[0]!
    return call.kind === 'create' && call.key.startsWith('K')
  }

  #late(state: State): State[] {
    return state.underWay.map(({ call, name }, which) => ({
      ...state,
      world: this.#worlds.ask(state.world, call, name).world,
      underWay: state.underWay.filter((_, other) => other !== which),
      trace: { before: state.trace, step: `late: ${call.kind} ${call.key ?? ''}` },
    }))
  }

  /** All that may come next of one verb. */
  #steps(state: State, place: number): State[] {
    const doing = this.#begin(state, place)
    const calls = doing?.course?.calls
    if (doing === undefined || doing.isDead || calls === undefined) return []
    const steps: State[] = []
    for (const [which, { call, name }] of calls.entries()) {
      if (doing.answers[which] !== undefined) continue
      const { world, ...answered } = this.#worlds.ask(state.world, call, name)
      const moved = { state, place, doing, which }
      steps.push(this.#answered(moved, world, answered, ''))
      if (state.losses === 0 || call.kind === 'moment' || call.kind === 'pass') continue
      const lossy = { ...moved, state: { ...state, losses: state.losses - 1 } }
      steps.push(this.#answered(lossy, world, lost, ', its answer lost'))
      if (call.kind === 'load' || call.kind === 'list') continue
      const underWay = [...state.underWay, { call, name }]
      const late = { ...lossy, state: { ...lossy.state, underWay } }
      steps.push(this.#answered(late, state.world, lost, ', lost on its way'))
    }
    return [...steps, ...this.#deaths(state, place)]
  }

  /** None of a verb that is one call: it has been carried out or not. */
  #deaths(state: State, place: number): State[] {
    const { course } = state.doings[place]!
    const { verb } = this.#scenario.deeds[place]!
    if (state.crashes === 0 || course === undefined || ['tick', 'save', 'touch'].includes(verb)) return []
    const step = `${place} ${verb}: its process dies${course.told.length > 0 ? ', having told' : ''}`
    return [
      {
        ...state,
        crashes: state.crashes - 1,
        doings: state.doings.with(place, { course, answers: [], isDead: true }),
        trace: { before: state.trace, step },
      },
    ]
  }

  /** The verb as it stands; one that has not begun begins, if it may. */
  #begin(state: State, place: number): Doing | undefined {
    const doing = state.doings[place]!
    if (doing.course !== undefined) return doing
    const { deeds, setUp = 0 } = this.#scenario
    const { after = [], ...planned } = deeds[place]!
    const isOver = (of: Doing) => of.isDead || (of.course !== undefined && of.course.told.length > 0)
    const isDone = (of: Doing) => of.isDead || (of.course !== undefined && of.course.calls === undefined)
    if (!after.every((other) => isOver(state.doings[other]!) || isDone(state.doings[other]!)))
      return undefined
    if (place >= setUp && !state.doings.slice(0, setUp).every(isDone)) return undefined
    const deed = resolved(planned, state.doings)
    const course = Course.begin(this.#ground, deed, place, state.world.now)
    return { course, answers: course.calls?.map(() => undefined) ?? [], isDead: false }
  }

  #answered(
    { state, place, doing, which }: { state: State; place: number; doing: Doing; which: number },
    world: World,
    answered: Answered,
    how: string,
  ): State {
    const { course } = doing
    const { call } = course!.calls![which]!
    let events = state.events
    if (!events.includes(`b${place}`)) events = [...events, `b${place}`]
    let answers = doing.answers.with(which, answered)
    let after = course!
    if (answers.every((one) => one !== undefined)) {
      after = course!.next(answers, world.now)
      answers = after.calls?.map(() => undefined) ?? []
      if (after.told.length > 0 && !events.includes(`e${place}`)) events = [...events, `e${place}`]
    }
    const { verb } = this.#scenario.deeds[place]!
    const result = after.told.length > course!.told.length ? ` -> ${after.told.at(-1)!.result}` : ''
    const step = `${place} ${verb}: ${call.kind} ${call.key ?? ''}${how}${result}`
    return {
      ...state,
      world,
      events,
      doings: state.doings.with(place, { course: after, answers, isDead: false }),
      trace: { before: state.trace, step },
    }
  }

  #judge(state: State, isOver: boolean): void {
    const courses = state.doings.map(({ course, isDead }) => `${course?.id}${isDead}`).join()
    const about = `${state.world.id} ${state.events} ${courses} ${state.losses} ${state.crashes} ${isOver}`
    if (this.#judged.has(about)) return
    this.#judged.add(about)
    const moment = new Moment(this.#scenario, this.#ground, this.#worlds, state)
    for (const what of checkState(moment)) this.#note(state, what)
    if (isOver) for (const what of checkEnd(moment)) this.#note(state, what)
  }

  #note(state: State, what: string): void {
    const path = pathOf(state).slice(this.#setUp)
    const known = this.#broken.get(what)
    if (known === undefined || known.length > path.length) this.#broken.set(what, path)
  }
}

function pathOf({ trace }: State): string[] {
  const path: string[] = []
  for (let at = trace; at !== undefined; at = at.before) path.push(at.step)
  return path.reverse()
}

function textOf({ world, doings, crashes, losses, underWay, events }: State): string {
  let text = `${world.id} ${crashes} ${losses} ${events.join()} ${underWay.map(({ name }) => name).join()}`
  for (const { course, answers, isDead } of doings) {
    text += ` ${course?.id}${isDead ? 'd' : ''}`
    for (const one of answers) text += one === undefined ? '-' : `:${one.name}`
  }
  return text
}
