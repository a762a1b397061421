// npm run simulate: everything that is explored to its end, then random schedules. See --help.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { SingleBar } from 'cli-progress'
import { openFileStore, openPrepared } from '../../../src/stores/file/file-store.ts'
import type { OpenStore } from './execution.ts'
import type { FromPlayer, ToPlayer } from './player.ts'
import { playSeed } from './random.ts'
import { told } from './report.ts'
import { START_SUITES } from './start-suites.ts'
import type { Suite } from './suite.ts'
import { MORE_SUITES, SUITES } from './suites.ts'
import { addTally, missing, Tally, tallyText } from './tally.ts'

const HELP = `npm run simulate -- [options]

  --schedules N   random schedules to play (default 1000000)
  --first SEED    the seed of the first of them; the others follow (default 1)
  --jobs N        processes that play them (default: one for each core)
  --seed SEED     plays this one schedule, and tells it step by step
  --random        only random schedules
  --orders        only what is explored to its end`

const { values: given } = parseArgs({
  options: {
    schedules: { type: 'string', default: '1000000' },
    first: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    seed: { type: 'string' },
    random: { type: 'boolean', default: false },
    orders: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (given.help) console.log(HELP)
else if (given.seed !== undefined) await tellOne(count('seed', given.seed))
else {
  if (!given.random) {
    await exploreEverything({ ...SUITES, ...MORE_SUITES }, openPrepared)
    await exploreEverything(START_SUITES, openFileStore)
  }
  if (!given.orders) await playMany(count('first', given.first), count('schedules', given.schedules))
}

function count(option: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number > 0) return number
  console.error(`--${option} takes a whole number above 0, not "${text}".\n\n${HELP}`)
  process.exit(2)
}

async function tellOne(seed: number): Promise<void> {
  const tally = new Tally()
  try {
    await told(playSeed(seed, openPrepared, tally))
    console.log(
      `Seed ${seed} breaks no promise: ${tally.steps} steps, ${tally.kills} kills, ${tally.errors} errors.`,
    )
  } catch (error) {
    fail(error)
  }
}

async function exploreEverything(suites: Readonly<Record<string, Suite>>, open: OpenStore): Promise<void> {
  for (const [name, suite] of Object.entries(suites)) {
    try {
      const { worlds, schedules, kills, powerLosses } = await told(suite(open))
      const mishaps = [kills && `${kills} kills`, powerLosses && `${powerLosses} power failures`].filter(
        Boolean,
      )
      console.log(`${name}: ${[`${schedules} orders in ${worlds} moments`, ...mishaps].join(', ')}`)
    } catch (error) {
      console.error(name)
      fail(error)
    }
  }
}

/** Deals the seeds out to processes of their own, some at a time. */
async function playMany(first: number, schedules: number): Promise<void> {
  const bar = new SingleBar({
    format: '{bar} {percentage}%  {value} of {total} schedules, {eta_formatted} left',
  })
  const sum = new Tally()
  let next = first
  bar.start(schedules, 0)
  const play = async (): Promise<void> => {
    const player = fork(fileURLToPath(new URL('player.ts', import.meta.url)))
    while (next < first + schedules) {
      const from = next
      next = Math.min(from + 500, first + schedules)
      player.send({ from, to: next } satisfies ToPlayer)
      const [answer] = (await once(player, 'message')) as [FromPlayer]
      if ('error' in answer) {
        player.kill()
        bar.stop()
        fail(new Error(`npm run simulate -- --seed ${answer.seed}\n${answer.error}`))
      } else addTally(sum, answer.tally)
      bar.update(sum.schedules)
    }
    player.kill()
  }
  await Promise.all(Array.from({ length: count('jobs', given.jobs) }, play))
  bar.stop()
  console.log(tallyText(sum))
  const unmet = missing(sum)
  if (unmet.length > 0)
    fail(new Error(`Nothing of this was met, so it was not checked: ${unmet.join(', ')}.`))
}

function fail(error: unknown): never {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
