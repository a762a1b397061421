import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readResults } from '../report/results.ts'
import type { SuiteResult } from '../suite.ts'
import { charts } from './charts.ts'
import { compose } from './compose.ts'
import { fill, picture } from './document.ts'
import type { Figure } from './figure.ts'
import { draw } from './svg.ts'
import type { Table } from './table.ts'
import { tables } from './tables.ts'
import { targetTable } from './targets.ts'
import { description } from './words.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const published = join(root, 'docs/benchmarks')
/** Those that show charts, or tables. */
const documents = ['README.md', 'docs/benchmarks.md', 'docs/capacity.md', 'docs/several-machines.md'].map(
  (path) => join(root, path),
)

const USAGE = `npm run bench:charts -- [--from FILE] [--to DIRECTORY] [--allow-quick]

  --from FILE      results that npm run bench -- --json FILE has written; docs/benchmarks/results.json
  --to DIRECTORY   where the pictures go; elsewhere than docs/benchmarks the documents stay as they are
  --allow-quick    draws a quick run too, marked as one
`

const { values: args } = parseArgs({
  options: {
    from: { type: 'string', default: join(published, 'results.json') },
    to: { type: 'string', default: published },
    'allow-quick': { type: 'boolean', default: false },
    help: { type: 'boolean' },
  },
})

if (args.help) console.log(USAGE)
else if (!existsSync(args.from)) refuse(`There is no ${relative(process.cwd(), args.from)}: ${measure('')}`)
else drawAll(readResults(args.from).suites, resolve(args.to))

function drawAll(suites: readonly SuiteResult[], directory: string): void {
  const quick = suites.filter((result) => result.quick).map(({ suite }) => suite)
  if (quick.length > 0 && !args['allow-quick'])
    refuse(`Not for publication, as it was a quick run: ${quick.join(', ')}. ${measure(quick.join(' '))}`)
  const figures = composeAll(suites)
  mkdirSync(directory, { recursive: true })
  for (const [name, figure] of figures) {
    for (const theme of ['light', 'dark'] as const)
      writeFileSync(join(directory, `${name}-${theme}.svg`), draw(figure, theme))
    console.log(`${name}: drawn`)
  }
  if (directory === published) for (const path of documents) write(path, figures, suites)
}

/** By the charts' names. A chart whose suite was not measured is not there, and said. */
function composeAll(suites: readonly SuiteResult[]): Map<string, Figure> {
  const figures = new Map<string, Figure>()
  for (const chart of charts) {
    const result = suites.find(({ suite }) => suite === chart.suite)
    if (result) figures.set(chart.name, compose(chart, result))
    else console.log(`${chart.name}: not drawn. ${measure(chart.suite)}`)
  }
  return figures
}

function write(path: string, figures: ReadonlyMap<string, Figure>, suites: readonly SuiteResult[]): void {
  const before = readFileSync(path, 'utf8')
  const after = fill(before, (place) => {
    if (place === 'targets') return targetTable(suites)
    const table = tables.find(({ name }) => name === place)
    if (table) return tableOf(table, suites)
    const chart = charts.find(({ name }) => name === place)
    if (!chart) throw new RangeError(`${path} has a place for "${place}", which is no chart and no table.`)
    const figure = figures.get(place)
    if (!figure) return `*Not measured yet: \`${measure(chart.suite)}\`*`
    const file = relative(dirname(path), join(published, place))
    return picture(file, `${figure.title}. ${description(figure)}`)
  })
  if (after !== before) writeFileSync(path, after)
}

function tableOf({ suite, markdown }: Table, suites: readonly SuiteResult[]): string {
  const result = suites.find((one) => one.suite === suite)
  return result ? markdown(result) : `*Not measured yet: \`${measure(suite)}\`*`
}

function measure(suites: string): string {
  return `npm run bench -- ${suites} --json ${relative(process.cwd(), args.from)}`.replace('  ', ' ')
}

function refuse(why: string): never {
  console.error(why)
  process.exit(1)
}
