import type { Operation, Samples } from '../../measure/rounds.ts'
import { ratio, spread } from '../../measure/statistics.ts'
import type { Row, Target } from '../../suite.ts'
import { onLanes } from './lanes.ts'

/** Something that a server is asked for, by so many at a time. */
export interface Call {
  group: string
  name: string
  /** The name of the call that it is compared with. */
  floor: string
  lanes: number
  /** Calls between two looks at the clock: some hundredths of a second, as each begins and ends with idle lanes. */
  batch: number
  once(lane: number): Promise<unknown>
}

export function operationOf({ group, name, floor, lanes, batch, once }: Call): Operation {
  return { group, name, floor, batch, run: (count) => onLanes(lanes, count, once) }
}

/** All lanes together, a second. */
export function throughputRows(operations: readonly Operation[], samples: Samples): Row[] {
  return operations.map(({ group, name, floor }) => {
    const row: Row = { group, name, unit: 'operations/s', value: spread(perSecond(samples, name)) }
    return name === floor ? row : { ...row, ratio: { to: floor, value: share(samples, name, floor) } }
  })
}

/** What a store may take of the throughput that the bare call has. */
export function shareTarget(samples: Samples, name: string, of: string): Target {
  const { median } = share(samples, name, of)
  return { what: `${name} / ${of}`, limit: 'at least', bound: 0.9, value: median }
}

/** How much of another's throughput, in the same rounds. */
function share(samples: Samples, name: string, of: string): ReturnType<typeof ratio> {
  return ratio(perSecond(samples, name), perSecond(samples, of))
}

function perSecond(samples: Samples, name: string): number[] {
  return samples.get(name)!.map((microseconds) => 1e6 / microseconds)
}
