import type { CrewCounts } from './crew.ts'
import type { Diaries } from './diaries.ts'
import type { Verdict } from './history/check.ts'
import type { Operation } from './history/operation.ts'

/** What a run did, in numbers. Those that have a name of their own (verbs, codes) are one level down. */
export interface Counts extends CrewCounts {
  processes: number
  fullDisks: number
  /** Files that could not be opened for want of a descriptor. */
  shortages: number
  /** Writes that the system, or what plays it, cut short. */
  shortWrites: number
  folds: number
  takeOvers: number
  /** Saves and deletes that waited for a fold. */
  waits: number
  damagedLines: number
  swept: number
  sweeps: number
  listings: number
  sessions: number
  /** Changes of values that have a place in the order of their session. */
  changes: number
  /** Operations whose process was killed before the answer was heard. */
  unanswered: number
  undecided: number
  /** Temporary files found at the end, younger than a minute; a sweep removed them. */
  temporaryFiles: number
  /** Journals found at the end that their creator, or who deleted them, did not come to finish. */
  unfinishedFiles: number
  /** Operations by what they were and what became of them. */
  operations: Record<string, number>
  /** Errors by code and cause. */
  errors: Record<string, number>
  /** What the stores told `onEvent`, by type. */
  events: Record<string, number>
}

export function noCounts(): Counts {
  return {
    processes: 0,
    kills: 0,
    killsInCalls: 0,
    stops: 0,
    longStops: 0,
    contests: 0,
    fullDisks: 0,
    shortages: 0,
    shortWrites: 0,
    folds: 0,
    takeOvers: 0,
    waits: 0,
    damagedLines: 0,
    swept: 0,
    sweeps: 0,
    listings: 0,
    sessions: 0,
    changes: 0,
    unanswered: 0,
    undecided: 0,
    temporaryFiles: 0,
    unfinishedFiles: 0,
    operations: {},
    errors: {},
    events: {},
  }
}

export function addCounts(total: Counts, more: Partial<Counts>): void {
  const sums = total as unknown as Record<string, number | Record<string, number>>
  for (const [name, count] of Object.entries(more)) {
    if (typeof count === 'number') sums[name] = (sums[name] as number) + count
    else for (const [kind, n] of Object.entries(count)) addOne(sums[name] as Record<string, number>, kind, n)
  }
}

export function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}

/** What the diaries of a round and the verdict on them come to. */
export function countsOf(diaries: Diaries, { changes, undecided }: Verdict): Partial<Counts> {
  const operations: Record<string, number> = {}
  const errors: Record<string, number> = {}
  const events: Record<string, number> = {}
  let unanswered = 0
  for (const session of diaries.sessions) {
    for (const operation of session.operations) {
      addOne(operations, kindOf(operation))
      if (!operation.answer) unanswered++
      if (operation.answer?.is === 'failed') addOne(errors, errorOf(operation.answer.error))
    }
  }
  for (const { type } of diaries.events) addOne(events, type)
  const { sweeps, listings, shortages, shortWrites } = diaries
  const stats = { folds: 0, takeOvers: 0, waits: 0, damagedLines: 0, swept: 0 }
  for (const one of diaries.stats) {
    for (const name of Object.keys(stats) as (keyof typeof stats)[]) stats[name] += one[name]
  }
  const sessions = diaries.addresses.length
  const found = { sweeps, listings: listings.length, shortages, shortWrites, sessions, changes, undecided }
  return { ...found, ...stats, unanswered, operations, errors, events }
}

function kindOf({ call, answer }: Operation): string {
  const condition = call.verb === 'save' && call.ifVersion !== undefined ? ' on condition' : ''
  return `${call.verb}${condition}: ${answer?.is ?? 'unanswered'}`
}

function errorOf({ code, cause }: { code: string; cause?: string }): string {
  return cause ? `${code} (${cause})` : code
}

function addOne(counts: Record<string, number>, kind: string, n = 1): void {
  counts[kind] = (counts[kind] ?? 0) + n
}
