import type { Files } from '../../../../src/stores/file/files.ts'

export type Call = keyof Files

/** One call of the port as a scenario made it. */
export interface Made {
  call: Call
  /** What it was made for, as far as that is the same in every run. */
  on: string
}

/** What goes wrong, and at which of a scenario's calls. */
export type Fault =
  | {
      kind: 'error'
      at: number
      code: string
      /** From there on, at every call that can give this error, until the operation is over. */
      lasting: boolean
      /** The call took effect, and failed all the same. */
      effect: boolean
    }
  /** An append writes a part of its line; the next one says why, or (no `code`) goes through, or is as short. */
  | { kind: 'short'; at: number; part: Part; code?: string; lasting: boolean }
  /** A read ends early, at a block that can't be read: the next one, which begins there, fails. */
  | { kind: 'bad block'; at: number; part: Part }
  /** The whole directory has another name from there on, until the operation is over. */
  | { kind: 'moved'; at: number }

type Part = 'nothing' | 'one byte' | 'half' | 'all but one byte'

/** How many bytes of a line a short write takes, or a short read brings. */
export const PARTS: Record<Part, (length: number) => number> = {
  nothing: () => 0,
  'one byte': () => 1,
  half: (length) => length >> 1,
  'all but one byte': (length) => length - 1,
}

const DEVICE = ['EIO']
const SPACE = ['ENOSPC', 'EDQUOT']
const DESCRIPTORS = ['EMFILE', 'ENFILE']
const RIGHTS = ['EACCES', 'EPERM']
const WAY = ['EACCES', 'ENOTDIR']
const READ_ONLY = ['EROFS']

/**
 * The errors that each call of the port can give on some local file system. Missing here: ENOENT, which of one file is
 * no failure (of all of them it is the fault `moved`), and EINTR of all but a read, as libuv calls again.
 */
export const ERRORS: Record<Call, readonly string[]> = {
  open: [...DEVICE, ...DESCRIPTORS, ...RIGHTS, ...WAY, ...READ_ONLY],
  create: [...DEVICE, ...SPACE, ...DESCRIPTORS, ...RIGHTS, ...WAY, ...READ_ONLY],
  close: [...DEVICE, ...SPACE],
  release: [...DEVICE, ...SPACE],
  append: [...DEVICE, ...SPACE, ...READ_ONLY],
  // Where nothing is written in place, to say that less is in use needs space (btrfs, zfs).
  truncate: [...DEVICE, ...SPACE, ...READ_ONLY],
  read: [...DEVICE, 'EINTR'],
  status: DEVICE,
  warm: [...DEVICE, ...DESCRIPTORS, ...RIGHTS, ...WAY, ...READ_ONLY],
  pathStatus: [...DEVICE, ...WAY],
  // Taking a name away, or setting a time, needs space where nothing is written in place (btrfs, zfs).
  rename: [...DEVICE, ...SPACE, ...RIGHTS, ...WAY, ...READ_ONLY],
  unlink: [...DEVICE, ...SPACE, ...RIGHTS, ...WAY, ...READ_ONLY],
  makeDirectory: [...DEVICE, ...SPACE, ...RIGHTS, ...WAY, ...READ_ONLY],
  list: [...DEVICE, ...DESCRIPTORS, ...WAY],
  hintExpiry: [...DEVICE, ...SPACE, ...RIGHTS, ...READ_ONLY],
  claim: [...DEVICE, ...SPACE, ...RIGHTS, ...WAY, ...READ_ONLY],
  sync: [...DEVICE, ...SPACE, ...READ_ONLY],
  syncDirectory: [...DEVICE, ...SPACE, ...DESCRIPTORS, ...WAY],
}

/** Given by the same calls as another one: lasting, it would be met where that one is. */
const TWINS: ReadonlySet<string> = new Set(['EDQUOT', 'ENFILE'])

/** Calls that change something, so that a failure may hide that they did. The system frees a descriptor in any case. */
const MAY_TAKE_EFFECT: ReadonlySet<Call> = new Set([
  'append',
  'truncate',
  'create',
  'rename',
  'unlink',
  'makeDirectory',
])
const ALWAYS_TAKES_EFFECT: ReadonlySet<Call> = new Set(['close', 'release'])
/** What a device says after it has carried something out, other than what is refused before. */
const AFTERWARDS: ReadonlySet<string> = new Set(['EIO', 'ENOSPC', 'EDQUOT'])

/** Every fault that the calls of a scenario can meet, where it differs from another one. */
export function faultsOf(course: readonly Made[], { from }: { from?: readonly Call[] }): Fault[] {
  const first = from ? course.findIndex(({ call }) => from.includes(call)) : 0
  const places = first === -1 ? [] : placesOf(course).filter((at) => at >= first)
  return places.flatMap((at) => faultsAt(course[at]!.call, at))
}

function faultsAt(call: Call, at: number): Fault[] {
  const faults: Fault[] = [{ kind: 'moved', at }]
  for (const code of new Set(ERRORS[call])) {
    for (const effect of effectsOf(call, code)) {
      for (const lasting of TWINS.has(code) ? [false] : [false, true])
        faults.push({ kind: 'error', at, code, lasting, effect })
    }
  }
  if (call === 'read') {
    for (const part of ['one byte', 'half', 'all but one byte'] as const)
      faults.push({ kind: 'bad block', at, part })
  }
  if (call !== 'append') return faults
  for (const part of Object.keys(PARTS) as Part[]) {
    for (const lasting of [false, true]) {
      faults.push({ kind: 'short', at, part, lasting }, { kind: 'short', at, part, lasting, code: 'ENOSPC' })
    }
  }
  return faults
}

/** Whether a call that fails does what it should all the same, where a fault has it that those do that can. */
export function takesEffect(call: Call, ifItCan: boolean): boolean {
  return ALWAYS_TAKES_EFFECT.has(call) || (ifItCan && MAY_TAKE_EFFECT.has(call))
}

function effectsOf(call: Call, code: string): boolean[] {
  if (ALWAYS_TAKES_EFFECT.has(call)) return [true]
  return MAY_TAKE_EFFECT.has(call) && AFTERWARDS.has(code) ? [false, true] : [false]
}

/** The places of a course without those that repeat others, as where somebody waits. */
function placesOf(course: readonly Made[]): number[] {
  const alike = new Map<string, number[]>()
  course.forEach(({ call, on }, at) => {
    const kind = `${call} ${on}`
    alike.set(kind, [...(alike.get(kind) ?? []), at])
  })
  return [...alike.values()]
    .flatMap((places) => (places.length <= 8 ? places : [places[0]!, places.at(-1)!]))
    .sort((a, b) => a - b)
}

/** A fault in words, for the message of a test that failed. */
export function describeFault(fault: Fault, course: readonly Made[]): string {
  const { call, on } = course[fault.at]!
  const where = `call ${fault.at + 1} of ${course.length}, ${call}(${on})`
  if (fault.kind === 'moved') return `${where}: the whole directory is gone from there on`
  if (fault.kind === 'bad block') return `${where}: brings ${fault.part}, then EIO`
  const howLong = fault.lasting ? 'and from there on' : 'once'
  if (fault.kind === 'short')
    return `${where}: writes ${fault.part}, then ${fault.code ?? 'goes on'}, ${howLong}`
  return `${where}: ${fault.code}, ${howLong}, ${fault.effect ? 'although it took effect' : 'without effect'}`
}
