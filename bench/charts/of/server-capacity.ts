import type { SuiteResult } from '../../suite.ts'
import { markdownTable } from '../markdown.ts'
import { pickRow } from '../pick.ts'
import type { Table } from '../table.ts'

// Sums on paper: nobody has run them. What they are made of was measured.

function median(result: SuiteResult, name: string): number {
  return pickRow(result, { name }).value.median
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en')
}

/** Two digits: more than a sum on paper is worth. */
function rough(value: number): string {
  return Number(value.toPrecision(2)).toLocaleString('en')
}

const LIVE = [1e6, 1e7, 1e8]

/** Of a node with 32 GB. */
const MAXMEMORY_GB = 20

export const capacity: Table = {
  name: 'servers-capacity',
  suite: 'servers',
  markdown(result) {
    const kept: [label: string, name: string][] = [
      ['Redis, memory', 'Redis: untorn'],
      ['Redis, memory, `hash-max-listpack-value 1024`', 'Redis: untorn, hash-max-listpack-value 1024'],
      ['PostgreSQL, disk', 'untorn: disk'],
    ]
    const rows = kept.map(([label, name]) => {
      const bytes = median(result, name)
      const node = name.startsWith('Redis') ? `${rough((MAXMEMORY_GB * 1000) / bytes)} million` : ''
      return [label, whole(bytes), ...LIVE.map((live) => `${rough((live * bytes) / 1e9)} GB`), node]
    })
    const head = ['1 million', '10 million', '100 million', `in \`maxmemory ${MAXMEMORY_GB}gb\``]
    return markdownTable(['live sessions x bytes', 'bytes', ...head], rows)
  },
}

/** A second, at the peak of a hundred million sessions of a week each: docs/several-machines.md says how. */
const PEAK = { loads: 28_935, saves: 2894, uses: 8267, begins: 827, ends: 827 }

export const peak: Table = {
  name: 'servers-peak',
  suite: 'servers',
  markdown(result) {
    const { loads, saves, uses, begins, ends } = PEAK
    const writes = saves + uses + begins
    const cores = (server: string, at: string): string[] => {
      const cpu = (what: string): number =>
        Math.round(median(result, `${at}: untorn: ${what}: CPU of the server`))
      const [load, save] = [cpu('load'), cpu('save')]
      const [reading, writing] = [(loads * load) / 1e6, (writes * save) / 1e6]
      return [
        `${server}: cores that are busy`,
        `${whole(loads)} x ${load} us + ${whole(writes)} x ${save} us`,
        `${rough(reading)} + ${rough(writing)} = ${rough(reading + writing)}`,
      ]
    }
    const [log, use] = [median(result, 'untorn: log'), median(result, 'untorn: log, use')]
    const sweep = median(result, 'PostgreSQL: sweep, sessions removed')
    return markdownTable(
      ['at that peak', 'sum', ''],
      [
        cores('Redis', 'node-redis, 64 at a time'),
        cores('PostgreSQL', 'pg, 16 at a time'),
        [
          'PostgreSQL: log, without whole pages',
          `${whole(saves)} x ${whole(log)} + ${whole(uses)} x ${whole(use)} bytes`,
          `${rough((saves * log + uses * use) / 1e6)} MB a second`,
        ],
        [
          'PostgreSQL: time that somebody sweeps',
          `${ends} a second, of ${rough(sweep)} that a sweep removes`,
          `${rough((ends / sweep) * 100)} %`,
        ],
      ],
    )
  },
}
