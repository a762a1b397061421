import type { Call } from './call.ts'
import { type Choice, callOf, choose } from './choice.ts'
import { Disk } from './disk.ts'
import type { Happened } from './history.ts'
import { answerText } from './linearise.ts'
import { carryOut } from './system.ts'
import type { Process, World } from './world.ts'

/** A schedule as a person can follow it: a line for each thing that happened, with what the operations answered. */
export async function inWords(start: World, choices: readonly Choice[]): Promise<string> {
  const lines: string[] = []
  let world = start
  for (const choice of choices) {
    lines.push(`${String(lines.length + 1).padStart(4)}  ${choiceText(world, choice)}`)
    const next = await choose(world, choice)
    lines.push(...answersBetween(world, next))
    world = next
  }
  return lines.join('\n')
}

function choiceText(world: World, choice: Choice): string {
  if (choice.kind === 'time') {
    const later = choice.to - world.now
    return `The time is ${choice.to} (${later < 0 ? `set back by ${-later} ms` : `${later} ms later`}).`
  }
  const process = world.processes[choice.process]!
  const who = `Process ${process.course.program.pid}`
  switch (choice.kind) {
    case 'step':
      return `${who} ${stepText(world, process, choice.step)}`
    case 'half':
      return `${who} appends, of which ${choice.bytes} bytes can be seen so far`
    case 'short':
      return `${who} appends: the system takes ${choice.bytes} bytes and no more`
    case 'fail':
      return `${who} ${callText(callOf(process, choice.step)!)}: ${choice.code}${choice.done ? ', though it is done' : ''}`
    case 'kill':
      return `${who} is killed`
    case 'stop':
      return `${who} is stopped`
    case 'continue':
      return `${who} goes on`
  }
}

function stepText(world: World, process: Process, step: Extract<Choice, { kind: 'step' }>['step']): string {
  const { standing } = process.place
  switch (step.kind) {
    case 'call':
      return `${callText(standing.call!)}${answerOf(world, process, standing.call!)}`
    case 'pool':
      return `(its thread pool) ${callText(callOf(process, step)!)}`
    case 'complete':
      return 'takes the answer of its thread pool'
    case 'fire':
      return 'has waited, and looks again'
    case 'start':
      return `begins: ${operationText(process)}`
  }
}

function operationText({ course, place }: Process): string {
  const { verb, ...rest } = course.program.operations[place.standing.started]!
  return `${verb} ${shortened(rest)}`
}

function callText({ name, args }: Call): string {
  const shown = args.map((arg) => {
    if (arg instanceof Uint8Array) return `"${shorten(Buffer.from(arg).toString().trim().slice(8))}"`
    return typeof arg === 'string' ? shorten(arg.split('/').slice(-2).join('/')) : String(arg)
  })
  return `${name}(${shown.join(', ')})`
}

/** What a call that is about to be made will answer. */
function answerOf(world: World, process: Process, call: Call): string {
  if (process.half) return ': the rest of it'
  const { answer } = carryOut(world, new Disk(world.disk), process, call)
  if ('error' in answer) return `: ${answer.error}`
  const { value } = answer
  if (value === undefined) return ''
  if (Buffer.isBuffer(value)) return `: ${value.length} bytes`
  if (typeof value !== 'object') return `: ${value}`
  const { size, nlink, ino } = value as Record<string, number>
  return size === undefined ? '' : `: ${size} bytes, ${nlink} names, file ${ino}`
}

function answersBetween(before: World, after: World): string[] {
  const known = new Set(before.history.all.filter(({ ended }) => ended !== undefined).map(idOf))
  const over = after.history.all.filter((one) => one.ended !== undefined && !known.has(idOf(one)))
  return over.map((one) => `      -> ${happenedText(one)}`)
}

const idOf = ({ pid, index }: Happened): string => `${pid}.${index}`

/** An operation with its answer. */
export function happenedText({ pid, operation, ifVersion, outcome, cut }: Happened): string {
  const named = ifVersion === undefined ? '' : ` if version ${ifVersion}`
  const answer = cut ? 'no answer' : outcome === undefined ? 'not over' : outcomeText(outcome)
  return `process ${pid}, ${operation.verb}${named}: ${answer}`
}

function outcomeText(outcome: NonNullable<Happened['outcome']>): string {
  return 'error' in outcome
    ? `${outcome.error} (${outcome.cause ?? outcome.message})`
    : shorten(answerText(outcome.value))
}

const shortened = (value: object): string => shorten(JSON.stringify(value))

const shorten = (text: string): string =>
  text.length <= 100 ? text : `${text.slice(0, 70)}...${text.slice(-20)}`
