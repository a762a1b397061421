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

  /** Where the process stands after one more entry. */
  after(place: Place, entry: Entry): MaybePromise<Place> {
    const key = entryKey(entry)
    return place.next.get(key) ?? this.#discover(place, key, entry)
  }

  async #discover(place: Place, key: string, entry: Entry): Promise<Place> {
    const found = await this.#play(place, [...place.log, entry])
    place.next.set(key, found)
    return found
  }

  async #play(from: Place | undefined, log: readonly Entry[]): Promise<Place> {
    const live = this.#live
    const goesOn = live !== undefined && live.at === from
    const execution = goesOn ? live.execution : new Execution(this.program, this.#setting)
    const standing = await execution.play(log)
    const place: Place = { id: this.#places++, log, standing, next: new Map() }
    if (!execution.unwound) this.#live = { execution, at: place }
    else if (goesOn) this.#live = undefined
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
