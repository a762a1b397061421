import { join } from 'node:path'
import { shuffled } from '../../measure/alternate.ts'
import { packageVersion } from '../../measure/machine.ts'
import { measure, rowsOf as operationRows } from '../../measure/rounds.ts'
import type { Measured, Row, Suite, SuiteContext } from '../../suite.ts'
import { names } from './candidates.ts'
import { coldLoads } from './cold-loads.ts'
import { BLOCK_MS, PATIENCE_MS, type Run } from './load.ts'
import { fullPlan, type Part, planNotes, quickPlan } from './plan.ts'
import { type Runs, rowsOf } from './rows.ts'
import { Stage } from './stage.ts'
import { stolenNote, ticks } from './stolen.ts'

export const slowDiskSuite: Suite = {
  name: 'slow-disk',
  title: 'What blocks: the event loop while a disk is slow',
  run: measureSlowDisk,
}

interface Extent {
  plan: readonly Part[]
  rounds: number
  /** For each part in each round. */
  seconds: number
  /** For cold loads alone, one after another. */
  coldLoadSeconds: number
}

const LONG: Extent = { plan: fullPlan, rounds: 4, seconds: 1.2, coldLoadSeconds: 6 }
const QUICK: Extent = { plan: quickPlan, rounds: 1, seconds: 0.4, coldLoadSeconds: 1 }

async function measureSlowDisk({ quick, directory, progress }: SuiteContext): Promise<Measured> {
  const extent = quick ? QUICK : LONG
  const before = ticks()
  const stage = await Stage.set(join(directory, 'slow-disk'))
  try {
    const single = await coldLoadRows(stage, extent)
    const runs = await runsOf(stage, extent, progress)
    const notes = [unanswered(runs), await deliberateBlock(stage), stolenNote(before, ticks())]
    return {
      rows: [...single, ...rowsOf(runs)],
      notes: [...planNotes, ...notes.filter((note) => note !== undefined)],
      skipped: skipped(stage, extent.plan),
      versions: {
        'express-session': packageVersion('express-session'),
        'session-file-store': packageVersion('session-file-store'),
      },
    }
  } finally {
    await stage.strike()
  }
}

async function coldLoadRows({ directory }: Stage, { coldLoadSeconds }: Extent): Promise<Row[]> {
  const { operations, close } = coldLoads(directory)
  const samples = await measure(operations, { warmUp: 20, rounds: 200, seconds: coldLoadSeconds })
  await close()
  return operationRows(operations, samples)
}

async function runsOf(
  stage: Stage,
  { plan, rounds, seconds }: Extent,
  progress: SuiteContext['progress'],
): Promise<Runs> {
  const possible = plan.filter(({ disk }) => stage.needsOf(disk) === undefined)
  const runs = new Map<Part, Run[]>(possible.map((part) => [part, []]))
  let done = 0
  for (let round = 0; round < rounds; round++)
    for (const part of shuffled(possible)) {
      progress(done++, possible.length * rounds, part.disk.title)
      runs.get(part)!.push(await stage.run(part, seconds))
    }
  return runs
}

function skipped(stage: Stage, plan: readonly Part[]): string[] {
  return [...new Set(plan.map(({ disk }) => disk))].flatMap((disk) => {
    const needs = stage.needsOf(disk)
    return needs === undefined ? [] : `${disk.title}: it needs ${needs}.`
  })
}

function unanswered(runs: Runs): string | undefined {
  const count = [...runs.values()].flat().reduce((sum, run) => sum + run.unanswered, 0)
  return count === 0
    ? undefined
    : `${count} operations had no answer ${PATIENCE_MS / 1000} s after the end; they count for as long as that.`
}

/** A delay that was made on purpose has to be in the figures. */
async function deliberateBlock(stage: Stage): Promise<string> {
  const disk = { title: 'as it is' }
  const load = { title: 'one block', rates: { block: 5 } }
  const { loop, monitorMax } = await stage.run({ disk, load, candidate: names.memory }, 0.2)
  return (
    `An event loop that was blocked for ${BLOCK_MS} ms on purpose: delay ${loop.max.toFixed(1)} ms ` +
    `(by monitorEventLoopDelay, which adds its interval of 1 ms: ${monitorMax.toFixed(1)} ms).`
  )
}
