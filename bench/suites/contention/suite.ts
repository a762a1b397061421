import { join } from 'node:path'
import type { Sessions } from 'untorn'
import type { SyncFileStore } from 'untorn/file'
import { values } from '../../candidates/sample.ts'
import { createSessions, fileStore, sessionKey } from '../../candidates/untorn.ts'
import { alternate, type Candidate, type Duration } from '../../measure/alternate.ts'
import { type Child, forked } from '../../measure/children.ts'
import { ratio, spread } from '../../measure/statistics.ts'
import type { Measured, Row, Series, Suite, SuiteContext } from '../../suite.ts'
import { cookieOf } from '../store/sessions.ts'
import { monotonic } from './monotonic.ts'
import type { Contended, Done, Slice, Work } from './worker.ts'

interface Plan extends Duration {
  processes: number[]
  /** Milliseconds for each line in a round. */
  slice: number
}

const LONG: Plan = { warmUp: 1, rounds: 15, seconds: 82, processes: [1, 2, 4, 8], slice: 180 }
const QUICK: Plan = { warmUp: 1, rounds: 3, seconds: 6, processes: [1, 2, 4], slice: 60 }

const MANY = 64

/** Milliseconds from the order to the first operation, for all processes to have heard of it. */
const HEAD_START = 5

const WORKS: Record<Work, string> = {
  increment: 'load + conditional save',
  update: 'open + update + commit',
  save: 'save',
  load: 'load',
}

export const contentionSuite: Suite = {
  name: 'contention',
  title: 'Processes at the same sessions',
  run: measureContention,
}

async function measureContention({ quick, directory, progress }: SuiteContext): Promise<Measured> {
  const plan = quick ? QUICK : LONG
  const root = join(directory, 'sessions')
  const store = fileStore(root, { sweepEvery: 0 })
  const children = Array.from({ length: Math.max(...plan.processes) }, () =>
    forked<Slice, Done>(new URL('worker.ts', import.meta.url)),
  )
  try {
    const sessions = createSessions<Stored>({ store, cookie: { name: 'sid' } })
    const many: Contended[] = []
    while (many.length < MANY) many.push(await created(sessions))
    const cases = combinations(many, plan.processes)
    const candidates = cases.map((of) => candidate(of, root, store, children, plan.slice))
    return measuredOf(cases, await alternate(candidates, plan, progress), plan.slice)
  } finally {
    await Promise.all([store.close(), ...children.map((child) => child.stop())])
  }
}

type Stored = typeof values & { n: number }

async function created(sessions: Sessions<Stored>): Promise<Contended> {
  const session = await sessions.open(undefined)
  session.set('user', values.user)
  session.set('cart', values.cart)
  session.set('token', values.token)
  session.set('n', 0)
  const cookie = cookieOf(await session.commit())
  return { cookie, key: sessionKey(cookie.slice(cookie.indexOf('=') + 1)) }
}

/** So many processes, doing this to these sessions. */
interface Case {
  name: string
  work: Work
  where: string
  processes: number
  sessions: Contended[]
}

function combinations(many: Contended[], counts: readonly number[]): Case[] {
  const wheres = { 'one session': many.slice(0, 1), [`${MANY} sessions`]: many }
  return (Object.keys(WORKS) as Work[]).flatMap((work) =>
    Object.entries(wheres).flatMap(([where, sessions]) =>
      counts.map((processes) => ({
        name: nameOf(work, where, processes),
        work,
        where,
        processes,
        sessions,
      })),
    ),
  )
}

function nameOf(work: Work, where: string, processes: number): string {
  return `${work}, ${where}, ${processes === 1 ? '1 process' : `${processes} processes`}`
}

/** What all processes did in one slice. */
interface Sample {
  perSecond: number
  /** For each success. */
  conflicts: number
  givenUp: number
  /** Increments that succeeded and are not in the value at the end. */
  lost: number
}

