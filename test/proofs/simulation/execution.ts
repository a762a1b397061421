import { setImmediate as whenIdle } from 'node:timers/promises'
import { isPromise, type MaybePromise } from '../../../src/contract/wait.ts'
import type { FileStore, FileStoreStats, System } from '../../../src/stores/file/file-store.ts'
import type { Files } from '../../../src/stores/file/files.ts'
import type { Ground } from '../../../src/stores/file/ground.ts'
import type { Holders } from '../../../src/stores/file/holder.ts'
import type { FileStoreOptions } from '../../../src/stores/file/options.ts'
import { type Answer, type Call, type CallName, systemError } from './call.ts'
import { failed, ifVersionOf, Memory, type Operation, type Outcome, perform, remember } from './operation.ts'

/** Opens a store over a simulated system: the one that ships, or one with a fault planted in it. */
export type OpenStore = (root: string, options: FileStoreOptions, system: System) => FileStore

/** What a process does. */
export interface Program {
  /** Numbers the process: it is its pid. */
  readonly pid: number
  readonly operations: readonly Operation[]
  readonly options: FileStoreOptions
  /** Operations that may be under way at the same time, as requests are in one server. */
  readonly overlap: number
}

/** What is the same for all processes of a simulation. */
export interface Setting {
  readonly root: string
  readonly open: OpenStore
  readonly foldBytes: number
  readonly shards: readonly string[]
  /** Whether time may pass between a call and a look at the clock: then the look is a call of its own. */
  readonly fineClock: boolean
  /** Whether the disk remembers what has been synced. */
  readonly losesPower: boolean
}

/** What happens to a process, in order. It is a function of this: played again, it does the same. */
export type Entry =
  /** The call that it waits in returns. */
  | { readonly kind: 'answer'; readonly answer: Answer; readonly time: number }
  /** Its event loop is free, and it begins its next operation. */
  | { readonly kind: 'start'; readonly time: number }
  /** The thread pool has carried out a call. */
  | { readonly kind: 'complete'; readonly id: number; readonly answer: Answer; readonly time: number }
  | { readonly kind: 'fire'; readonly id: number; readonly time: number }

/** Where a process stands. */
export interface Standing {
  /** The call that it waits in; undefined: its event loop is free. */
  readonly call: Call | undefined
  /** Calls that the thread pool has. */
  readonly pooled: readonly { id: number; call: Call }[]
  readonly timers: readonly Timer[]
  /** Operations begun so far. */
  readonly started: number
  /** Of each operation that is over. */
  readonly outcomes: ReadonlyMap<number, Outcome>
  /** The version that a conditional save named. */
  readonly named: ReadonlyMap<number, number | undefined>
  readonly stats: FileStoreStats
  /** Types of the events that the store reported. */
  readonly reported: readonly string[]
}

export interface Timer {
  readonly id: number
  readonly due: number
  /** Somebody waits for it; else it is for later, and keeps no process alive. */
  readonly awaited: boolean
}

/** What has happened when the call is answered that a process waits in; `undefined`: it is not answered at once. */
export type AnsweredAtOnce = (standing: Standing) => readonly Entry[] | undefined

const NOTHING_DONE: FileStoreStats = { folds: 0, takeOvers: 0, waits: 0, damagedLines: 0, swept: 0, open: 0 }

/** Unwinds a process that is to be stopped in the middle of a call. What it does from then on has no effect. */
const UNWIND = new Error('The simulation stopped this process here.')

/**
 * One run of a process from its beginning. Synchronous code can't be stopped, but it can be unwound and played again
 * up to the same place: what it was answered is recorded, and it does nothing that these answers don't decide.
 */
export class Execution {
  readonly #program: Program
  readonly #setting: Setting
  readonly #memory = new Memory()
  #store: FileStore | undefined
  #isOpen = false
  #log: readonly Entry[] = []
  #cursor = 0
  #answeredAtOnce: AnsweredAtOnce | undefined
  #failure: { error: unknown } | undefined
  #time = 0
  #parked: Call | undefined
  #ids = 0
  #chances = 0
  #started = 0
  readonly #underWay = new Set<number>()
  readonly #outcomes = new Map<number, Outcome>()
  readonly #named = new Map<number, number | undefined>()
  readonly #pooled = new Map<
    number,
    { call: Call; resolve: (v: unknown) => void; reject: (e: unknown) => void }
  >()
  readonly #timers = new Map<number, Timer & { call: () => void }>()
  readonly #reported: string[] = []

