import { join } from 'node:path'
import type { Duration } from '../../measure/alternate.ts'
import { packageVersion } from '../../measure/machine.ts'
import { measure, medianRatio, type Operation, rowsOf, type Samples } from '../../measure/rounds.ts'
import { spread } from '../../measure/statistics.ts'
import type { Measured, Row, Suite, SuiteContext, Target } from '../../suite.ts'
import { floor, floors } from './floor.ts'
import { type Overlap, overlaps } from './overlap.ts'
import { requests } from './sessions.ts'
import { diskNames, sizes } from './sizes.ts'
import { names, stores } from './stores.ts'

// On a quiet machine the rounds come to an end first.
const LONG: Duration = { warmUp: 10, rounds: 200, seconds: 90 }
const QUICK: Duration = { warmUp: 3, rounds: 15, seconds: 15 }

/** About as long as the line that a save of the token appends. */
const LINE_BYTES = 150

export const floorSuite: Suite = {
  name: 'floor',
  title: 'What the bare calls of the system cost',
  async run({ quick, directory, progress }) {
    const operations = floor(join(directory, 'floor'), LINE_BYTES)
    return { rows: rowsOf(operations, await measure(operations, quick ? QUICK : LONG, progress)) }
  },
}

export const storeSuite: Suite = {
  name: 'store',
  title: 'Stores, called directly',
  run: measureStores,
}

async function measureStores({ quick, directory, progress }: SuiteContext): Promise<Measured> {
  const called = await stores(join(directory, 'stores'))
  const served = requests(join(directory, 'requests'))
  const sized = sizes(join(directory, 'sizes'), called.lineBytes)
  const operations: Operation[] = [
    ...floor(join(directory, 'floor'), called.lineBytes),
    ...called.operations,
    ...served.operations,
    ...sized.operations,
  ]
  const samples = await measure(operations, quick ? QUICK : LONG, progress)
  const kept = await overlaps(join(directory, 'overlaps'))
  const measured: Measured = {
    rows: [...rowsOf(operations, samples), ...kept.map(overlapRow)],
    targets: targets(samples),
    notes: [
      `${samples.get(floors.fstat)!.length} rounds. Saving the token appends ${called.lineBytes} bytes; ` +
        `${called.savesPerFold().toFixed(0)} such saves share a fold.`,
    ],
    versions: {
      'express-session': packageVersion('express-session'),
      'session-file-store': packageVersion('session-file-store'),
    },
  }
  await Promise.all([called.close(), served.close(), sized.close()])
  return measured
}

function overlapRow({ candidate, requests, kept }: Overlap): Row {
  const group = `${requests} overlapping requests, each sets a value of its own: kept`
  return { group, name: candidate, unit: 'count', value: spread([kept]) }
}

function targets(samples: Samples): Target[] {
  const target = (what: string, of: string, limit: Target['limit'], bound: number): Target => ({
    what: `${what} / ${of}`,
    limit,
    bound,
    value: medianRatio(samples, what, of),
  })
  return [
    target(names.hotLoad, floors.fstat, 'at most', 1.5),
    target(names.memoryGet, names.hotLoad, 'at least', 5),
    target(names.coldLoad, floors.read, 'at most', 2),
    target(names.save, floors.append, 'at most', 2),
    target(names.fileSet, names.save, 'at least', 80),
    target(diskNames.save, diskNames.floor, 'at most', 1.2),
    target(diskNames.floor, diskNames.saveAtOnce, 'at least', 4),
  ]
}
