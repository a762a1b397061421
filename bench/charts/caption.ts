import type { SuiteResult } from '../suite.ts'
import { together } from './words.ts'

/** Where, with what and when: without it figures mean nothing. */
export function caption({ machine, versions, quick }: SuiteResult): string {
  const { cpu, cores, memory, fileSystem, kernel, node, untorn, date } = machine
  const beside = Object.entries(versions ?? {})
  return [
    ...(quick ? ['Quick run, not for publication.'] : []),
    `${[cpu, together(`${cores} cores`), together(`${memory} GiB`), fileSystem, together(kernel)].join(', ')}.`,
    `${[['Node.js', node.replace(/^v/, '')], ['untorn', untorn], ...beside].map((of) => together(of.join(' '))).join(', ')}.`,
    `Measured on ${date.slice(0, 10)}.`,
  ].join(' ')
}
