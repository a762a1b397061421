import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { SingleBar } from 'cli-progress'
import { machine } from './measure/machine.ts'
import { writeResult } from './report/results.ts'
import { machineText, targetsText, text } from './report/text.ts'
import type { Suite, SuiteContext, SuiteResult } from './suite.ts'
import { suites } from './suites/index.ts'

const USAGE = `npm run bench -- [suite ...] [--quick] [--json FILE] [--only NAME,NAME]

  --quick      all suites in about two minutes, with a wider spread
  --json FILE  writes the results; a suite that is in the file already is replaced
  --only       of the suite frameworks these alone, such as --only Hono,Elysia; node:http is always there

${suites.map(({ name, title }) => `  ${name.padEnd(12)} ${title}`).join('\n')}
`

const { values: args, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    only: { type: 'string' },
    help: { type: 'boolean' },
  },
})
const data = fileURLToPath(new URL('.data', import.meta.url))
const only = args.only?.split(',').map((name) => name.trim())

// Before the first suite: a handler of 'exit' removes what it has made, and no signal runs one.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

if (only !== undefined && args.json !== undefined)
  refuse('A part of a suite takes no place in a file: --only is without --json.')
if (args.help) console.log(USAGE)
else await runAll(chosen(positionals))

function chosen(names: readonly string[]): readonly Suite[] {
  const unknown = names.find((name) => !suites.some((suite) => suite.name === name))
  if (unknown !== undefined) refuse(`There is no suite "${unknown}".`)
  if (only !== undefined && names.join() !== 'frameworks') {
    refuse('--only is of the suite frameworks: npm run bench -- frameworks --only NAME,NAME')
  }
  return names.length === 0 ? suites : suites.filter(({ name }) => names.includes(name))
}

function refuse(why: string): never {
  console.error(`${why}\n\n${USAGE}`)
  process.exit(2)
}

async function runAll(chosen: readonly Suite[]): Promise<void> {
  mkdirSync(data, { recursive: true })
  console.log(`${machineText(machine(data))}\n`)
  const results: SuiteResult[] = []
  for (const suite of chosen) {
    const result = await runSuite(suite)
    console.log(`${text(result)}\n`)
    if (args.json !== undefined) writeResult(args.json, result)
    results.push(result)
  }
  console.log(targetsText(results))
}

async function runSuite(suite: Suite): Promise<SuiteResult> {
  const directory = temporaryDirectory(suite.name)
  const bar = progressBar(suite)
  const started = performance.now()
  const about = machine(directory)
  try {
    const kept = join(data, suite.name)
    const measured = await suite.run({ quick: args.quick, only, directory, kept, progress: bar.progress })
    const seconds = Math.round((performance.now() - started) / 1000)
    return { suite: suite.name, title: suite.title, quick: args.quick, seconds, machine: about, ...measured }
  } finally {
    bar.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Below the bench, and so on the disk of the repository: the system's own may be kept in memory. */
function temporaryDirectory(name: string): string {
  const directory = mkdtempSync(join(data, `${name}-`))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }))
  return directory
}

/** On a terminal alone: in a log it would be noise. */
function progressBar({ name }: Suite): { progress: SuiteContext['progress']; stop(): void } {
  const bar = new SingleBar({
    format: `${name.padEnd(12)} {bar} {percentage}% {doing}`,
    hideCursor: true,
    clearOnComplete: true,
    noTTYOutput: false,
  })
  let started = false
  return {
    progress(done, total, doing) {
      if (!started) bar.start(total, 0, { doing })
      started = true
      bar.setTotal(total)
      bar.update(done, { doing })
    },
    stop: () => bar.stop(),
  }
}
