import type { MaybePromise } from '../../../src/contract/wait.ts'
import type { Answer, Call, CallName } from './call.ts'
import { Disk } from './disk.ts'
import type { Entry } from './execution.ts'
import { afterDeath, carryOut } from './system.ts'
import {
  type Answered,
  goOn,
  isDone,
  type Process,
  playedAhead,
  type Step,
  stepsOf,
  type World,
  waitingTimers,
  withProcess,
} from './world.ts'

/** One decision of the scheduler. */
export type Choice =
  | { readonly kind: 'step'; readonly process: number; readonly step: Step }
  /** Half of an append becomes visible to readers before the rest: so many bytes. */
  | { readonly kind: 'half'; readonly process: number; readonly bytes: number }
  /** A call fails, having done nothing, or all the same having done what it was to do. */
  | {
      readonly kind: 'fail'
      readonly process: number
      readonly step: Step
      readonly code: string
      readonly done: boolean
    }
  /** An append takes so many bytes and no more. */
  | { readonly kind: 'short'; readonly process: number; readonly bytes: number }
  | { readonly kind: 'kill'; readonly process: number }
  | { readonly kind: 'stop' | 'continue'; readonly process: number }
  | { readonly kind: 'time'; readonly to: number }

/** What every process could do next, and the passing of time where all that is left is waiting. */
export function ordinaryChoices(world: World): Choice[] {
  const choices: Choice[] = []
  for (const [process, it] of world.processes.entries()) {
    for (const step of stepsOf(world, it)) choices.push({ kind: 'step', process, step })
  }
  return choices.length > 0 ? choices : passingTime(world)
}

/** Nobody can do anything but wait: the process that waits for the shortest time looks again. */
function passingTime(world: World): Choice[] {
  if (world.processes.every(isDone)) return []
  const waiting = world.processes.flatMap((process, index) =>
    waitingTimers(process)
      .slice(0, 1)
      .map(({ due }) => ({ index, due })),
  )
  const first = Math.min(...waiting.map(({ due }) => due))
  if (!Number.isFinite(first)) return []
  if (first > world.now) return [{ kind: 'time', to: first }]
  return waiting
    .filter(({ due }) => due <= world.now)
    .map(({ index }) => {
      const { id } = waitingTimers(world.processes[index]!)[0]!
      return { kind: 'step', process: index, step: { kind: 'fire', id } }
    })
}

/**
 * The world after a choice. `next`: what is certain to be chosen first from the world that it gives, and so on; calls of the
 * same process are then played ahead.
 */
export function choose(
  world: World,
  choice: Choice,
  next?: (world: World) => Choice | undefined,
): MaybePromise<World> {
  if (choice.kind === 'time') return { ...world, now: choice.to, history: world.history.at(choice.to) }
  const process = world.processes[choice.process]!
  switch (choice.kind) {
    case 'step':
      return step(world, choice, process, next)
    case 'half':
      return half(world, choice.process, process, choice.bytes)
    case 'short':
      return short(world, choice.process, process, choice.bytes)
    case 'fail':
      return fail(world, choice.process, process, choice)
    case 'kill':
      return kill(world, choice.process, process)
    case 'stop':
      return withProcess(world, choice.process, { ...process, life: 'stopped' })
    case 'continue':
      return withProcess(world, choice.process, { ...process, life: 'runs' })
  }
}

/** Calls that leave the disk as it is. */
const READING: ReadonlySet<CallName> = new Set([
  'read',
  'status',
  'pathStatus',
  'realPath',
  'readNow',
  'listNow',
  'fileSystem',
  'now',
  'holderStatus',
])

/** The call that a step carries out, if it does. */
export function callOf({ place: { standing } }: Process, step: Step): Call | undefined {
  if (step.kind === 'call') return standing.call
  if (step.kind === 'pool') return standing.pooled.find(({ id }) => id === step.id)!.call
  return undefined
}

function step(
  world: World,
  { process: index, step: taken }: Extract<Choice, { kind: 'step' }>,
  process: Process,
  next?: (world: World) => Choice | undefined,
): MaybePromise<World> {
  const time = world.now
  const ahead = next && ((now: World) => calledBy(now, index, next(now)))
  switch (taken.kind) {
    case 'call':
      if (process.half) return secondHalf(world, index, process)
      return playedAhead(world, index) ?? goOn(called(world, process), index, ahead)
    case 'pool': {
      const carried = carryOut(world, new Disk(world.disk), process, callOf(process, taken)!)
      return answered({ ...world, disk: carried.disk }, index, carried.process, taken.id, carried.answer)
    }
    case 'complete': {
      const waiting = new Map(process.answered)
      const answer = waiting.get(taken.id)!
      waiting.delete(taken.id)
      const entry: Entry = { kind: 'complete', id: taken.id, answer, time }
      return goOn({ world, process: { ...process, answered: waiting }, entry }, index, ahead)
    }
    case 'start':
      return goOn({ world, process, entry: { kind: 'start', time } }, index, ahead)
    case 'fire':
      return goOn({ world, process, entry: { kind: 'fire', id: taken.id, time } }, index, ahead)
  }
}

