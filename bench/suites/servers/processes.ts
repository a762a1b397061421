import type { SessionStore } from 'untorn'
import { newKey, newRecord } from '../../candidates/sample.ts'
import { alternate, type Candidate, type Duration } from '../../measure/alternate.ts'
import { type Child, forked } from '../../measure/children.ts'
import { spread } from '../../measure/statistics.ts'
import type { Row, SuiteContext, Target } from '../../suite.ts'
import { monotonic } from '../contention/monotonic.ts'
import { openPair, type ServerName } from './pairs.ts'
import type { Done, Slice } from './worker.ts'

const PROCESSES = [1, 2, 4] as const

/** Milliseconds from the order to the first operation, for all processes to have heard of it. */
const HEAD_START = 5

interface Sample {
  perSecond: number
  /** For each success. */
  conflicts: number
  lost: number
}

/** Several processes that count one session up, each by loads and conditional saves. */
export async function processesAtOneSession(
  server: ServerName,
  url: string,
  duration: Duration & { slice: number },
  progress: SuiteContext['progress'],
): Promise<{ rows: Row[]; targets: Target[] }> {
  const { untorn: store, close } = await openPair[server](url)
  const children = Array.from({ length: Math.max(...PROCESSES) }, () =>
    forked<Slice, Done>(new URL('worker.ts', import.meta.url)),
  )
  try {
    const key = newKey()
    const record = newRecord()
    await store.create(key, { ...record, values: new Map([...record.values, ['n', '0']]) })
    const counted = (): Promise<number> => counter(store, key)
    const order = { server, url, key }
    // Before it counts, each connects.
    await slice(children, order, counted, 1)
    const candidates = PROCESSES.map(
      (processes): Candidate<Sample> => ({
        name: nameOf(server, processes),
        take: () => slice(children.slice(0, processes), order, counted, duration.slice),
      }),
    )
    return measuredOf(server, await alternate(candidates, duration, progress))
  } finally {
    await Promise.all(children.map((child) => child.stop()))
    await close()
  }
}

function nameOf(server: string, processes: number): string {
  return `${server}: load + conditional save, one session, ${processes === 1 ? '1 process' : `${processes} processes`}`
}

async function counter(store: SessionStore, key: Slice['key']): Promise<number> {
  return Number((await store.load(key))!.values.get('n'))
}

async function slice(
  children: readonly Child<Slice, Done>[],
  order: Pick<Slice, 'server' | 'url' | 'key'>,
  counted: () => Promise<number>,
  milliseconds: number,
): Promise<Sample> {
  const before = await counted()
  const from = monotonic() + HEAD_START
  const done = await Promise.all(
    children.map((child) => child.ask({ ...order, from, until: from + milliseconds })),
  )
  const sum = (field: keyof Done): number => done.reduce((sum, one) => sum + one[field], 0)
  return {
    perSecond: (sum('inTime') / milliseconds) * 1000,
    conflicts: sum('conflicts') / Math.max(1, sum('inAll')),
    lost: before + sum('inAll') - (await counted()),
  }
}

function measuredOf(
  server: string,
  samples: ReadonlyMap<string, readonly Sample[]>,
): { rows: Row[]; targets: Target[] } {
  const lost = [...samples.values()].flat().reduce((sum, sample) => sum + sample.lost, 0)
  const what = `${server}: increments lost, up to ${Math.max(...PROCESSES)} processes`
  const rows = (group: string, unit: Row['unit'], field: keyof Sample, after: string): Row[] =>
    [...samples].map(([name, taken]) => ({
      group,
      name: `${name}${after}`,
      unit,
      value: spread(taken.map((sample) => sample[field])),
    }))
  return {
    rows: [
      ...rows('All processes together, at one session', 'operations/s', 'perSecond', ''),
      ...rows('Conflicts for each success, at one session', 'count', 'conflicts', ': conflicts'),
    ],
    targets: [{ what, limit: 'at most', bound: 0, value: lost, unit: 'count' }],
  }
}
