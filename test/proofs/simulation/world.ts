import type { MaybePromise } from '../../../src/contract/wait.ts'
import { isPromise } from '../../../src/contract/wait.ts'
import type { Answer, Call, CallName } from './call.ts'
import type { AtOnce, Course, Place } from './course.ts'
import type { Disk } from './disk.ts'
import type { Entry } from './execution.ts'
import { History } from './history.ts'

/** A process in a world, at one moment. Never changed, only replaced. */
export interface Process {
  readonly course: Course
  readonly place: Place
  readonly life: 'runs' | 'stopped' | 'killed'
  /** Open files by descriptor. */
  readonly descriptors: ReadonlyMap<number, number>
  /** Answers of the thread pool that have not been delivered yet. */
  readonly answered: ReadonlyMap<number, Answer>
  /** Files that it has made: gives them numbers that don't depend on what other processes do. */
  readonly made: number
  /** Somebody else did something since it last looked: before, a look in a waiting loop finds nothing new. */
  readonly stirred: boolean
  /** An append that has got this far. */
  readonly half?: { ino: number; written: number }
  /** Files of which a sync has failed elsewhere: the next one here says so too, once (Linux 4.13 and later). */
  readonly unsynced?: ReadonlySet<number>
  /** Its operations that count as begun: later ones wait. */
  readonly mayStart: number
}

/** Everything there is, at one moment: the disk, the processes, the time, and what has happened. */
export interface World {
  readonly disk: Disk
  readonly processes: readonly Process[]
  /** Milliseconds since the epoch, and on the monotonic clock. */
  readonly now: number
  readonly history: History
}

/** What a process can do next by itself. */
export type Step =
  | { readonly kind: 'call' }
  | { readonly kind: 'start' }
  /** The thread pool carries a call out. */
  | { readonly kind: 'pool'; readonly id: number }
  /** Its event loop takes an answer of the thread pool. */
  | { readonly kind: 'complete'; readonly id: number }
  | { readonly kind: 'fire'; readonly id: number }

/** A process that does nothing yet. */
export async function newProcess(course: Course, mayStart = Number.POSITIVE_INFINITY): Promise<Process> {
  return {
    course,
    place: await course.start(),
    life: 'runs',
    descriptors: new Map(),
    answered: new Map(),
    made: 0,
    stirred: false,
    mayStart,
  }
}

export function newWorld(disk: Disk, now: number): World {
  return { disk, processes: [], now, history: new History() }
}

/** Operations of a process that have begun and are not over. */
export function underWay({ place: { standing } }: Process): number {
  return standing.started - standing.outcomes.size
}

/** Whether a process has done all that it was to do. */
export function isDone(process: Process): boolean {
  if (process.life === 'killed') return true
  const { standing } = process.place
  const all = Math.min(process.course.program.operations.length, process.mayStart)
  return standing.call === undefined && standing.started >= all && underWay(process) === 0
}

/** Whether nothing more is to be expected of a process. */
export function isOver(process: Process): boolean {
  return process.life === 'stopped' || isDone(process)
}

/** The steps that a process could make now. */
export function stepsOf(world: World, process: Process): Step[] {
  if (process.life !== 'runs') return []
  const { standing } = process.place
  const steps: Step[] = []
  for (const { id } of standing.pooled) if (!process.answered.has(id)) steps.push({ kind: 'pool', id })
  if (standing.call) {
    if (!mustWait(world, process, standing.call)) steps.push({ kind: 'call' })
    return steps
  }
  for (const id of process.answered.keys()) steps.push({ kind: 'complete', id })
  const due = standing.timers.filter((timer) => timer.due <= world.now && (!timer.awaited || process.stirred))
  for (const { id } of due) steps.push({ kind: 'fire', id })
  if (mayStartNext(process)) steps.push({ kind: 'start' })
  return steps
}

/** Timers of a process that would fire if nothing else happened, the earliest first. */
export function waitingTimers({ life, place: { standing } }: Process): { id: number; due: number }[] {
  if (life !== 'runs' || standing.call) return []
  return standing.timers.filter(({ awaited }) => awaited).toSorted((a, b) => a.due - b.due || a.id - b.id)
}

