import { existsSync, renameSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Files } from '../../../../src/stores/file/files.ts'
import { nodeFiles } from '../../../../src/stores/file/node-files.ts'
import { systemError } from '../../../support/faulty-files.ts'
import { type Call, ERRORS, type Fault, type Made, PARTS, takesEffect } from './faults.ts'

/** More calls than any operation of a test needs: what makes them goes round in circles. */
const MOST_CALLS = 20_000

type Go = () => unknown

/** The real files with a fault in them; counts what is open. */
export class FaultyPort {
  readonly files: Files
  /** The calls that were made while it listened. */
  readonly course: Made[] = []
  /** The errors that it gave. */
  readonly given: NodeJS.ErrnoException[] = []
  /** Descriptors that the store holds. */
  readonly open = new Set<number>()
  /** Calls that were made on a descriptor that it had closed. */
  readonly misused: Call[] = []
  /** Asynchronous calls under way. */
  underWay = 0
  /** Does what another process would do, just before a call is made. */
  before: (call: Call, args: readonly unknown[]) => void = () => {}
  readonly #directory: string
  #listens = false
  #fault: Fault | undefined
  #badFrom: number | undefined

  constructor(directory: string) {
    this.#directory = directory
    const calls = Object.entries({ ...nodeFiles, ...WITHOUT_A_DEVICE }).map(([call, real]) => {
      const go = real as (...args: unknown[]) => unknown
      return [call, (...args: unknown[]) => this.#counted(call as Call, args, () => go(...args))]
    })
    this.files = Object.fromEntries(calls) as Files
  }

  /** From now on every call is written down, and fails if that is its fault. */
  listen(fault?: Fault): void {
    this.#listens = true
    this.#fault = fault
  }

  /** From now on nothing fails any more. */
  heal(): void {
    this.#listens = false
    if (existsSync(aside(this.#directory))) renameSync(aside(this.#directory), this.#directory)
  }

  /** Resolves when nothing is under way, and nothing has come of it for some turns of the event loop. */
  async quiet(): Promise<void> {
    for (let turns = 0, calls = -1; turns < 4; turns++) {
      if (this.underWay > 0 || calls !== this.course.length) turns = 0
      calls = this.course.length
      await new Promise(setImmediate)
    }
  }

  #counted(call: Call, args: readonly unknown[], real: Go): unknown {
    const [fd] = args
    if (typeof fd === 'number' && !this.open.has(fd)) this.misused.push(call)
    if (call === 'close' || call === 'release') this.open.delete(fd as number)
    if (ASYNCHRONOUS.has(call)) return this.#awaited(async () => this.#through(call, args, real))
    const answer = this.#through(call, args, real)
    if (call === 'open' || call === 'create') this.open.add(answer as number)
    return answer
  }

  async #awaited(call: () => Promise<unknown>): Promise<unknown> {
    this.underWay++
    try {
      return await call()
    } finally {
      this.underWay--
    }
  }

  #through(call: Call, args: readonly unknown[], real: Go): unknown {
    if (!this.#listens) return real()
    this.before(call, args)
    const n = this.course.push({ call, on: this.#placeOf(args) }) - 1
    if (n > MOST_CALLS) throw new Error('The store goes round in circles.')
    const fault = this.#fault
    if (!fault || n < fault.at) return real()
    if (fault.kind === 'moved') {
      if (n === fault.at) renameSync(this.#directory, aside(this.#directory))
    } else if (fault.kind === 'bad block') {
      if (n === fault.at) return this.#readTo(PARTS[fault.part], args)
      if (call === 'read' && args[3] === this.#badFrom) return this.#fail(call, 'EIO', false, real)
    } else if (fault.kind === 'short') {
      const again = call === 'append' && fault.lasting
      if (n === fault.at || (again && fault.code === undefined)) return appendPart(PARTS[fault.part], args)
      if (fault.code !== undefined && (again || this.#isNext(call))) {
        return this.#fail(call, fault.code, false, real)
      }
    } else if (n === fault.at || (fault.lasting && ERRORS[call].includes(fault.code))) {
      return this.#fail(call, fault.code, fault.effect, real)
    }
    return real()
  }

  /** What a read brings that comes to a bad block. Of nothing, none is bad. */
  #readTo(partOf: (length: number) => number, args: readonly unknown[]): number {
    const [fd, into, length, position] = args as Parameters<Files['read']>
    const whole = nodeFiles.read(fd, into, length, position)
    const read = partOf(whole)
    if (read <= 0) return whole
    this.#badFrom = position + read
    return read
  }

  /** Whether this is the append after the one that was short. */
  #isNext(call: Call): boolean {
    return call === 'append' && this.given.length === 0
  }

  #fail(call: Call, code: string, effect: boolean, real: Go): unknown {
    const error = systemError(code)
    this.given.push(error)
    if (takesEffect(call, effect)) {
      const made = real()
      if (call === 'create') nodeFiles.close(made as number)
    }
    throw error
  }

  /** A path without what differs from run to run, or the kind of what it was made on. */
  #placeOf([path]: readonly unknown[]): string {
    if (typeof path !== 'string') return 'a descriptor'
    if (!path.startsWith(this.#directory)) return path
    const name = basename(path)
    if (name.startsWith('new-')) return 'a temporary file'
    if (/^[0-9a-f]{2}$/.test(name) && !existsSync(path)) return 'a shard that is not there'
    return name.length === 62 ? `${basename(dirname(path))}/${name.slice(0, 4)}...` : name
  }
}

function appendPart(partOf: (length: number) => number, args: readonly unknown[]): number {
  const [fd, bytes] = args as [number, Uint8Array]
  return nodeFiles.append(fd, bytes.subarray(0, partOf(bytes.length)))
}

const ASYNCHRONOUS: ReadonlySet<Call> = new Set(['list', 'sync', 'syncDirectory', 'warm'])

/**
 * What a device would take its time for: without a loss of power nobody can tell whether it was done. And looking for
 * shards that don't exist takes a sweep longer than all the rest.
 */
const WITHOUT_A_DEVICE: Partial<Files> = {
  sync: () => new Promise(setImmediate),
  async syncDirectory(path) {
    if (!existsSync(path)) throw systemError('ENOENT')
    await new Promise(setImmediate)
  },
  list: async (path) => {
    if (!existsSync(path)) throw systemError('ENOENT')
    return nodeFiles.list(path)
  },
}

const aside = (directory: string): string => `${directory}.aside`
