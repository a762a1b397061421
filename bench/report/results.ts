import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { SuiteResult } from '../suite.ts'

const FORMAT = 1

/** What a results file holds: the newest result of each suite. */
export interface Results {
  format: typeof FORMAT
  suites: SuiteResult[]
}

export function readResults(path: string): Results {
  const results = JSON.parse(readFileSync(path, 'utf8')) as Results
  if (results.format !== FORMAT)
    throw new Error(`${path} is of format ${results.format}, not ${FORMAT}: measure anew.`)
  return results
}

/** Puts a suite's result into the file, in place of an earlier one: suites that take long are run on their own. */
export function writeResult(path: string, result: SuiteResult): void {
  const others = existsSync(path)
    ? readResults(path).suites.filter(({ suite }) => suite !== result.suite)
    : []
  const results: Results = { format: FORMAT, suites: [...others, result] }
  // Whole or not at all: a run that is stopped here has taken an hour.
  writeFileSync(`${path}.new`, `${JSON.stringify(results, undefined, 2)}\n`)
  renameSync(`${path}.new`, path)
}
