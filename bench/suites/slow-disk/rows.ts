import { ratio, spread } from '../../measure/statistics.ts'
import type { Row } from '../../suite.ts'
import { names } from './candidates.ts'
import type { Kind, Percentiles, Run } from './load.ts'
import type { Part } from './plan.ts'

/** The runs of each part, in the order of the rounds. */
export type Runs = ReadonlyMap<Part, readonly Run[]>

type Percentile = 'p50' | 'p99' | 'p999' | 'max'

const labels: Record<Percentile, string> = { p50: 'p50', p99: 'p99', p999: 'p99.9', max: 'max' }

interface Figure {
  what: string
  of(run: Run): Percentiles | undefined
  shown: readonly Percentile[]
}

const figures: readonly Figure[] = [
  { what: 'event-loop delay', of: ({ loop }) => loop, shown: ['p99', 'p999', 'max'] },
  { what: 'latency', of: ({ latency }) => latency.all, shown: ['p50', 'p99', 'p999', 'max'] },
  { what: 'latency of saves', of: amongOthers('save'), shown: ['p50', 'p99'] },
  { what: 'latency of cold loads', of: amongOthers('cold'), shown: ['p50', 'p99'] },
]

/** Of a load that is of one kind, the latency of all says it already. */
function amongOthers(kind: Kind): Figure['of'] {
  return ({ latency }) => (Object.keys(latency).length > 2 ? latency[kind] : undefined)
}

/** Candidates below each other, for one figure of one situation at a time. */
export function rowsOf(runs: Runs): Row[] {
  const situations = new Map<string, Part[]>()
  for (const part of runs.keys()) {
    const title = `${part.disk.title}; ${part.load.title}`
    situations.set(title, [...(situations.get(title) ?? []), part])
  }
  return [...situations].flatMap(([title, parts]) =>
    figures.flatMap(({ what, of, shown }) =>
      shown.flatMap((percentile) =>
        candidateRows(`${title}: ${what}, ${labels[percentile]}`, parts, (part) =>
          runs.get(part)!.flatMap((run) => of(run)?.[percentile] ?? []),
        ),
      ),
    ),
  )
}

function candidateRows(group: string, parts: readonly Part[], samplesOf: (part: Part) => number[]): Row[] {
  const basis = parts.find(({ candidate }) => candidate === names.atOnce)
  return parts.flatMap((part): Row[] => {
    const samples = samplesOf(part)
    if (samples.length === 0) return []
    const row: Row = { group, name: part.candidate, unit: 'ms', value: spread(samples) }
    if (!basis || part === basis) return [row]
    return [{ ...row, ratio: { to: names.atOnce, value: ratio(samples, samplesOf(basis)) } }]
  })
}