/** Only one append to a file is under way at a time, and no cut: the system holds the inode's lock for it. */
function mustWait({ disk }: World, process: Process, { name, args }: Call): boolean {
  if ((name !== 'append' && name !== 'truncate') || process.half) return false
  const ino = process.descriptors.get(args[0] as number)
  return ino !== undefined && disk.inode(ino).appending !== undefined
}

function mayStartNext(process: Process): boolean {
  const { program } = process.course
  const { started } = process.place.standing
  if (started >= Math.min(program.operations.length, process.mayStart)) return false
  return underWay(process) < program.overlap
}

/** The world with a process replaced. Those who wait look again once it has done something that they might see. */
export function withProcess(world: World, index: number, process: Process): World {
  const before = world.processes[index]!
  const { call } = before.place.standing
  const noticed = before.life !== process.life || (call !== undefined && NOTICED.has(call.name))
  const processes = world.processes.map((other, at) => {
    if (at === index) return process
    return noticed && !other.stirred && waitingTimers(other).length > 0 ? { ...other, stirred: true } : other
  })
  return { ...world, processes }
}

/** Calls that change what a waiting process looks at. */
const NOTICED: ReadonlySet<CallName> = new Set(['append', 'truncate', 'rename', 'unlink'])

/** What a process was answered, and the world and the process then. */
export interface Answered {
  readonly world: World
  readonly process: Process
  readonly entry: Entry
}

/** What comes of the next call of the process that has just moved, by its place and the world: played ahead. */
const ahead = new WeakMap<World, { index: number; world: World }>()

/** The world after the next call of a process, if that was played ahead. */
export function playedAhead(world: World, index: number): World | undefined {
  const known = ahead.get(world)
  return known?.index === index ? known.world : undefined
}

/**
 * Lets a process go on with what it was answered. `next`: what its next call will be answered first, if that is certain. The
 * process is then played on in one go, where it would have to be unwound at each call and played to it from its beginning.
 */
export function goOn(
  answered: Answered,
  index: number,
  next?: (world: World) => Answered | undefined,
): MaybePromise<World> {
  const { process, entry } = answered
  let now = answered
  let reached: { at: Place; world: World } | undefined
  let first: World | undefined
  const arrive = (at: Place): World => {
    if (reached?.at === at) return reached.world
    const moved = withProcess(now.world, index, { ...now.process, place: at, stirred: false })
    const world = { ...moved, history: told(moved, now.process, at) }
    if (reached) ahead.set(reached.world, { index, world })
    first ??= world
    reached = { at, world }
    return world
  }
  const atOnce: AtOnce | undefined =
    next &&
    ((at) => {
      const then = next(arrive(at))
      if (then) now = then
      return then?.entry
    })
  const place = process.course.after(process.place, entry, atOnce)
  if (!isPromise(place)) return arrive(place)
  return place.then((last) => {
    arrive(last)
    return first!
  })
}

/** The history with what began and ended between two places of a process. */
function told({ history, now }: World, { course, place: before }: Process, after: Place): History {
  const { pid, operations } = course.program
  let told = history
  for (let index = before.standing.started; index < after.standing.started; index++) {
    const ifVersion = after.standing.named.get(index)
    told = told.begin({ pid, index, operation: operations[index]!, ifVersion, beganAt: now })
  }
  for (const [index, outcome] of after.standing.outcomes) {
    if (!before.standing.outcomes.has(index)) told = told.end(pid, index, outcome, now)
  }
  return told
}

/** The same text for worlds that go on in the same way. */
export function digestOf({ disk, processes, now, history }: World): string {
  const parts = processes.map(
    ({ place, life, stirred, half, answered, descriptors }) =>
      `${place.id}${life[0]}${stirred ? '*' : ''}${half ? `h${half.written}` : ''}` +
      `${[...answered.keys()].join()}[${[...descriptors].join()}]`,
  )
  return `${parts.join(' ')}|${now}|${history.digest()}|${disk.digest()}`
}
