import type { Machine } from '../measure/machine.ts'
import { isMet, type Row, type Series, type SuiteResult, type Target } from '../suite.ts'
import { number, table } from './table.ts'

/** A suite's result, to be read in a terminal. */
export function text({ title, rows, series, notes, skipped, seconds, versions }: SuiteResult): string {
  const beside = Object.entries(versions ?? {}).map(([name, version]) => `${name} ${version}`)
  return [
    `${title.toUpperCase()} (${seconds} s${beside.length > 0 ? `; ${beside.join(', ')}` : ''})`,
    rows && rows.length > 0 ? rowTable(rows) : undefined,
    ...(series ?? []).map(seriesTable),
    notes?.join('\n'),
    skipped?.map((what) => `Not measured: ${what}`).join('\n'),
  ]
    .filter((part) => part !== undefined && part !== '')
    .join('\n\n')
}

export function machineText({ date, cpu, cores, memory, kernel, node, untorn, fileSystem }: Machine): string {
  return `${date}\n${cpu}, ${cores} cores, ${memory} GiB, ${kernel}, ${fileSystem}\nNode ${node}, untorn ${untorn}`
}

export function targetsText(results: readonly SuiteResult[]): string {
  const targets = results.flatMap((result) => result.targets ?? [])
  if (targets.length === 0) return ''
  return table(['Targets', 'measured', '', 'met'], targets.map(targetRow), [0, 2, 3])
}

function targetRow(target: Target): string[] {
  const { what, value, limit, bound, unit } = target
  const after = unit === undefined ? '' : ` ${unit}`
  return [what, `${number(value)}${after}`, `${limit} ${number(bound)}${after}`, isMet(target) ? 'yes' : 'NO']
}

function rowTable(rows: readonly Row[]): string {
  const lines: string[][] = []
  let group = ''
  for (const { group: next, name, unit, value, ratio } of rows) {
    if (next !== group) lines.push(Array(7).fill(''), [next, ...Array(6).fill('')])
    group = next
    lines.push([
      name,
      number(value.median),
      unit,
      `${number(value.q1)} .. ${number(value.q3)}`,
      `${number(value.min)} .. ${number(value.max)}`,
      ratio ? number(ratio.value.median) : '',
      ratio ? ratio.to : '',
    ])
  }
  return table(['', 'median', '', 'quartiles', 'min .. max', 'ratio', 'to'], lines, [0, 2, 6])
}

/** Eleven places of the lines, which is enough to see where they go. */
function seriesTable({ title, x, y, lines }: Series): string {
  const xs = [...new Set(lines.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b)
  const shown =
    xs.length <= 11 ? xs : Array.from({ length: 11 }, (_, i) => xs[Math.round((i * (xs.length - 1)) / 10)]!)
  const rows = shown.map((at) => [
    number(at),
    ...lines.map(({ points }) => {
      const found = points.find(([other]) => other === at)
      return found ? number(found[1]) : ''
    }),
  ])
  return `${title} (${y.label})\n${table([x.label, ...lines.map(({ name }) => name)], rows, [])}`
}