  constructor(program: Program, setting: Setting) {
    this.#program = program
    this.#setting = setting
    const first = program.operations[0]?.verb
    if (first !== 'start' && first !== 'clean') this.#start()
  }

  #start(): void {
    if (this.#isOpen) return
    const { root, open } = this.#setting
    const onEvent = (event: { type: string }): void => void this.#reported.push(event.type)
    this.#store = open(root, { sweepEvery: 0, ...this.#program.options, onEvent }, this.#system())
    this.#isOpen = true
  }

  /** Of what others remove first, or fill, nothing is to be done. */
  #clean(): void {
    const { root } = this.#setting
    for (const name of this.#call('listNow', root) as string[]) {
      try {
        this.#call(name.length === 2 ? 'removeDirectory' : 'unlink', `${root}/${name}`)
      } catch (error) {
        if (!['ENOENT', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
      }
    }
  }

  /** Whether it can go on; one that was unwound has to be played again. */
  get unwound(): boolean {
    return this.#parked !== undefined
  }

  /** Plays on to the end of the log, of which it knows the beginning already, and of what then is answered at once. */
  async play(log: readonly Entry[], answeredAtOnce?: AnsweredAtOnce): Promise<Standing> {
    this.#log = log
    this.#answeredAtOnce = answeredAtOnce
    while (this.#cursor < this.#log.length && !this.unwound) {
      const entry = this.#log[this.#cursor++]!
      this.#time = entry.time
      this.#deliver(entry)
      // What waits for a promise goes on now; the rest has come to its end by itself.
      if (this.#underWay.size > 0 || entry.kind !== 'start') await whenIdle()
    }
    // The store would take it for an error of its system.
    if (this.#failure) throw this.#failure.error
    return this.#standing()
  }

  #deliver(entry: Entry): void {
    switch (entry.kind) {
      case 'start':
        this.#begin(this.#started++)
        return
      case 'complete': {
        const { resolve, reject } = this.#pooled.get(entry.id)!
        this.#pooled.delete(entry.id)
        if ('error' in entry.answer) reject(systemError(entry.answer.error))
        else resolve(entry.answer.value)
        return
      }
      case 'fire': {
        const { call } = this.#timers.get(entry.id)!
        this.#timers.delete(entry.id)
        call()
        return
      }
      case 'answer':
        throw new Error('An answer without a call: the process did not do again what it did before.')
    }
  }

  #begin(index: number): void {
    const operation = this.#program.operations[index]!
    this.#named.set(index, ifVersionOf(operation, this.#memory))
    const over = (outcome: Outcome): void => {
      if (this.unwound) return
      this.#underWay.delete(index)
      this.#outcomes.set(index, outcome)
      if ('value' in outcome) remember(this.#memory, operation, outcome.value)
    }
    try {
      const answer = this.#perform(operation)
      if (isPromise(answer)) {
        this.#underWay.add(index)
        answer.then(
          (value) => over({ value }),
          (error: unknown) => over(failed(error)),
        )
      } else over({ value: answer })
    } catch (error) {
      over(failed(error))
    }
  }

  #perform(operation: Operation): MaybePromise<unknown> {
    if (operation.verb === 'start') return this.#start()
    if (operation.verb === 'clean') return this.#clean()
    if (operation.verb === 'close' && !this.#isOpen) return undefined
    if (operation.verb === 'close') this.#isOpen = false
    if (!this.#store) throw new Error('There is no store: the start has failed.')
    return perform(this.#store, operation, this.#memory)
  }

  #standing(): Standing {
    const { call: _, ...none } = { call: 0 }
    return {
      ...none,
      call: this.#parked,
      pooled: [...this.#pooled].map(([id, { call }]) => ({ id, call })),
      timers: [...this.#timers.values()].map(({ id, due, awaited }) => ({ id, due, awaited })),
      started: this.#started,
      outcomes: new Map(this.#outcomes),
      named: new Map(this.#named),
      stats: this.#store?.stats ?? NOTHING_DONE,
      reported: [...this.#reported],
    }
  }

  /** A synchronous call: its recorded answer, or the end of what is known. */
  #call(name: CallName, ...args: readonly unknown[]): unknown {
    if (this.unwound) throw UNWIND
    const entry = this.#log[this.#cursor] ?? this.#answered({ name, args })
    if (!entry) throw UNWIND
    if (entry.kind !== 'answer')
      throw new Error(`${name} has no answer: the process did something else before.`)
    this.#cursor++
    this.#time = entry.time
    if ('error' in entry.answer) throw systemError(entry.answer.error)
    return entry.answer.value
  }

  /** The answer to a call beyond the end of the log, if it comes at once: that spares to be unwound and played again. */
  #answered(call: Call): Entry | undefined {
    this.#parked = call
    try {
      const log = this.#answeredAtOnce?.(this.#standing())
      if (!log) return undefined
      this.#log = log
    } catch (error) {
      this.#failure = { error }
      return undefined
    }
    this.#parked = undefined
    return this.#log[this.#cursor]
  }

  #pool<T>(name: CallName, ...args: readonly unknown[]): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.unwound) return // and it never settles
      this.#pooled.set(this.#ids++, {
        call: { name, args },
        resolve: resolve as (v: unknown) => void,
        reject,
      })
    })
  }

  #timer(ms: number, awaited: boolean, call: () => void): () => void {
    const id = this.#ids++
    if (!this.unwound) this.#timers.set(id, { id, due: this.#time + ms, awaited, call })
    return () => void this.#timers.delete(id)
  }

