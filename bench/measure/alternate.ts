import type { SuiteContext } from '../suite.ts'

/** How long to measure: as many rounds as fit into the time, three at least. */
export interface Duration {
  /** Rounds before those that count. */
  warmUp: number
  /** At most. */
  rounds: number
  /** From the start, the rounds that don't count included. */
  seconds: number
}

/** Something that is measured by samples of its own making: another process, say, that looks at its own clock. */
export interface Candidate<Sample> {
  name: string
  take(): Promise<Sample>
}

/** Takes a sample of each candidate in every round, in an order drawn anew; the samples of one round have one index. */
export async function alternate<Sample>(
  candidates: readonly Candidate<Sample>[],
  { warmUp, rounds, seconds }: Duration,
  progress?: SuiteContext['progress'],
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map(candidates.map(({ name }) => [name, [] as Sample[]]))
  if (samples.size !== candidates.length) throw new RangeError('Two candidates have the same name.')
  const started = performance.now()
  const end = started + seconds * 1000
  for (let round = -warmUp; round < rounds && (round < 3 || performance.now() < end); round++) {
    const passed = (performance.now() - started) / 1000
    const part = Math.max((round + warmUp) / (rounds + warmUp), Math.min(passed / seconds, 1))
    progress?.(Math.round(part * 100), 100, round < 0 ? 'warming up' : `round ${round + 1}`)
    for (const candidate of shuffled(candidates)) {
      const sample = await candidate.take()
      if (round >= 0) samples.get(candidate.name)!.push(sample)
    }
  }
  return samples
}

export function shuffled<T>(items: readonly T[]): T[] {
  const mixed = [...items]
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1))
    const item = mixed[last]!
    mixed[last] = mixed[other]!
    mixed[other] = item
  }
  return mixed
}