function candidate(
  { name, work, processes, sessions }: Case,
  directory: string,
  store: SyncFileStore,
  children: readonly Child<Slice, Done>[],
  milliseconds: number,
): Candidate<Sample> {
  const counts = work === 'increment' || work === 'update'
  return {
    name,
    async take() {
      const before = total(store, sessions)
      const from = monotonic() + HEAD_START
      const slice = { directory, work, sessions, from, until: from + milliseconds }
      const done = await Promise.all(children.slice(0, processes).map((child) => child.ask(slice)))
      const sum = (field: keyof Done): number => done.reduce((sum, one) => sum + one[field], 0)
      return {
        perSecond: (sum('inTime') / milliseconds) * 1000,
        conflicts: sum('conflicts') / Math.max(1, sum('inAll')),
        givenUp: sum('givenUp'),
        lost: counts ? before + sum('inAll') - total(store, sessions) : 0,
      }
    },
  }
}

function total(store: SyncFileStore, sessions: readonly Contended[]): number {
  return sessions.reduce((sum, { key }) => sum + Number(store.load(key)!.values.get('n')), 0)
}

function measuredOf(
  cases: readonly Case[],
  samples: ReadonlyMap<string, readonly Sample[]>,
  slice: number,
): Measured {
  const of = (name: string, field: keyof Sample): number[] =>
    samples.get(name)!.map((sample) => sample[field])
  const all = [...samples.values()].flat()
  const sum = (field: keyof Sample): number => all.reduce((sum, sample) => sum + sample[field], 0)
  const counted = cases.filter(({ work }) => work === 'increment' || work === 'update')
  const hot = nameOf('increment', 'one session', 4)
  const rows = cases.map(({ name, work, where }): Row => {
    const alone = nameOf(work, where, 1)
    return {
      group: `All processes together: ${WORKS[work]}, ${where}`,
      name,
      unit: 'operations/s',
      value: spread(of(name, 'perSecond')),
      ratio: { to: alone, value: ratio(of(name, 'perSecond'), of(alone, 'perSecond')) },
    }
  })
  const conflicts = counted.map(({ name }): Row => {
    const value = spread(of(name, 'conflicts'))
    return { group: 'Conflicts for each success', name: `${name}: conflicts`, unit: 'count', value }
  })
  const lost: Row = { group: 'Lost', name: 'increments lost', unit: 'count', value: spread([sum('lost')]) }
  return {
    rows: [...rows, ...conflicts, lost],
    series: [seriesOf(cases, 'one session', of), seriesOf(cases, `${MANY} sessions`, of)],
    targets: [
      {
        what: 'conditional increments of one session, four processes in all',
        limit: 'at least',
        bound: 10_000,
        value: spread(of(hot, 'perSecond')).median,
        unit: 'operations/s',
      },
      { what: 'increments lost', limit: 'at most', bound: 0, value: sum('lost'), unit: 'count' },
    ],
    notes: [
      `${samples.get(hot)!.length} rounds; in each, every line for ${slice} ms, in a shuffled order. ` +
        'The processes begin and end at the same moments, and are the same ones in all lines.',
      'Whoever meets a conflict tries again at once, with the record that the conflict came with. ' +
        `Updates given up after a hundred tries: ${sum('givenUp')}.`,
      'After each slice the counters are read by one more process, and compared with the successes.',
    ],
  }
}

function seriesOf(
  cases: readonly Case[],
  where: string,
  of: (name: string, field: keyof Sample) => number[],
): Series {
  const lines = (Object.keys(WORKS) as Work[]).map((work) => ({
    name: WORKS[work],
    points: cases
      .filter((one) => one.work === work && one.where === where)
      .map(({ name, processes }): [number, number] => [processes, spread(of(name, 'perSecond')).median]),
  }))
  return {
    name: where === 'one session' ? 'contention-one' : 'contention-many',
    title: `Processes at ${where}`,
    x: { label: 'processes' },
    y: { label: 'operations/s in all', scale: 'log' },
    lines,
  }
}
