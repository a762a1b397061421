import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { newKey, newRecord } from '../../candidates/sample.ts'
import { fileStore } from '../../candidates/untorn.ts'
import { alternate, type Duration } from '../../measure/alternate.ts'
import { packageVersion } from '../../measure/machine.ts'
import { ratio, type Spread, spread } from '../../measure/statistics.ts'
import type { Measured, Row, Suite, SuiteContext } from '../../suite.ts'

const LONG: Duration = { warmUp: 2, rounds: 150, seconds: 58 }
const QUICK: Duration = { warmUp: 1, rounds: 20, seconds: 6.5 }

const EMPTY = 'an empty process'
const MODULES = [
  'untorn',
  'untorn/express',
  'untorn/node',
  'untorn/file',
  'express',
  'express-session',
] as const
const SIZES = [0, 10_000]

export const startUpSuite: Suite = {
  name: 'start-up',
  title: 'What a process pays at its start',
  run: measureStartUp,
}

async function measureStartUp({ quick, directory, progress }: SuiteContext): Promise<Measured> {
  const stores = new Map<string, string>()
  for (const size of SIZES) {
    const root = join(directory, `${size}`)
    await fill(root, size)
    stores.set(`open a store of ${size.toLocaleString('en')} sessions`, root)
  }
  const samples = await alternate<Sample>(
    [
      { name: EMPTY, take: () => start() },
      ...MODULES.map((name) => ({ name, take: () => start(name) })),
      ...[...stores].map(([name, root]) => ({ name, take: () => start('untorn/file', root) })),
    ],
    quick ? QUICK : LONG,
    progress,
  )
  const of = (name: string, field: keyof Sample): number[] => samples.get(name)!.map((one) => one[field])
  const empty = of(EMPTY, 'wholeProcess')
  const above = (name: string): number[] =>
    of(name, 'wholeProcess').map((took, round) => took - empty[round]!)
  return {
    rows: [
      ms('The whole process', EMPTY, spread(empty)),
      ...MODULES.map((name) => {
        const row = ms('The whole process, above an empty one', `import '${name}'`, spread(above(name)))
        return { ...row, ratio: { to: EMPTY, value: ratio(above(name), empty) } }
      }),
      ...MODULES.map((name) =>
        ms('By the clock inside', `await import('${name}')`, spread(of(name, 'importTook'))),
      ),
      ...[...stores.keys()].map((name) => ms('By the clock inside', name, spread(of(name, 'openTook')))),
    ],
    targets: [
      {
        what: "import 'untorn/express', above an empty process",
        limit: 'at most',
        bound: 15,
        value: spread(above('untorn/express')).median,
        unit: 'ms',
      },
    ],
    notes: [
      `${empty.length} rounds, a new process for each line in each; the differences are taken round by round. ` +
        'The files are in the page cache.',
    ],
    versions: {
      express: packageVersion('express'),
      'express-session': packageVersion('express-session'),
    },
  }
}

async function fill(root: string, size: number): Promise<void> {
  const store = fileStore(root, { sweepEvery: 0 })
  for (let i = 0; i < size; i++) await store.create(newKey(), newRecord())
  await store.close()
}

/** Milliseconds. */
interface Sample {
  /** From before it is started until it has ended. */
  wholeProcess: number
  importTook: number
  openTook: number
}

const SCRIPT = fileURLToPath(new URL('timed-import.js', import.meta.url))

const run = promisify(execFile)

async function start(...args: string[]): Promise<Sample> {
  const started = performance.now()
  const { stdout } = await run(process.execPath, [SCRIPT, ...args])
  const wholeProcess = performance.now() - started
  return { wholeProcess, ...(JSON.parse(stdout) as Omit<Sample, 'wholeProcess'>) }
}

function ms(group: string, name: string, value: Spread): Row {
  return { group, name, unit: 'ms', value }
}
