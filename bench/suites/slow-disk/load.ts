import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'

/** `block`: holds up the event loop on purpose, to see whether that is seen. */
export const kinds = ['hot', 'save', 'cold', 'create', 'block'] as const
export type Kind = (typeof kinds)[number]

/** Operations a second. */
export type Rates = Partial<Record<Kind, number>>

export type Operations = Record<Kind, () => unknown>

/** Milliseconds. */
export interface Percentiles {
  count: number
  p50: number
  p99: number
  p999: number
  max: number
}

export interface Run {
  /** How late the event loop gets to what is due at any millisecond. */
  loop: Percentiles
  /** The longest delay that Node's own histogram has seen. */
  monitorMax: number
  /** From when an operation was due until its answer. */
  latency: Partial<Record<Kind | 'all', Percentiles>>
  /** Had no answer when waiting for it was given up. */
  unanswered: number
}

/** How long a deliberate block is, in milliseconds. */
export const BLOCK_MS = 20

/** How long answers are waited for at the end, in milliseconds. */
export const PATIENCE_MS = 3000

interface Due {
  at: number
  kind: Kind
}

/**
 * Runs operations at the times when they are due, whether or not earlier ones are over: visitors don't wait for each
 * other. What is late is measured from when it was due, so that a long block counts for everybody who met it, which
 * `monitorEventLoopDelay` counts once. The timer that wakes the event loop is exact to a millisecond only: about one is
 * in every figure.
 */
export async function run(operations: Operations, rates: Rates, seconds: number): Promise<Run> {
  const schedule = scheduleOf(rates, seconds)
  const delays: number[] = []
  const latencies = new Map<Kind, number[]>(kinds.map((kind) => [kind, []]))
  const underWay = new Map<Promise<unknown>, Due>()
  const monitor = monitorEventLoopDelay({ resolution: 1 })
  monitor.enable()
  const started = performance.now()
  const now = (): number => performance.now() - started
  const answered = ({ at, kind }: Due): void => void latencies.get(kind)!.push(now() - at)
  const begin = (due: Due): void => {
    const running = operations[due.kind]()
    if (!(running instanceof Promise)) {
      answered(due)
      return
    }
    const over = running.then(() => {
      underWay.delete(over)
      answered(due)
    })
    underWay.set(over, due)
  }
  let probe = 0
  let next = 0
  for (let time = now(); time < seconds * 1000 || next < schedule.length; time = now()) {
    for (; probe <= time && probe < seconds * 1000; probe++) delays.push(time - probe)
    for (; next < schedule.length && schedule[next]!.at <= time; next++) begin(schedule[next]!)
    await wait(1)
  }
  await Promise.race([Promise.all(underWay.keys()), wait(PATIENCE_MS)])
  monitor.disable()
  const unanswered = underWay.size
  for (const due of underWay.values()) answered(due)
  return {
    loop: percentiles(delays),
    monitorMax: monitor.max / 1e6,
    latency: Object.fromEntries(
      [['all', [...latencies.values()].flat()] as const, ...latencies]
        .filter(([, samples]) => samples.length > 0)
        .map(([kind, samples]) => [kind, percentiles(samples)]),
    ),
    unanswered,
  }
}

/** Evenly spread, each at a random place of its share of the time. */
function scheduleOf(rates: Rates, seconds: number): Due[] {
  return kinds
    .flatMap((kind) => {
      const rate = rates[kind] ?? 0
      return Array.from({ length: Math.round(rate * seconds) }, (_, n) => ({
        at: ((n + Math.random()) * 1000) / rate,
        kind,
      }))
    })
    .sort((a, b) => a.at - b.at)
}

/** By the nearest rank: a time that was measured, none between two. */
function percentiles(samples: readonly number[]): Percentiles {
  const sorted = [...samples].sort((a, b) => a - b)
  const rank = (part: number): number => sorted[Math.ceil(sorted.length * part) - 1]!
  return { count: sorted.length, p50: rank(0.5), p99: rank(0.99), p999: rank(0.999), max: rank(1) }
}
