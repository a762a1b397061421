// The file store's promises, shown with real processes that are killed, stopped, and run out of disk and descriptors:
// npm run stress -- --seconds 60 --processes 4 --seed 1
import { SingleBar } from 'cli-progress'
import { ArgumentError, optionsFrom, type StressOptions, USAGE } from './options.ts'
import type { StressResult } from './result.ts'
import { shortcomings } from './shortcomings.ts'
import { stress } from './stress.ts'
import { summary } from './summary.ts'
import type { Progress } from './watching.ts'

const INTERRUPTED = 130

process.exitCode = await main()

async function main(): Promise<number> {
  try {
    return await run(optionsFrom(process.argv.slice(2)))
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error
    console.error(`${error.message}\n${USAGE}`)
    return 2
  }
}

async function run(options: StressOptions): Promise<number> {
  const stopped = onInterrupt()
  const show = progressLine(options)
  const watching = { onProgress: show, signal: stopped }
  const result = await stress(options, watching).finally(show.end)
  console.log(summary(result))
  if (result.violations.length > 0) return broken(result)
  if (stopped.aborted) {
    console.log('Stopped before its time; what was done until then was judged.')
    return INTERRUPTED
  }
  const missed = shortcomings(result)
  if (missed.length > 0) console.error(`The run shows less than it should: ${missed.join('; ')}.`)
  return missed.length > 0 ? 1 : 0
}

function broken({ report, violations, options, kept }: StressResult): number {
  console.error(
    `${report}\n\n${violations.length} violations. All of them are in "${kept}". The seed ${options.seed} decides what is ` +
      'done, the machine when: it may take several runs to see them again.',
  )
  return 1
}

/** The first Ctrl-C ends the run in order, the next one at once. */
function onInterrupt(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(INTERRUPTED)
      controller.abort()
    })
  }
  return controller.signal
}

function progressLine({
  seconds,
  seed,
}: StressOptions): ((progress: Progress) => void) & { end: () => void } {
  if (!process.stdout.isTTY) return Object.assign(() => {}, { end: () => {} })
  const bar = new SingleBar({
    format: `seed ${seed} {bar} {value}/{total} s, {calls} calls, {kills} processes killed`,
    clearOnComplete: true,
    hideCursor: true,
  })
  bar.start(seconds, 0, { calls: 0, kills: 0 })
  const show = ({ seconds: now, ...counts }: Progress): void =>
    bar.update(Math.min(Math.floor(now), seconds), counts)
  return Object.assign(show, { end: () => bar.stop() })
}
