import { number } from '../report/table.ts'
import type { Unit } from '../suite.ts'
import type { Figure, Panel } from './figure.ts'

/** A value with its unit, short enough to stand beside a bar. */
export function valueText(value: number, unit: Unit): string {
  switch (unit) {
    case 'count':
    case 'files':
    case 'requests/s':
    case 'operations/s':
      return Math.round(value).toLocaleString('en')
    case '%':
      return `${number(value)} %`
    default:
      return `${short(value)} ${unit}`
  }
}

/** Three digits at least, and thousands apart. */
export function short(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : number(value)
}

/** Not to be broken into two lines. */
export function together(text: string): string {
  return text.replaceAll(' ', '\u00a0')
}

export const unitNames: Record<Unit, string> = {
  us: 'microseconds',
  ms: 'milliseconds',
  s: 'seconds',
  MiB: 'MiB',
  bytes: 'bytes',
  'requests/s': 'requests per second',
  'operations/s': 'operations per second',
  files: 'files',
  count: 'number',
  '%': 'per cent',
}

/** The figure in words, for who does not see it. */
export function description({ explanation, panels }: Figure): string {
  return [explanation, ...panels.map(panelText)].join(' ')
}

function panelText(panel: Panel): string {
  const items =
    panel.kind === 'rows'
      ? panel.marks.map(({ label, text, note }) => `${label} ${text}${note ? ` (${note})` : ''}`)
      : panel.lines.map(({ label, points }) => `${label} ${course(points)}`)
  return `${panel.heading}: ${items.join(', ')}.`
}

/** A line by its ends and its height: between them a reader of text has no use for hundreds of points. */
function course(points: readonly (readonly [number, number])[]): string {
  const first = points[0]
  const last = points.at(-1)
  if (!first || !last) return 'without points'
  const highest = Math.max(...points.map(([, y]) => y))
  return `from ${short(first[1])} at ${short(first[0])} to ${short(last[1])} at ${short(last[0])}, at most ${short(highest)}`
}
