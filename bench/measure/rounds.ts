import type { Row, SuiteContext } from '../suite.ts'
import { alternate, type Duration } from './alternate.ts'
import { ratio, spread } from './statistics.ts'

/** Something to be timed. */
export interface Operation {
  group: string
  name: string
  /** The name of the floor that it is compared with. */
  floor: string
  /**
   * How many run between two looks at the clock: about two milliseconds of them, all alike, as whoever runs longer is
   * interrupted more often by other programs.
   */
  batch: number
  /** Not timed. */
  before?(count: number): void | Promise<void>
  /** Runs it so many times: with a loop of its own, so that no call of ours stands between two. */
  run(count: number): unknown
  /** Not timed. */
  after?(count: number): void
}

/** Microseconds per operation, one sample for each round. */
export type Samples = ReadonlyMap<string, readonly number[]>

/**
 * Times every operation once in each round. That is why there is a loop here and no benchmark library: those finish one
 * candidate before they begin the next, and a machine that grows slower meanwhile would decide who wins. The order
 * changes with each round, so that nobody always comes after the same neighbour and its garbage.
 */
export function measure(
  operations: readonly Operation[],
  duration: Duration,
  progress?: SuiteContext['progress'],
): Promise<Samples> {
  const candidates = operations.map((operation) => ({ name: operation.name, take: () => time(operation) }))
  return alternate(candidates, duration, progress)
}

async function time(operation: Operation): Promise<number> {
  const { batch } = operation
  await operation.before?.(batch)
  const started = performance.now()
  const running = operation.run(batch)
  if (running instanceof Promise) await running
  const took = performance.now() - started
  operation.after?.(batch)
  return (took * 1000) / batch
}

/** What the samples of some operations come to, each beside its floor. */
export function rowsOf(operations: readonly Operation[], samples: Samples): Row[] {
  return operations.map(({ group, name, floor }) => {
    const own = samples.get(name)!
    const to = { to: floor, value: ratio(own, samples.get(floor)!) }
    return { group, name, unit: 'us', value: spread(own), ratio: to }
  })
}

/** The median of one operation's ratio to another, round by round. */
export function medianRatio(samples: Samples, what: string, of: string): number {
  return ratio(samples.get(what)!, samples.get(of)!).median
}

/** A value that is known to be there: a promise would mean that something else was timed than it says. */
export function atOnce<T>(value: T | Promise<T>): T {
  if (value instanceof Promise) throw new TypeError('A promise came where an answer at once was expected.')
  return value
}

/** Calls one after the other with callbacks alone, as the stores of express-session are called: a promise would cost. */
export function inTurn(
  count: number,
  call: (done: (error?: unknown) => void, index: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let index = 0
    const next = (error?: unknown): void => {
      if (error) reject(error)
      else if (index < count) call(next, index++)
      else resolve()
    }
    next()
  })
}
