// What untorn does on each runtime, seen rather than believed: npm run test:runtimes (-- --short: what .ci/run asks).
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Answer, started } from './asked.ts'
import { missing, type Runtime, runtimes } from './runtimes.ts'
import { together } from './together.ts'

const { values } = parseArgs({ options: { short: { type: 'boolean', default: false } } })

/** How often each counts in the session that they share. */
const TIMES = values.short ? 50 : 400

/** What failed, in words. */
const faults: string[] = []

async function contract(runtime: Runtime): Promise<Answer> {
  const directory = mkdtempSync(join(tmpdir(), 'untorn-runtimes-'))
  try {
    return await started(runtime, 'contract.js', directory, ...(values.short ? ['short'] : [])).answer
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** `82 of 82`, with what failed kept for the end. */
function told(runtime: Runtime, what: string, { passed, failed }: Answer): string {
  for (const each of failed) faults.push(`${runtime.name}, ${what}: ${each}`)
  return `${passed} of ${passed + failed.length}`
}

const rows: string[][] = []
for (const runtime of runtimes) {
  const store = await contract(runtime)
  const http = await started(runtime, 'http.js').answer
  rows.push([runtime.name, store.version, told(runtime, 'file store', store), told(runtime, 'HTTP', http)])
}
const counted = await together(runtimes, TIMES)
for (const [index, { name }] of runtimes.entries()) {
  const own = counted.own[name]!
  rows[index]!.push(`${own} of ${TIMES}`)
  if (own !== TIMES) faults.push(`${name} counted to ${own}, not to ${TIMES}`)
}
if (counted.sum !== counted.wanted) faults.push(`all counted to ${counted.sum}, not to ${counted.wanted}`)

const head = ['', 'version', 'file store', 'HTTP', 'one session, all at once']
for (const row of [head, head.map(() => '---'), ...rows]) console.log(`| ${row.join(' | ')} |`)
console.log(`All of them in one session, over one directory: ${counted.sum} of ${counted.wanted} increments.`)
if (missing.length > 0)
  console.log(`Not installed: ${missing.join(', ')} (npm --prefix test/runtimes/binaries ci)`)
if (runtimes.length === 0) faults.push('no runtime is installed')
if (process.env.CI !== undefined) faults.push(...missing.map((name) => `${name} is missing`))
for (const fault of faults) console.error(fault)
process.exitCode = faults.length > 0 ? 1 : 0
