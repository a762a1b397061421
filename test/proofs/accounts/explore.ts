import { setTimeout as delay, setImmediate as macrotask } from 'node:timers/promises'
import type { SessionKey } from '../../../src/contract/key.ts'
import type { SessionRecord } from '../../../src/contract/record.ts'
import * as errors from '../../../src/errors.ts'
import { createSessions, type SessionsOptions } from '../../../src/index.ts'
import { PlainStore } from '../../support/plain-store.ts'
import { byHand } from './front.ts'
import { type Failure, Gate, GatedStore, type Step } from './gate.ts'
import { Broken, BrokenPromise, isInDoubt, judge } from './judge.ts'
import type { Front } from './request.ts'
import { Request } from './request.ts'
import type { Start } from './starts.ts'
import type { Verb } from './verbs.ts'

/** The session layer that is looked at. */
export interface Layer {
  createSessions: typeof createSessions
  errors: Pick<typeof errors, 'StoreUnavailableError'>
  /** Who answers the requests of a process; default: what the first has made, by hand. */
  front?(process: number, options: SessionsOptions): Front
}

export const shipped: Layer = { createSessions, errors }

export interface Plan {
  readonly start: Start
  readonly verbs: readonly [first: Verb, second?: Verb]
  readonly limit?: Pick<SessionsOptions, 'maxPerOwner' | 'onMaxPerOwner'>
  readonly failure?: Failure
  /** What had been done when a request came makes a difference, also what it does not read. */
  readonly isTimed?: true
}

export function titleOf({ start, verbs, limit, failure }: Plan): string {
  const failing = failure && `call ${failure.nth} of ${failure.of} ${failure.how}`
  const most = limit && `at most ${limit.maxPerOwner}, ${limit.onMaxPerOwner ?? 'end-oldest'}`
  return [start.name, verbs.map((verb) => verb?.name).join(' || '), most, failing].filter(Boolean).join(', ')
}

/** The moment at which each course begins. */
const TIME = Date.UTC(2040, 0, 1)
/** Milliseconds: longer than a call seems to take, so that it is known which of two requests was first. */
const BETWEEN_REQUESTS = 1000

/** Whatever is done in steps that can come in many orders: from its beginning, once for each of them. */
export interface Course {
  readonly title: string
  /** What can be next. */
  readonly enabled: readonly Step[]
  /** The moments at which what it is made of begins make a difference. */
  readonly isTimed?: boolean | undefined
  /** The call that was to fail was made. */
  readonly hasFailed: boolean
  /** How it went, in words. */
  readonly text: string
  take(step: Step): Promise<void>
  /** Throws a `BrokenPromise`. */
  judge(): Promise<void>
}

/** What was before the two requests, and what is stored of it. */
export interface Beginning {
  readonly begun: ReturnType<Start['begin']>
  readonly stored: readonly (readonly [SessionKey, SessionRecord])[]
}

/** Made once for all the orders of a plan: that is a fifth of what one of them takes. Called within {@link withTime}. */
export async function beginningOf({ createSessions }: Layer, start: Start): Promise<Beginning> {
  time = TIME
  const store = new PlainStore()
  const begun = start.begin(createSessions({ store }))
  // What no answer waits for is done.
  await macrotask()
  const stored: [SessionKey, SessionRecord][] = []
  for await (const each of store.records({ all: true })) stored.push(each)
  return { begun, stored }
}

/** Two requests, each in a process of its own, in the middle of what they do. */
class World implements Course {
  readonly #store = new PlainStore()
  readonly #gate = new Gate()
  readonly #requests: readonly Request[]
  readonly #stores: readonly GatedStore[]
  readonly #layer: Layer
  readonly plan: Plan
  readonly #begun: ReturnType<Start['begin']>

