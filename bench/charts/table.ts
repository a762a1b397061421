import type { SuiteResult } from '../suite.ts'

/** Figures of one suite as a table in Markdown, where a chart would hide the numbers that somebody reckons with. */
export interface Table {
  /** Of its place in a document. */
  name: string
  suite: string
  /** @throws MissingFigureError if the result does not have what the table names */
  markdown(result: SuiteResult): string
}
