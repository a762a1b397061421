import { isMet, type SuiteResult, type Target } from '../suite.ts'
import { short } from './words.ts'

/** What was wanted and what was measured, as a table in Markdown. */
export function targetTable(suites: readonly SuiteResult[]): string {
  const lines = suites.flatMap(({ targets = [], quick }) => targets.map((target) => line(target, quick)))
  return ['| what | target | measured | |', '|---|---|---|---|', ...lines].join('\n')
}

function line(target: Target, quick: boolean): string {
  const { what, limit, bound, value, unit } = target
  const after = unit === undefined || unit === 'count' ? '' : ` ${unit}`
  const measured = unit === 'count' ? value.toLocaleString('en') : short(value)
  const verdict = isMet(target) ? 'met' : '**missed**'
  const cells = [
    what.replaceAll('|', '\\|'),
    `${limit} ${bound.toLocaleString('en', { maximumSignificantDigits: 3 })}${after}`,
    `${measured}${after}${quick ? ', quick run' : ''}`,
    verdict,
  ]
  return `| ${cells.join(' | ')} |`
}
