import type { Row, Series, SuiteResult } from '../suite.ts'
import { caption } from './caption.ts'
import type { Figure, Line, Mark, Panel, Role, RowPanel } from './figure.ts'
import { pickRow, pickSeries, pickUnlessSkipped, type RowPattern } from './pick.ts'
import { together, unitNames, valueText } from './words.ts'

/** What a picture shows of one suite's result. */
export interface Chart {
  /** Of the file, without theme and extension. */
  name: string
  suite: string
  title: string
  better: 'less' | 'more' | 'flat'
  panels: readonly PanelOf[]
  /** What a reader has to know besides, in a sentence. */
  note?: string
}

/** Takes from a result what a panel shows; nothing if all of it was skipped. */
export type PanelOf = (result: SuiteResult) => Panel | undefined

/** One row of the suite in a panel. */
export interface RowOf extends RowPattern {
  label: string
  role: Role
  /** A peer that not every machine has: what the suite says in `skipped` if it is not there. */
  unless?: RegExp
}

export interface RowsOptions {
  scale?: RowPanel['scale']
  /** How the row's ratio is printed; missing: not at all. */
  ratio?: 'times' | 'percent'
}

const direction = { less: 'less is better', more: 'more is better', flat: 'flat is good' } as const

/** @throws MissingFigureError if the result does not have what the chart names */
export function compose(chart: Chart, result: SuiteResult): Figure {
  const panels = chart.panels.flatMap((panel) => panel(result) ?? [])
  return {
    title: `${chart.title} (${together(direction[chart.better])})`,
    explanation: explanation(chart, panels),
    panels,
    caption: caption(result),
    source: result,
  }
}

export function rows(heading: string, picked: readonly RowOf[], options: RowsOptions = {}): PanelOf {
  return (result) => {
    const marks = picked.flatMap((one) => {
      const row = one.unless ? pickUnlessSkipped(result, one, one.unless) : pickRow(result, one)
      return row ? [mark(one, row, options)] : []
    })
    if (marks.length === 0) return undefined
    const [unit, ...others] = [...new Set(marks.map(({ unit }) => unit))]
    if (unit === undefined || others.length > 0)
      throw new RangeError(`The rows of "${heading}" are not of one unit.`)
    return {
      kind: 'rows',
      heading: `${heading}, ${unitNames[unit]}`,
      unit,
      scale: options.scale ?? 'linear',
      marks: marks.map(({ unit: _, ...mark }) => mark),
    }
  }
}

export interface LinesOptions {
  /** In place of the series' own title. */
  heading?: string
  /** Which lines; missing: all. */
  only?: RegExp
  /** Which of them are untorn's; missing: all. */
  untorn?: RegExp
}

/** A series as the suite has it. */
export function lines(name: string, options: LinesOptions = {}): PanelOf {
  return (result) => linePanel(pickSeries(result, name, options.only), options)
}

function mark(of: RowOf, row: Row, { ratio }: RowsOptions): Mark & Pick<Row, 'unit'> {
  const { label, role } = of
  const text = valueText(row.value.median, row.unit)
  const note = ratio === undefined ? undefined : ratioText(row, ratio)
  return { label, role, value: row.value, unit: row.unit, text, ...(note !== undefined && { note }) }
}

/** Nothing for a row that is its own measure. */
function ratioText({ name, ratio }: Row, as: 'times' | 'percent'): string | undefined {
  if (!ratio || ratio.to === name) return undefined
  const { median } = ratio.value
  if (as === 'percent') return `${(median * 100).toFixed(0)} %`
  if (median >= 10) return `${Math.round(median).toLocaleString('en')} x`
  return `${median.toFixed(median >= 1 ? 1 : 2)} x`
}

function linePanel(
  { title, x, y, lines }: Series,
  { heading = title, untorn }: LinesOptions,
): Panel | undefined {
  const drawn = lines.map(({ name, points }): Line => {
    const role = untorn === undefined || untorn.test(name) ? 'untorn' : 'peer'
    return { label: name, role, points }
  })
  // The suite has no point where the system could not tell.
  const known = drawn.filter(({ points }) => points.length > 0)
  return known.length === 0 ? undefined : { kind: 'lines', heading, x, y, lines: known }
}

function explanation({ note }: Chart, panels: readonly Panel[]): string {
  const spreads = panels.some(({ kind }) => kind === 'rows')
  const logarithmic = panels.some((panel) => (panel.kind === 'rows' ? panel.scale : panel.y.scale) === 'log')
  return [
    ...(logarithmic ? ['The axis is logarithmic: each step is ten times the one before.'] : []),
    ...(spreads ? ['Medians; the thin line holds the middle half of the samples.'] : []),
    ...(note ? [note] : []),
  ].join(' ')
}
