import { expect, test } from 'vitest'
import { inWhole } from '../../support/whole.ts'

import { shortcomings } from './shortcomings.ts'
import { stress } from './stress.ts'

/** Other tests share the machine, and the run takes some time before and after those seconds. */
const TIMEOUT_MS = 400_000

test(
  'sessions keep every promise while processes are killed, stopped, and run out of disk and of descriptors',
  async () => {
    const result = await stress({
      seconds: inWhole(10, 2),
      processes: 4,
      seed: 'npm test',
      durability: 'process',
    })
    expect(result.violations, result.report).toEqual([])
    expect(shortcomings(result)).toEqual([])
    expect(result.counts.kills).toBeGreaterThan(0)
    expect(result.counts.sessions).toBeGreaterThan(inWhole(100, 20))
    expect(result.counts.changes).toBeGreaterThan(inWhole(1000, 100))
  },
  TIMEOUT_MS,
)
