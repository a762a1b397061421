import { ratio, spread } from '../../measure/statistics.ts'
import type { Row, Target } from '../../suite.ts'
import { bare, type Candidate, type Kind, kinds, names } from './candidates.ts'
import type { Slice } from './running.ts'

/** The slices of a candidate with a kind of request, one for each round. */
export type SlicesOf = (candidate: string, kind: Kind) => readonly Slice[]

export function rowsOf(measured: readonly Candidate[], asked: readonly Kind[], slices: SlicesOf): Row[] {
  return asked.flatMap((kind) => [
    ...figure(kind, 'requests', 'requests/s', ({ perSecond }) => perSecond),
    ...figure(kind, "the server's CPU for a request", 'us', ({ cpu }) => cpu),
    ...overheads(kind),
    ...figure(kind, 'time until the answer, p50', 'ms', ({ p50 }) => p50),
    ...figure(kind, 'time until the answer, p99', 'ms', ({ p99 }) => p99),
    ...figure(kind, 'delay of the event loop, p99', 'ms', ({ eventLoopDelay }) => eventLoopDelay),
  ])

  function figure(kind: Kind, what: string, unit: Row['unit'], of: (slice: Slice) => number): Row[] {
    return measured.map((candidate) => {
      const { name } = candidate
      const to = bare(candidate)
      const row: Row = {
        group: `${kind.name}: ${what}`,
        name,
        unit,
        value: spread(slices(name, kind).map(of)),
      }
      if (name === to) return row
      return { ...row, ratio: { to, value: ratio(slices(name, kind).map(of), slices(to, kind).map(of)) } }
    })
  }

  function overheads(kind: Kind): Row[] {
    return measured
      .filter((candidate) => candidate.name !== bare(candidate))
      .map((candidate) => ({
        group: `${kind.name}: the server's CPU for a request, beyond that without sessions`,
        name: candidate.name,
        unit: 'us',
        value: spread(overhead(slices, candidate.name, bare(candidate), kind)),
      }))
  }
}

/** Round by round. */
export function overhead(slices: SlicesOf, name: string, without: string, kind: Kind): number[] {
  const floor = slices(without, kind)
  return slices(name, kind).map(({ cpu }, round) => cpu - floor[round]!.cpu)
}

export function targetsOf(slices: SlicesOf): Target[] {
  const share = (kind: Kind, bound: number): Target => {
    const of = (name: string): number[] => slices(name, kind).map(({ perSecond }) => perSecond)
    const { median } = ratio(of(names.expressUntorn), of(names.express))
    const what = `${kind.name}: requests/s, Express with untorn / without sessions`
    return { what, limit: 'at least', bound, value: median }
  }
  const noMore = (kind: Kind): Target => ({
    what: `${kind.name}: CPU beyond that without sessions, node:http (bound: Express with shared hidden classes)`,
    limit: 'at most',
    bound: spread(overhead(slices, names.expressUntorn, names.expressShared, kind)).median,
    value: spread(overhead(slices, names.httpUntorn, names.http, kind)).median,
    unit: 'us',
  })
  return [share(kinds.read, 0.92), share(kinds.change, 0.85), noMore(kinds.read), noMore(kinds.change)]
}
