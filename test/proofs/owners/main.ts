// npm run owners [-- NAME]: every scenario, or those that have NAME in theirs, to its end; with --short without
// those that take minutes.
import { explore } from './explore.ts'
import { SCENARIOS } from './scenarios.ts'

const isShort = process.argv.includes('--short')
const wanted = process.argv.slice(2).find((word) => !word.startsWith('--')) ?? ''
let states = 0
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  if (!name.includes(wanted) || (isShort && scenario.isLong)) continue
  const begun = performance.now()
  const explored = explore(scenario)
  states += explored.states
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  console.log(`${name}: ${explored.states} states${explored.isWhole ? '' : ', cut off'}, ${seconds} s`)
  for (const [what, path] of explored.broken) {
    console.log([`  BROKEN ${what}`, ...path].join('\n      '))
    process.exitCode = 1
  }
}
console.log(`${states} states`)
