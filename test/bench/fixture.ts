import type { Row, SuiteResult, Target } from '../../bench/suite.ts'

/** A result as a suite gives it, with the parts that a test is about. */
export function resultOf(parts: Partial<SuiteResult> = {}): SuiteResult {
  return {
    suite: 'http',
    title: 'Requests',
    quick: false,
    seconds: 1,
    machine: {
      date: '2031-02-03T04:05:06.000Z',
      cpu: 'A Processor',
      cores: 2,
      memory: 24,
      kernel: 'Linux 6.1',
      node: 'v20.20.2',
      untorn: '1.2.3',
      fileSystem: 'ext4',
    },
    ...parts,
  }
}

/** A row whose samples were all alike. */
export function rowOf(name: string, value: number, parts: Partial<Row> = {}): Row {
  return { group: 'Express', name, unit: 'us', value: alike(value), ...parts }
}

export function alike(value: number): Row['value'] {
  return { min: value, q1: value, median: value, q3: value, max: value }
}

export function targetOf(parts: Partial<Target> = {}): Target {
  return { what: 'a load / an fstat', limit: 'at most', bound: 1.5, value: 1.25, ...parts }
}
