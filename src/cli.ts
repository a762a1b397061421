#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { INTERRUPTED, Interrupted } from './tools/cli/exit.ts'
import { main } from './tools/cli/main.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const ending = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // The second time at once, whatever is under way.
  process.on(signal, () => {
    if (ending.signal.aborted) process.exit(INTERRUPTED)
    ending.abort(new Interrupted())
  })
}
// Who reads the output may go away before it is all there.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const code = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  version,
  signal: ending.signal,
})
// A driver may leave something open; what was printed goes out first.
process.stdout.write('', () => process.exit(code))
