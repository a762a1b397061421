import { floors } from './floor.ts'
import type { Samples } from './measure.ts'
import { ratio } from './statistics.ts'
import { names } from './stores.ts'

/** What a ratio has to be, for now and in the end. */
interface Target {
  what: string
  of: string
  limit: 'at most' | 'at least'
  now: number
  later: number
}

const targets: readonly Target[] = [
  { what: names.hotLoad, of: floors.fstat, limit: 'at most', now: 2, later: 1.5 },
  { what: names.coldLoad, of: floors.read, limit: 'at most', now: 2, later: 2 },
  { what: names.save, of: floors.append, limit: 'at most', now: 3, later: 2 },
  { what: names.memoryGet, of: names.hotLoad, limit: 'at least', now: 5, later: 5 },
  { what: names.fileSet, of: names.save, limit: 'at least', now: 80, later: 80 },
]

export interface Verdict extends Target {
  ratio: number
  metNow: boolean
  metLater: boolean
}

export function verdicts(samples: Samples): Verdict[] {
  return targets.map((target) => {
    const { median } = ratio(samples.get(target.what)!, samples.get(target.of)!)
    const meets = (bound: number): boolean => (target.limit === 'at most' ? median <= bound : median >= bound)
    return { ...target, ratio: median, metNow: meets(target.now), metLater: meets(target.later) }
  })
}