/** The call that a process waits in is carried out. */
function called(world: World, process: Process): Answered {
  const call = process.place.standing.call!
  const disk = READING.has(call.name) ? world.disk : new Disk(world.disk)
  const carried = carryOut(world, disk, process, call)
  const entry: Entry = { kind: 'answer', answer: carried.answer, time: world.now }
  return { world: { ...world, disk: carried.disk }, process: carried.process, entry }
}

function calledBy(world: World, index: number, choice: Choice | undefined): Answered | undefined {
  const process = world.processes[index]!
  if (choice?.kind !== 'step' || choice.process !== index || choice.step.kind !== 'call') return undefined
  return process.half ? undefined : called(world, process)
}

function answered(world: World, index: number, process: Process, id: number, answer: Answer): World {
  return withProcess(world, index, { ...process, answered: new Map(process.answered).set(id, answer) })
}

function half(world: World, index: number, process: Process, bytes: number): World {
  const disk = new Disk(world.disk)
  const { name, args } = process.place.standing.call!
  const written = carryOut(world, disk, process, { name, args: [args[0], beginning(args[1], bytes)] })
  const ino = process.descriptors.get(args[0] as number)!
  disk.lock(ino, process.course.program.pid)
  return withProcess({ ...world, disk: written.disk }, index, { ...process, half: { ino, written: bytes } })
}

function secondHalf(world: World, index: number, process: Process): MaybePromise<World> {
  const disk = new Disk(world.disk)
  const { args } = process.place.standing.call!
  const { half: begun, ...rest } = process
  const bytes = args[1] as Uint8Array
  disk.lock(begun!.ino, undefined)
  disk.append(begun!.ino, bytes.subarray(begun!.written), world.now)
  const answer: Answer = { value: bytes.length }
  const entry: Entry = { kind: 'answer', answer, time: world.now }
  return goOn({ world: { ...world, disk }, process: rest, entry }, index)
}

function short(world: World, index: number, process: Process, bytes: number): MaybePromise<World> {
  const { name, args } = process.place.standing.call!
  const call: Call = { name, args: [args[0], beginning(args[1], bytes)] }
  const { disk, answer } = carryOut(world, new Disk(world.disk), process, call)
  const entry: Entry = { kind: 'answer', answer, time: world.now }
  return goOn({ world: { ...world, disk }, process, entry }, index)
}

function fail(
  world: World,
  index: number,
  process: Process,
  { step: taken, code, done }: Extract<Choice, { kind: 'fail' }>,
): MaybePromise<World> {
  const call = callOf(process, taken)!
  const carried = done ? carryOut(world, new Disk(world.disk), process, call) : { disk: world.disk, process }
  const answer: Answer = { error: code }
  let after: World = { ...world, disk: carried.disk }
  const ino = process.descriptors.get(call.args[0] as number)
  if ((call.name === 'sync' || call.name === 'syncNow') && ino !== undefined)
    after = withFailedSync(after, index, ino)
  if (taken.kind === 'pool') return answered(after, index, carried.process, taken.id, answer)
  const entry: Entry = { kind: 'answer', answer, time: world.now }
  return goOn({ world: after, process: carried.process, entry }, index)
}

/** What was to be written is forgotten; the others who have the file open will be told too. */
function withFailedSync(world: World, index: number, ino: number): World {
  const disk = new Disk(world.disk)
  disk.failSync(ino)
  const processes = world.processes.map((it, at): Process => {
    if (at === index || ![...it.descriptors.values()].includes(ino)) return it
    return { ...it, unsynced: new Set(it.unsynced).add(ino) }
  })
  return { ...world, disk, processes }
}

function kill(world: World, index: number, process: Process): World {
  const disk = new Disk(world.disk)
  afterDeath(disk, process)
  const { half: _, ...rest } = process
  const dead: Process = { ...rest, life: 'killed', descriptors: new Map(), answered: new Map() }
  const history = world.history.cut(process.course.program.pid, world.now)
  return { ...withProcess({ ...world, disk }, index, dead), history }
}

const beginning = (bytes: unknown, length: number): Uint8Array => (bytes as Uint8Array).subarray(0, length)