  constructor(layer: Layer, plan: Plan, { begun, stored }: Beginning) {
    this.#layer = layer
    this.plan = plan
    const { errors } = layer
    const { start, verbs, failure } = plan
    const lost = () => new errors.StoreUnavailableError('The answer of the store did not arrive.')
    this.#begun = begun
    this.#store.reset(stored)
    time += start.later ?? 0
    this.#requests = verbs.flatMap((verb, nth) =>
      verb ? [new Request(nth, verb, this.#begun.shows[nth])] : [],
    )
    this.#stores = verbs.map((_, nth) => new GatedStore(this.#store, this.#gate, nth, failure, lost))
    const count = (): number => time
    for (const [nth, request] of this.#requests.entries()) {
      this.#stores[nth]!.onDeath = () => request.die(count)
      this.#stores[nth]!.onLook = (looks) => request.looked(looks, count)
    }
    this.#gate.waiting.push(...this.#requests.map((_, nth) => this.#beginning(nth)))
  }

  get enabled(): readonly Step[] {
    return inOrder(this.#gate.waiting)
  }

  get title(): string {
    return titleOf(this.plan)
  }

  get isTimed(): boolean | undefined {
    return this.plan.isTimed
  }

  take(step: Step): Promise<void> {
    return takeStep(this.#gate, step, () => this.#isQuiet)
  }

  /** Nothing goes on before somebody takes a step. */
  get #isQuiet(): boolean {
    const { waiting } = this.#gate
    return this.#requests.every(({ told }, nth) => told !== undefined || waiting.some(({ of }) => of === nth))
  }

  /** As it is, and once more when who was told of an error has tried again. */
  async judge(): Promise<void> {
    const { createSessions } = this.#layer
    const fresh = createSessions({ store: this.#store, ...this.plan.limit })
    const most = this.plan.limit?.maxPerOwner
    const { hasFailed } = this
    const course = { store: this.#store, fresh, begun: this.#begun, most, hasFailed }
    judge({ ...course, requests: this.#requests })
    const tries = this.#requests.filter(isInDoubt).map((request, nth) => again(request, nth, this.#requests))
    if (tries.length === 0) return
    for (const request of tries) {
      await request.run(byHand(fresh), this.#store, () => ++time)
      if (isInDoubt(request)) throw new Broken('told', `${request.verb.name} fails once more`)
    }
    judge({ ...course, requests: [...this.#requests, ...tries] })
  }

  get hasFailed(): boolean {
    return this.#stores.some((store) => store.hasFailed)
  }

  get text(): string {
    return this.#requests.map(({ verb, told, value }) => `${verb.name}: ${told} ${value ?? ''}`).join('; ')
  }

  #beginning(nth: number): Step {
    const store = this.#stores[nth]!
    const take = (): void => {
      const options = { store, ...this.plan.limit }
      const front = this.#layer.front?.(nth, options) ?? byHand(this.#layer.createSessions(options))
      void this.#requests[nth]!.run(front, store, () => time)
    }
    return { of: nth, nth: -1, about: undefined, changes: false, take }
  }
}

/** Takes a step, and waits until nothing goes on before another one is taken. */
export async function takeStep(gate: Gate, step: Step, isQuiet: () => boolean): Promise<void> {
  time += step.nth < 0 ? BETWEEN_REQUESTS : 1
  gate.take(step)
  await macrotask()
  // One that is tried for the fourth time waits for a moment, and so does what is sent from here to there.
  for (let waits = 0; !isQuiet() && waits < 2000; waits++) await delay(waits < 20 ? 0 : 2)
}

/** What can be next: calls first, so that a request begins as late as it makes no difference. */
export function inOrder(steps: readonly Step[]): readonly Step[] {
  return [...steps].sort((a, b) => rankOf(a) - rankOf(b))
}

/** The same by the same visitor, with the cookie that they have by now: what it came with, or what an answer has given. */
function again(request: Request, nth: number, requests: readonly Request[]): Request {
  const { verb, shown, device } = request
  const giver = [request, ...requests].find((each) => each.device === device && each.given !== undefined)
  if (giver === undefined) return new Request(nth + 2, verb, shown)
  const owner = giver.verb.does === 'login' ? giver.verb.owner : giver.shown?.owner
  return new Request(nth + 2, verb, { id: giver.given!, owner, device, isAlive: true })
}

const rankOf = ({ of, nth }: Step): number => (nth < 0 ? 1e6 : 0) + of * 1e3 + nth

/** The order of two steps makes a difference. */
function matters(a: Step, b: Step, isTimed = false): boolean {
  if (a.nth < 0 || b.nth < 0) return isTimed || (a.nth < 0 && b.nth < 0)
  if (a.about === undefined || b.about === undefined) return a.changes || b.changes
  return a.about === b.about && (a.changes || b.changes)
}

const nameOf = ({ of, nth }: Step): string => `${of}.${nth}`
const isSame = (a: Step, b: Step): boolean => a.of === b.of && a.nth === b.nth

/** A choice that was made, and the steps that need not be taken in its place. */
interface Choice {
  readonly enabled: readonly Step[]
  /** What was taken in its place before, or makes no difference by now. */
  readonly asleep: Map<string, Step>
  /** What is to be taken here: the first, and those with which a step that came later comes before what was taken. */
  readonly wanted: Set<string>
  chosen: Step
  /** The depths of the choices that what was chosen has to come behind in this order. */
  behind: ReadonlySet<number>
}

export interface Explored {
  readonly orders: number
  /** In how many of them the call that was to fail was made. */
  readonly failed: number
  readonly isAll: boolean
}

let time = TIME

/**
 * Goes through every order of the steps of two requests, but for those that differ only in steps whose order makes no
 * difference ("sleep sets", Godefroid 1996). Another step is tried in the place of one only where an order was met in which
 * it makes a difference ("source sets", Abdulla and others 2014): else most plays would come to what was played before. Each
 * is played from its beginning. Throws what the judge throws, with the order.
 */
export async function everyOrder(
  layer: Layer,
  plan: Plan,
  most = Number.POSITIVE_INFINITY,
): Promise<Explored> {
  return withTime(async () => {
    const beginning = await beginningOf(layer, plan.start)
    return playAll(() => new World(layer, plan, beginning), most)
  })
}

/** The same of whatever `begin` begins. */
export async function everyOrderOf(begin: () => Course, most = Number.POSITIVE_INFINITY): Promise<Explored> {
  return withTime(() => playAll(begin, most))
}

async function playAll(begin: () => Course, most: number): Promise<Explored> {
  const choices: Choice[] = []
  let orders = 0
  let failed = 0
  do {
    time = TIME
    const world = begin()
    if (!(await play(world, choices))) continue
    orders++
    if (world.hasFailed) failed++
    try {
      await world.judge()
    } catch (error) {
      if (!(error instanceof BrokenPromise)) throw error
      const order = choices.map(({ chosen }) => nameOf(chosen)).join(' ')
      error.message = `${error.message}\n${world.title}\n${world.text}\nin the order ${order}`
      throw error
    }
    if (orders >= most) return { orders, failed, isAll: false }
  } while (goBack(choices))
  return { orders, failed, isAll: true }
}

/**
 * The clock of all of it goes on by a millisecond with each step, and no work seems to take long: what waits for a turn of the
 * loop after some milliseconds would do so in one play and not in the next.
 */
export async function withTime<T>(work: () => Promise<T>): Promise<T> {
  const { now } = Date
  Date.now = () => time
  performance.now = () => 0
  try {
    return await work()
  } finally {
    Date.now = now
    // Its own, and no longer that of its class.
    Reflect.deleteProperty(performance, 'now')
  }
}

/** Plays what was chosen, and goes on from there. `false`: it makes no difference to what was played before. */
async function play(world: Course, choices: Choice[]): Promise<boolean> {
  const noticed = choices.length - 1
  for (let depth = 0; ; depth++) {
    const { enabled, isTimed } = world
    if (enabled.length === 0) return true
    const known = choices[depth]
    if (known === undefined) {
      const asleep = stillAsleep(choices.at(-1), isTimed)
      const chosen = enabled.find((step) => !asleep.has(nameOf(step)))
      if (chosen === undefined) return false
      choices.push({ enabled, asleep, wanted: new Set([nameOf(chosen)]), chosen, behind: new Set() })
    }
    if (depth >= noticed) noticeRaces(choices, depth, isTimed)
    const { chosen } = choices[depth]!
    const step = enabled.find((each) => isSame(each, chosen))
    if (step === undefined) throw new Error(`The step ${nameOf(chosen)} is not there again: ${world.title}`)
    await world.take(step)
  }
}

/** Of what was chosen last: what it has to come behind, and where something else is to be taken so that it comes before. */
function noticeRaces(choices: readonly Choice[], depth: number, isTimed: boolean | undefined): void {
  const last = choices[depth]!
  const from = choices.findIndex(({ enabled }) => enabled.some((step) => isSame(step, last.chosen))) - 1
  const mattering = [...choices.keys()].filter(
    (at) => at < depth && at !== from && matters(choices[at]!.chosen, last.chosen, isTimed),
  )
  const direct = from < 0 ? mattering : [from, ...mattering]
  last.behind = new Set(direct.flatMap((at) => [at, ...choices[at]!.behind]))
  // One that is behind another one of them anyway can't change its place with the last alone.
  const races = mattering.filter((at) => !direct.some((other) => choices[other]!.behind.has(at)))
  for (const at of races) for (const name of firstOf(choices, at, depth)) choices[at]!.wanted.add(name)
}

/** The steps that can be taken at `at` so that the last one comes before what was taken there. */
function firstOf(choices: readonly Choice[], at: number, depth: number): string[] {
  const between = [...choices.keys()].filter((each) => each > at && each < depth)
  const rest = [...between.filter((each) => !choices[each]!.behind.has(at)), depth]
  const first = rest.filter((each) => !rest.some((other) => choices[each]!.behind.has(other)))
  return first.map((each) => nameOf(choices[each]!.chosen))
}

function stillAsleep(before: Choice | undefined, isTimed: boolean | undefined): Map<string, Step> {
  if (before === undefined) return new Map()
  return new Map([...before.asleep].filter(([, step]) => !matters(step, before.chosen, isTimed)))
}

/** To the last choice that can be another one. */
function goBack(choices: Choice[]): boolean {
  for (let last = choices.at(-1); last !== undefined; last = choices.at(-1)) {
    last.asleep.set(nameOf(last.chosen), last.chosen)
    const { asleep, enabled, wanted } = last
    const next = enabled.find((step) => wanted.has(nameOf(step)) && !asleep.has(nameOf(step)))
    if (next !== undefined) {
      last.chosen = next
      return true
    }
    choices.pop()
  }
  return false
}