  #system(): System {
    const { pid } = this.#program
    const { foldBytes, fineClock, shards } = this.#setting
    return {
      files: this.#files(),
      ground: this.#ground(),
      clock: {
        now: () => (fineClock ? (this.#call('now') as number) : this.#time),
        monotonic: () => this.#time,
        pause: (ms) => new Promise((resolve) => this.#timer(ms, true, resolve)),
        later: (ms, call) => this.#timer(ms, false, call),
      },
      holders: (store): Holders => ({
        self: { pid, thread: pid, started: 'then', boot: 'here', space: 'here', store },
        status: (holder) =>
          holder.store === store
            ? 'self'
            : (this.#call('holderStatus', holder.pid) as ReturnType<Holders['status']>),
        retire: () => void this.#call('retire'),
      }),
      chance: {
        bytes: (count) => Buffer.alloc(count, `${pid}#${this.#chances++};`),
        fraction: () => 0,
      },
      foldBytes,
      shards,
    }
  }

  /** What makes a call and waits for its answer. */
  #calling(name: CallName): (...args: readonly unknown[]) => never {
    return (...args) => this.#call(name, ...args) as never
  }

  #ground(): Ground {
    return {
      realPath: this.#calling('realPath'),
      readNow: this.#calling('readNow'),
      listNow: this.#calling('listNow'),
      syncNow: this.#calling('syncNow'),
      syncDirectoryNow: this.#calling('syncDirectoryNow'),
      ancestors: () => [],
      fileSystem: this.#calling('fileSystem'),
    }
  }

  #files(): Files {
    const call = (name: CallName) => this.#calling(name)
    return {
      open: call('open'),
      create: call('create'),
      close: call('close'),
      release: call('release'),
      append: call('append'),
      truncate: call('truncate'),
      read: (fd, into, length, position) => {
        const bytes = this.#call('read', fd, length, position) as Buffer
        into.set(bytes)
        return bytes.length
      },
      status: call('status'),
      warm: (path) => this.#pool('warm', path),
      pathStatus: call('pathStatus'),
      rename: call('rename'),
      unlink: call('unlink'),
      makeDirectory: call('makeDirectory'),
      list: (path) => this.#pool('list', path),
      hintExpiry: call('hintExpiry'),
      claim: call('claim'),
      sync: (fd) => this.#pool('sync', fd),
      syncDirectory: (path) => this.#pool('syncDirectory', path),
    }
  }
}
