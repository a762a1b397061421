import type { ThrowAwayServer } from '../../../test/support/servers/throw-away.ts'
import type { Duration } from '../../measure/alternate.ts'
import type { Operation } from '../../measure/rounds.ts'
import type { Measured, SuiteContext } from '../../suite.ts'

export interface Plan {
  /** Of loads and saves, for each server. */
  calls: Duration
  /** Sessions that these are of. */
  called: number
  /** Of the calls between two looks at the clock. */
  batches: 'whole' | 'short'
  /** `slice`: milliseconds of each, in a round. */
  processes: Duration & { slice: number }
  /** Of which memory, disk and a sweep are measured. */
  sessions: number
  /** Of which the write-ahead log is measured. */
  saves: number
  /** Of each kind, to see what they take of the server's processors. */
  efforts: number
}

export const LONG: Plan = {
  calls: { warmUp: 5, rounds: 60, seconds: 120 },
  called: 4096,
  batches: 'whole',
  processes: { warmUp: 1, rounds: 15, seconds: 25, slice: 300 },
  sessions: 100_000,
  saves: 2000,
  efforts: 20_000,
}

export const QUICK: Plan = {
  calls: { warmUp: 0, rounds: 3, seconds: 3 },
  called: 256,
  batches: 'short',
  processes: { warmUp: 0, rounds: 3, seconds: 2, slice: 60 },
  sessions: 1000,
  saves: 100,
  efforts: 500,
}

/** What is found out about one server. */
export type Part = (
  server: ThrowAwayServer,
  plan: Plan,
  progress: SuiteContext['progress'],
) => Promise<Measured>

/** The results of several parts as one. */
export function merged(parts: readonly Measured[]): Measured {
  return {
    rows: parts.flatMap(({ rows = [] }) => rows),
    targets: parts.flatMap(({ targets = [] }) => targets),
    notes: parts.flatMap(({ notes = [] }) => notes),
    skipped: parts.flatMap(({ skipped = [] }) => skipped),
    versions: Object.assign({}, ...parts.map(({ versions }) => versions)),
  }
}

/** A tenth of them where seconds count. */
export function shortened(operations: readonly Operation[], { batches }: Plan): Operation[] {
  return operations.map((operation) =>
    batches === 'whole' ? operation : { ...operation, batch: Math.ceil(operation.batch / 10) },
  )
}

/** With what it is about before what is done. */
export function about(what: string, progress: SuiteContext['progress']): SuiteContext['progress'] {
  return (done, total, doing) => progress(done, total, `${what}: ${doing}`)
}
