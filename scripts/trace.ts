// Prints the system calls that a store makes, with either durability: npm run trace [-- create | load | save | ...]
import { traceOfSessions } from '../test/stores/file/system-calls/scenarios.ts'
import { callsOf, changesOf } from '../test/stores/file/system-calls/steps.ts'
import { type Trace, whyNoTrace } from '../test/stores/file/system-calls/trace.ts'

const SCENARIOS: Record<string, (trace: Trace) => string[]> = {
  start: (trace) => callsOf(trace, 'start'),
  create: (trace) => callsOf(trace, 'create'),
  load: (trace) => callsOf(trace, 'load'),
  save: (trace) => callsOf(trace, 'save'),
  'eight overlapping saves': (trace) => changesOf(trace, 'overlapping-1', 'overlapping-8'),
  fold: (trace) => foldIn(callsOf(trace, 'folding-third-0-1', 'delete-folded')),
  delete: (trace) => callsOf(trace, 'delete'),
}

/** Without the saves before it, and the delete that comes while it waits for its last sync. */
function foldIn(calls: string[]): string[] {
  const fold = calls.filter((call) => /new-file|\(seal\)|fsync shard/.test(call))
  const renamed = fold.indexOf('rename new-file > session')
  return fold.slice(fold.indexOf('open new-file'), renamed + 2)
}

/** What is done several times in a row on one line. */
function counted(calls: string[]): string[] {
  const lines: { call: string; times: number }[] = []
  for (const call of calls) {
    const last = lines.at(-1)
    if (last?.call === call) last.times++
    else lines.push({ call, times: 1 })
  }
  return lines.map(({ call, times }) => (times > 1 ? `${call} (${times} times)` : call))
}

const wanted = process.argv[2] ?? ''
const chosen = Object.entries(SCENARIOS).filter(([name]) => name.includes(wanted))
const problem =
  whyNoTrace() ||
  (chosen.length === 0 ? `There is none of that name: ${Object.keys(SCENARIOS).join(', ')}.` : '')
if (problem !== '') {
  console.error(problem)
  process.exit(1)
}

for (const durability of ['process', 'disk'] as const) {
  const trace = await traceOfSessions(durability, 'life', { calls: ['%file', '%desc'] })
  console.log(`durability: '${durability}'\n`)
  for (const [name, calls] of chosen) {
    console.log(`  ${name}`)
    for (const line of counted(calls(trace))) console.log(`    ${line}`)
    console.log()
  }
}
