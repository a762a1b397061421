import type { Row, Series, SuiteResult } from '../suite.ts'

/** A result does not have what a chart is made of: a suite has renamed it, or it was not measured. */
export class MissingFigureError extends Error {
  override name = 'MissingFigureError'
}

/** Which row of a suite: by its whole name, or by a pattern. */
export interface RowPattern {
  group?: string | RegExp
  name: string | RegExp
}

/** The one row that is meant. None, and more than one, are errors: a chart must not lose a bar silently. */
export function pickRow(result: SuiteResult, pattern: RowPattern): Row {
  const rows = result.rows ?? []
  const found = rows.filter((row) => matches(row.group, pattern.group) && matches(row.name, pattern.name))
  if (found.length === 1) return found[0]!
  const there = (found.length > 1 ? found : rows).map(({ group, name }) => `${group} / ${name}`)
  throw new MissingFigureError(
    `The suite "${result.suite}" has ${found.length === 0 ? 'no row' : `${found.length} rows`} ` +
      `${pattern.group ?? '*'} / ${pattern.name}. ${listed(there)}`,
  )
}

/** As {@link pickRow}; undefined where the suite says that this was skipped. */
export function pickUnlessSkipped(
  result: SuiteResult,
  pattern: RowPattern,
  skipped: RegExp,
): Row | undefined {
  try {
    return pickRow(result, pattern)
  } catch (error) {
    if (result.skipped?.some((what) => skipped.test(what))) return undefined
    throw error
  }
}

/** A series, with those of its lines that are meant; missing: all. None is an error. */
export function pickSeries(result: SuiteResult, name: string, only?: RegExp): Series {
  const series = result.series ?? []
  const found = series.find((one) => one.name === name)
  const lines = found?.lines.filter((line) => matches(line.name, only)) ?? []
  if (found && lines.length > 0) return { ...found, lines }
  const there = series.flatMap((one) => one.lines.map((line) => `${one.name} / ${line.name}`))
  throw new MissingFigureError(
    `The suite "${result.suite}" has no series ${name} / ${only ?? '*'}. ${listed(there)}`,
  )
}

function matches(text: string, pattern: string | RegExp | undefined): boolean {
  if (pattern === undefined) return true
  return typeof pattern === 'string' ? text === pattern : pattern.test(text)
}

function listed(there: readonly string[]): string {
  return there.length === 0 ? 'There are none.' : `There are:\n  ${there.join('\n  ')}`
}
