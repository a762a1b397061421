import { ratio, spread } from '../../measure/statistics.ts'
import type { Measured, Row, Series, Target, Unit } from '../../suite.ts'
import type { Creation } from './fill.ts'
import type { Footprint } from './filler.ts'
import { label } from './population.ts'
import type { Delay, Sweeping, Timed } from './server.ts'

/** One sweep, with half of the sessions expired and requests going on. */
export interface Sweep extends Sweeping {
  delay: Delay
  /** Bytes at most above the start, so far. */
  memory: number
}

/** What was found out with so many sessions. */
export interface Grown {
  sessions: number
  creation: Creation
  footprint: Footprint
  times(what: Timed): readonly number[]
  /** Bytes at most above the start, after the loads and saves. */
  servingMemory: number
  /** Of the event loop, with requests alone. */
  servingDelay: Delay
  sweeps: Sweep[]
}

const TIMED: Timed[] = ['load, hot', 'load, cold', 'save, hot', 'save, at random']
const MIB = 2 ** 20

export function measuredOf(grown: readonly Grown[]): Measured {
  if (grown.length === 0) return {}
  return {
    rows: [
      ...grown.flatMap((one) => timeRows(one, grown[0]!)),
      ...grown.flatMap(sweepRows),
      ...grown.flatMap(delayRows),
      ...grown.flatMap(memoryRows),
      ...grown.flatMap(diskRows),
    ],
    series: series(grown),
    targets: targets(grown[0]!, grown.at(-1)!),
    notes: notes(grown[0]!),
  }
}

function row(group: string, { sessions }: Grown, name: string, unit: Unit, samples: readonly number[]): Row {
  return { group, name: `${label(sessions)}: ${name}`, unit, value: spread(samples) }
}

function timeRows(one: Grown, least: Grown): Row[] {
  const { creation } = one
  const group = `Calls, ${label(one.sessions)}`
  const rows = TIMED.map((what): Row => {
    const value = ratio(one.times(what), least.times(what))
    const to = `${label(least.sessions)}: ${what}`
    return { ...row(group, one, what, 'us', one.times(what)), ratio: { to, value } }
  })
  // As it is when most of them are there.
  const late = creation.points.filter(([sessions]) => sessions > one.sessions / 2).map(([, took]) => took)
  return late.length > 0 ? [...rows, row(group, one, 'create', 'us', late)] : rows
}

function sweepRows(one: Grown): Row[] {
  const of = (value: (sweep: Sweep) => number): number[] => one.sweeps.map(value)
  const group = 'A sweep, half of them expired, with requests going on'
  return [
    row(
      group,
      one,
      'sweep',
      's',
      of(({ seconds }) => seconds),
    ),
    row(
      group,
      one,
      'processor time of it, requests included',
      's',
      of(({ cpuSeconds }) => cpuSeconds),
    ),
    row(
      group,
      one,
      'sweep, for each session looked at',
      'us',
      of(({ seconds, scanned }) => (seconds * 1e6) / scanned),
    ),
  ]
}

const PERCENTILES: [name: string, field: keyof Delay][] = [
  ['p50', 'p50'],
  ['p99', 'p99'],
  ['p99.9', 'p999'],
  ['longest', 'max'],
]

function delayRows(one: Grown): Row[] {
  const group = 'Event-loop delay'
  return PERCENTILES.flatMap(([name, field]) => [
    row(group, one, `requests alone, ${name}`, 'ms', [one.servingDelay[field]]),
    row(
      group,
      one,
      `while sweeping, ${name}`,
      'ms',
      one.sweeps.map(({ delay }) => delay[field]),
    ),
  ])
}

function memoryRows(one: Grown): Row[] {
  const group = 'Memory of a process above its start'
  const mib = (name: string, bytes: number): Row => row(group, one, name, 'MiB', [bytes / MIB])
  return [
    ...(one.creation.points.length > 0 ? [mib('that has created them', one.creation.memory)] : []),
    mib('at most, loads and saves', one.servingMemory),
    mib('at most, the sweep too', peak(one)),
  ]
}

