import { join } from 'node:path'
import { compileChildren } from './compiled.ts'
import { addCounts, noCounts, sum } from './counts.ts'
import type { StressOptions } from './options.ts'
import type { StressResult } from './result.ts'
import { Round } from './round.ts'
import { shortcomings } from './shortcomings.ts'
import { Stage } from './stage.ts'
import type { Watching } from './watching.ts'

/** The history of a round is judged as a whole: so much of it fits into memory. */
const LONGEST_ROUND_S = 20

/** On a machine that is busy with other things, what is left to chance needs more time to happen. */
const MOST_EXTRA_ROUNDS = 9

/** Runs the whole of it; ends early at the first round that breaks a promise. */
export async function stress(
  options: StressOptions,
  { onProgress = () => {}, signal = new AbortController().signal }: Partial<Watching> = {},
): Promise<StressResult> {
  const compiled = compileChildren()
  let stage: Stage | undefined
  let kept = options.directory
  try {
    stage = new Stage(options.directory, compiled)
    const result = await runRounds(stage, options, { onProgress, signal })
    if (result.violations.length > 0) kept = stage.directory
    return { ...result, kept }
  } finally {
    await stage?.strike(kept !== undefined)
    compiled.remove()
  }
}

async function runRounds(stage: Stage, options: StressOptions, watching: Watching): Promise<StressResult> {
  const result: StressResult = {
    options,
    seconds: 0,
    rounds: 0,
    counts: noCounts(),
    hadSmallDisk: stage.disk !== undefined,
    violations: [],
    report: '',
    kept: undefined,
  }
  const wanted = Math.ceil(options.seconds / LONGEST_ROUND_S)
  const isOver = (): boolean =>
    watching.signal.aborted ||
    result.violations.length > 0 ||
    result.rounds === wanted + MOST_EXTRA_ROUNDS ||
    (result.rounds >= wanted && shortcomings(result).length === 0)
  while (!isOver()) await runRound(stage, result, options.seconds / wanted, watching)
  return result
}

async function runRound(stage: Stage, result: StressResult, seconds: number, watching: Watching) {
  const { options, counts } = result
  const before = { seconds: result.seconds, calls: sum(counts.operations), kills: counts.kills }
  const number = ++result.rounds
  const round = new Round({
    ...options,
    stage,
    seed: `${options.seed}/${number}`,
    seconds,
    directory: join(stage.directory, `round-${number}`),
    signal: watching.signal,
    onProgress: (now) =>
      watching.onProgress({
        seconds: before.seconds + now.seconds,
        calls: before.calls + now.calls,
        kills: before.kills + now.kills,
      }),
  })
  stage.killAll = () => round.killAll()
  const done = await round.run()
  addCounts(counts, done.counts)
  result.seconds += done.seconds
  result.violations = done.violations
  result.report = done.report
}
