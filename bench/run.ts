import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { floor, floors } from './floor.ts'
import { machine } from './machine.ts'
import { type Duration, measure } from './measure.ts'
import { overlaps } from './overlap.ts'
import { machineText, measured, type Results, text } from './report.ts'
import { requests } from './sessions.ts'
import { stores } from './stores.ts'
import { verdicts } from './targets.ts'

const { values: args } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
})

// On a quiet machine the rounds come to an end first.
const LONG: Duration = { warmUp: 10, rounds: 200, seconds: 45 }
const QUICK: Duration = { warmUp: 5, rounds: 25, seconds: 10 }

const results = await run(temporaryDirectory(), args.quick ? QUICK : LONG)
console.log(text(results))
if (args.json !== undefined) writeFileSync(args.json, `${JSON.stringify(results, undefined, 2)}\n`)

async function run(directory: string, duration: Duration): Promise<Results> {
  const about = machine(directory)
  console.log(`${machineText(about)}\n`)
  const called = await stores(join(directory, 'stores'))
  const served = requests(join(directory, 'requests'))
  const operations = [
    ...floor(join(directory, 'floor'), called.lineBytes),
    ...called.operations,
    ...served.operations,
  ]
  const samples = await measure(operations, duration)
  const results = {
    machine: about,
    rounds: samples.get(floors.fstat)!.length,
    save: { lineBytes: called.lineBytes, savesPerFold: called.savesPerFold() },
    operations: measured(operations, samples),
    targets: verdicts(samples),
    overlaps: await overlaps(join(directory, 'overlaps')),
  }
  await Promise.all([called.close(), served.close()])
  return results
}

/** Below the bench, and so on the disk of the repository: the system's own may be kept in memory. */
function temporaryDirectory(): string {
  const parent = fileURLToPath(new URL('.data', import.meta.url))
  mkdirSync(parent, { recursive: true })
  const directory = mkdtempSync(join(parent, 'run-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  process.once('SIGINT', () => process.exit(130))
  return directory
}
