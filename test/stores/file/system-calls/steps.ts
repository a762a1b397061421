import { relative } from 'node:path'
import { bytesOf, type Call, descriptorPath, isQuoted, type Moment } from './calls.ts'
import { noteIn } from './notes.ts'
import type { Trace } from './trace.ts'

/** What a process did between asking for a step and its answer, or that of a later step; the start is a step too. */
export function momentsOf({ moments }: Trace, step: string, last = step): Moment[] {
  const notes = moments.map(({ phase, call }) => (phase === 'starts' ? noteIn(call) : undefined))
  const asked = notes.findIndex((note) => note?.note === 'asks' && note.step === step)
  const answered = notes.findIndex((note) => note?.note === 'answers' && note.step === last)
  if (answered === -1 || (asked === -1 && step !== 'start'))
    throw new Error(`The trace has no step "${step}".`)
  return moments.slice(asked + 1, answered).filter(({ call }) => noteIn(call) === undefined)
}

/** The calls on the store's directory and its parents that succeeded in a step, in the order in which they returned. */
export function callsOf(trace: Trace, step: string, last = step): string[] {
  const moments = momentsOf(trace, step, last)
  const returned = moments.filter(({ phase, call }) => phase === 'returns' && (call.result ?? -1) >= 0)
  return returned.flatMap(({ call }) => describeCall(call, trace) ?? [])
}

/**
 * The names of all calls of a step that were traced, in the order in which they began; none that only get memory, and
 * none by which the threads of Node.js wake each other.
 */
export function allCallsOf(trace: Trace, step: string): string[] {
  const begun = momentsOf(trace, step).filter(({ phase }) => phase === 'starts')
  const calls = begun.map(({ call }) => call)
  return calls.filter((call) => !onlyGetsMemory(call) && !wakesThread(call)).map(plainName)
}

const onlyGetsMemory = ({ name, args }: Call): boolean => name === 'mmap' && args[4] === '-1'
const wakesThread = ({ name, args }: Call): boolean =>
  name === 'write' && args[0]?.includes('anon_inode:[eventfd]') === true

/** Those of {@link callsOf} that change or sync something. */
export function changesOf(trace: Trace, step: string, last = step): string[] {
  return callsOf(trace, step, last).filter((call) =>
    /^(mkdir|write|rename|unlink|fsync|fdatasync) /.test(call),
  )
}

/** A call in words, by what its path is to the store: `fsync shard`. Nothing for files of others. */
export function describeCall(call: Call, trace: Trace): string | undefined {
  const paths = call.args.filter(isQuoted).map((argument) => String(bytesOf(argument)))
  const path = descriptorPath(call.args[0])
  // A descriptor that is AT_FDCWD leads nowhere: the path stands beside it.
  const places = (path ? [path] : paths.filter((each) => each.startsWith('/'))).map((each) =>
    place(each, trace),
  )
  if (places.length === 0 || places.includes(undefined)) return undefined
  const kind = call.name === 'write' ? /"kind":"(\w+)"/.exec(String(bytesOf(call.args[1]!)))?.[1] : undefined
  return [plainName(call), places.join(' > '), ...(kind ? [`(${kind})`] : [])].join(' ')
}

/** One name for a call, however a machine's C library asks for it. */
function plainName({ name, args }: Call): string {
  if (/^(statx|[fl]?stat|newfstatat)$/.test(name)) return /^\d/.test(args[0] ?? '') ? 'fstat' : 'stat'
  return name.replace(/(?<=mkdir|rename|unlink|open)at2?$/, '').replace(/^(p)?(read|write)64$/, '$1$2')
}

const PLACES: [RegExp, string][] = [
  [/^$/, 'directory'],
  [/^[0-9a-f]{2}$/, 'shard'],
  [/^[0-9a-f]{2}\/[0-9a-f]{62}$/, 'session'],
  [/^[0-9a-f]{2}\/new-[0-9a-f]{24}$/, 'new-file'],
  [/^untorn\.json$/, 'manifest'],
  [/^untorn\.json\./, 'draft'],
  [/^(\.\.\/?)+$/, 'parent'],
]

function place(path: string, { root }: Trace): string | undefined {
  const below = relative(root, path)
  return PLACES.find(([form]) => form.test(below))?.[1]
}
