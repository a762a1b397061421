import { spread } from '../../measure/statistics.ts'
import type { Row, Series } from '../../suite.ts'
import type { Look } from './application.ts'
import { slope } from './slope.ts'
import type { Visitors } from './visitors.ts'

/** What was seen in one second. */
export interface Moment extends Look {
  second: number
  /** Of sessions, on the disk. */
  files: number
}

export interface Soaked {
  plan: { seconds: number; rests: boolean }
  visitors: Visitors
  moments: readonly Moment[]
  /** At rest, before the first request. */
  before: Moment
  /** At rest again, when all sessions have expired. */
  after: Moment | undefined
}

type Point = [second: number, value: number]

const MIB = 2 ** 20

/** Each in its own unit; without the seconds in which it was not looked at. */
const lines = {
  'resident (RSS)': pointsOf(({ rss }) => rss / MIB),
  'heap in use': pointsOf(({ heap }) => heap && heap / MIB),
  'outside of the heap': pointsOf(({ external }) => external / MIB),
  'descriptors of the process': pointsOf(({ descriptors }) => descriptors),
  'session files': pointsOf(({ files }) => files),
}

const memory = ['resident (RSS)', 'heap in use', 'outside of the heap'] as const

function pointsOf(value: (moment: Moment) => number | undefined): (moments: readonly Moment[]) => Point[] {
  return (moments) =>
    moments.flatMap((moment) => {
      const found = value(moment)
      return found === undefined ? [] : [[moment.second, found] as Point]
    })
}

export function seriesOf(moments: readonly Moment[]): Series[] {
  const x = { label: 'seconds' }
  const drawn = (names: readonly (keyof typeof lines)[]): Series['lines'] =>
    names.map((name) => ({ name, points: lines[name](moments) }))
  return [
    { name: 'soak-memory', title: 'Memory', x, y: { label: 'MiB' }, lines: drawn(memory) },
    {
      name: 'soak-files',
      title: 'Descriptors, and files on the disk',
      x,
      y: { label: 'count' },
      lines: drawn(['descriptors of the process', 'session files']),
    },
  ]
}

export function rowsOf({ plan, visitors, moments, before, after }: Soaked): Row[] {
  const half = moments.filter(({ second }) => second > plan.seconds / 2)
  return [
    ...used(half),
    ...(plan.rests ? growth(half) : []),
    ...(after ? left(before, after) : []),
    ...done(visitors, moments.at(-1)!, plan.seconds),
  ]
}

function used(half: readonly Moment[]): Row[] {
  return Object.entries(lines).flatMap(([name, points]) => {
    const values = points(half).map(([, value]) => value)
    const unit = isMemory(name) ? 'MiB' : 'count'
    return values.length === 0
      ? []
      : [{ group: 'Second half', name, unit, value: spread(values) } satisfies Row]
  })
}

function growth(half: readonly Moment[]): Row[] {
  return Object.entries(lines).flatMap(([name, points]) => {
    const found = points(half)
    if (found.length < 2) return []
    const unit = isMemory(name) ? 'MiB' : 'count'
    const value = spread([slope(found) * 3600])
    return [{ group: 'Growth in an hour, from the second half', name, unit, value } satisfies Row]
  })
}

function left(before: Moment, after: Moment): Row[] {
  const group = 'At rest, before the first request and when all sessions have expired'
  return (['heap in use', 'descriptors of the process', 'session files'] as const).flatMap((name) => {
    const unit = isMemory(name) ? 'MiB' : 'count'
    const row = (when: string, moment: Moment): Row[] =>
      lines[name]([moment]).map(([, value]) => ({
        group,
        name: `${name}, ${when}`,
        unit,
        value: spread([value]),
      }))
    return [...row('before', before), ...row('after', after)]
  })
}

function done(visitors: Visitors, { folds, swept, events }: Moment, seconds: number): Row[] {
  const wrong = [...visitors.wrong].map(([what, times]) => [`not as it should be: ${what}`, times] as const)
  const counts = [
    ['requests', visitors.requests],
    ['requests that the client left', visitors.left],
    ['refused: the session was ended meanwhile', visitors.refused],
    ['answered otherwise than they should be', [...visitors.wrong.values()].reduce((a, b) => a + b, 0)],
    ...wrong,
    ...Object.entries(events).map(([type, times]) => [`event ${type}`, times] as const),
    ['journals folded', folds],
    ['expired sessions swept', swept],
  ] as const
  const rate: Row = {
    group: 'Done',
    name: 'rate',
    unit: 'requests/s',
    value: spread([visitors.requests / seconds]),
  }
  return [
    rate,
    ...counts.map(([name, count]): Row => ({ group: 'Done', name, unit: 'count', value: spread([count]) })),
  ]
}

function isMemory(name: string): boolean {
  return (memory as readonly string[]).includes(name)
}