function peak({ sweeps, servingMemory }: Grown): number {
  return Math.max(servingMemory, ...sweeps.map(({ memory }) => memory))
}

function diskRows(one: Grown): Row[] {
  const { files, directories, allocated, written } = one.footprint
  const group = 'On the disk'
  return [
    row(group, one, 'files', 'files', [files]),
    row(group, one, 'directories', 'count', [directories]),
    row(group, one, 'allocated', 'MiB', [allocated / MIB]),
    row(group, one, 'written', 'MiB', [written / MIB]),
    row(group, one, 'allocated for each', 'bytes', [allocated / one.sessions]),
  ]
}

function series(grown: readonly Grown[]): Series[] {
  const x = { label: 'sessions', scale: 'log' } as const
  const over = (of: (one: Grown) => number): [number, number][] => grown.map((one) => [one.sessions, of(one)])
  return [
    {
      name: 'growth-load',
      title: 'Loads and saves, as sessions grow more',
      x,
      y: { label: 'us' },
      lines: TIMED.map((what) => ({ name: what, points: over((one) => spread(one.times(what)).median) })),
    },
    {
      name: 'growth-sweep',
      title: 'A sweep, half of them expired',
      x,
      y: { label: 's', scale: 'log' },
      lines: [
        { name: 'sweep', points: over((one) => spread(one.sweeps.map(({ seconds }) => seconds)).median) },
      ],
    },
    {
      name: 'growth-memory',
      title: 'Memory of a process above its start',
      x,
      y: { label: 'MiB' },
      lines: [
        { name: 'loads and saves', points: over((one) => one.servingMemory / MIB) },
        { name: 'and a sweep', points: over((one) => peak(one) / MIB) },
      ],
    },
    {
      name: 'growth-create',
      title: `Creating ${label(grown.at(-1)!.sessions)}`,
      x: { label: 'sessions' },
      y: { label: 'us' },
      lines: [{ name: 'create', points: grown.at(-1)!.creation.points }],
    },
  ]
}

function targets(least: Grown, most: Grown): Target[] {
  const growth = (what: Timed): Target => ({
    what: `${what}: ${label(most.sessions)} / ${label(least.sessions)}`,
    limit: 'at most',
    bound: 1.5,
    value: ratio(most.times(what), least.times(what)).median,
  })
  const seconds = spread(most.sweeps.map((sweep) => sweep.seconds)).median
  const delay = spread(most.sweeps.map((sweep) => sweep.delay.p99)).median
  return [
    growth('load, hot'),
    growth('load, cold'),
    {
      what: `sweep of a million, half of them expired${most.sessions === 1e6 ? '' : ', in proportion'}`,
      limit: 'at most',
      bound: 60,
      value: (seconds * 1e6) / most.sessions,
      unit: 's',
    },
    {
      what: `event-loop delay p99 while ${label(most.sessions)} are swept`,
      limit: 'at most',
      bound: 10,
      value: delay,
      unit: 'ms',
    },
    {
      what: `memory above start, ${label(most.sessions)}`,
      limit: 'at most',
      bound: 64,
      value: peak(most) / MIB,
      unit: 'MiB',
    },
  ]
}

function notes(least: Grown): string[] {
  return [
    `${least.times('load, hot').length} rounds of calls, each over all sizes in a shuffled order, one process for each ` +
      'size; sessions of 400 bytes. Half of them have expired and were not swept yet when the calls are measured.',
    'Hot: 64 sessions in turn. Cold: any session, by a store that keeps one open. At random: any session, by a store ' +
      'that keeps its thousand. Pages and inodes are cached as the creation has left them.',
    'Delay of the event loop: how late a timer of one millisecond fires (monitorEventLoopDelay with a resolution of ' +
      '1 ms, less that millisecond), while a load and a save of hot sessions come in each millisecond.',
    'Memory: resident set, sampled, less what it was before the store was opened.',
  ]
}
