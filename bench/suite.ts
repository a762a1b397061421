import type { Machine } from './measure/machine.ts'
import type { Spread } from './measure/statistics.ts'

/** One subject of the bench, measured in one go: `npm run bench -- <name>`. */
export interface Suite {
  name: string
  /** What it shows, in a few words. */
  title: string
  run(context: SuiteContext): Promise<Measured>
}

export interface SuiteContext {
  /** A few seconds instead of as long as it takes. */
  quick: boolean
  /** Of a suite that compares what has names: those alone. */
  only: readonly string[] | undefined
  /** An empty folder on the disk of the repository; removed at the end. */
  directory: string
  /** A folder that stays, for what takes long to make: a suite that was stopped goes on from there. */
  kept: string
  /** Moves the progress bar. `doing`: a few words. */
  progress(done: number, total: number, doing: string): void
}

/** What a suite has found out. */
export interface Measured {
  rows?: Row[]
  series?: Series[]
  targets?: Target[]
  /** What a reader has to know to understand the figures, a sentence each. */
  notes?: string[]
  /** What was not measured here, and what it needs. */
  skipped?: string[]
  /** Versions of what was measured beside untorn: servers, languages, packages. */
  versions?: Record<string, string>
}

/** A figure, by the medians and spread of its samples. */
export interface Row {
  group: string
  name: string
  unit: Unit
  value: Spread
  /** How many times another row's, sample by sample. `to`: that row's name. */
  ratio?: { to: string; value: Spread }
}

export type Unit =
  | 'us'
  | 'ms'
  | 's'
  | 'MiB'
  | 'bytes'
  | 'requests/s'
  | 'operations/s'
  | 'files'
  | 'count'
  | '%'

/** Lines over one axis: how something grows, or stays. */
export interface Series {
  name: string
  title: string
  x: Axis
  y: Axis
  lines: { name: string; points: [x: number, y: number][] }[]
}

export interface Axis {
  label: string
  scale?: 'linear' | 'log'
}

/** What a figure has to be; one that is missed is printed, and fails nothing. */
export interface Target {
  what: string
  limit: 'at most' | 'at least'
  bound: number
  value: number
  /** Of both; missing: a ratio. */
  unit?: Unit
}

export function isMet({ limit, bound, value }: Target): boolean {
  return limit === 'at most' ? value <= bound : value >= bound
}

/** {@link Measured}, with where and when; what `--json` writes for each suite. */
export interface SuiteResult extends Measured {
  suite: string
  title: string
  /** Less time was taken: not for publication. */
  quick: boolean
  seconds: number
  machine: Machine
}
