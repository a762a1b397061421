import type { MaybePromise } from '../../../src/contract/wait.ts'
import { answerKey } from './call.ts'
import { type Entry, Execution, type Program, type Setting, type Standing } from './execution.ts'

/** A place that a process can come to: everything that happened to it so far, and where it stands then. */
export interface Place {
  /** Tells the places of one course apart. */
  readonly id: number
  readonly log: readonly Entry[]
  readonly standing: Standing
  /** Places that were found to follow. */
  readonly next: Map<string, Place>
}

/** What happens next to a process that waits in a call, if that is certain: it is then played on in one go. */
export type AtOnce = (place: Place) => Entry | undefined

/** Entries of a log: a process that never came to an end would be played on for ever. */
const MOST_IN_ONE_GO = 10_000

const courses = new WeakMap<Setting, Map<string, Course>>()

/**
 * The course of a program. In one setting the same program has the same one: what a process does is a function of what
 * it is answered, and worlds of other pairs, or audits of them, go on from places that are known.
 */
export function courseOf(program: Program, setting: Setting): Course {
  const known = courses.get(setting) ?? new Map<string, Course>()
  courses.set(setting, known)
  const name = JSON.stringify(program)
  const course = known.get(name) ?? new Course(program, setting)
  known.set(name, course)
  return course
}

/**
 * All that a program can do, as far as it was asked for. Where many schedules bring a process to the same place, it is
 * played to that place once.
 */
export class Course {
  readonly program: Program
  readonly #setting: Setting
  #places = 0
  #first: Promise<Place> | undefined
  /** The execution that has not been unwound yet, and the place that it is at. */
  #live: { execution: Execution; at: Place } | undefined

  constructor(program: Program, setting: Setting) {
    this.program = program
    this.#setting = setting
  }

  get places(): number {
    return this.#places
  }

  start(): Promise<Place> {
    this.#first ??= this.#play(undefined, [])
    return this.#first
  }

  /**
   * Where the process stands after one more entry; or, where `atOnce` says what comes then, after that. It is asked of places
   * that were not known.
   */
  after(place: Place, entry: Entry, atOnce?: AtOnce): MaybePromise<Place> {
    const known = place.next.get(entryKey(entry))
    if (known) return known
    return this.#play(place, [...place.log, entry], atOnce)
  }

  async #play(from: Place | undefined, log: readonly Entry[], atOnce?: AtOnce): Promise<Place> {
    const live = this.#live
    const goesOn = live !== undefined && live.at === from
    const execution = goesOn ? live.execution : new Execution(this.program, this.#setting)
    if (goesOn) this.#live = undefined
    let last = { from, log }
    let waiting: Place | undefined
    const standing = await execution.play(
      log,
      atOnce &&
        ((reached) => {
          waiting = this.#found(last.from, last.log, reached)
          const entry = last.log.length < MOST_IN_ONE_GO ? atOnce(waiting) : undefined
          if (entry === undefined) return undefined
          last = { from: waiting, log: [...waiting.log, entry] }
          waiting = undefined
          return last.log
        }),
    )
    const place = waiting ?? this.#found(last.from, last.log, standing)
    if (!execution.unwound) this.#live = { execution, at: place }
    return place
  }

  #found(from: Place | undefined, log: readonly Entry[], standing: Standing): Place {
    const place: Place = { id: this.#places++, log, standing, next: new Map() }
    from?.next.set(entryKey(log.at(-1)!), place)
    return place
  }
}

function entryKey(entry: Entry): string {
  const { kind, time } = entry
  switch (kind) {
    case 'start':
      return `s${time}`
    case 'fire':
      return `f${entry.id}@${time}`
    case 'complete':
      return `c${entry.id}@${time}=${answerKey(entry.answer)}`
    case 'answer':
      return `a${time}=${answerKey(entry.answer)}`
  }
}
