import { describe, expect, test } from 'vitest'
import { inWhole } from '../../support/whole.ts'
import { everyOrder, type Plan, shipped, titleOf } from './explore.ts'
import { ALONE, deciding } from './plans.ts'

/** Of a pair of which a call fails: there are as many explorations of it as calls. */
const most = inWhole(60, 8)

// In a file of its own it runs beside the orders in which nothing fails.
describe('an error is told, leaves nothing half done, and the next try works, where a call or its process', () => {
  const plans = inWhole([...ALONE, ...deciding('signedIn'), ...deciding('twoDevices')], ALONE.slice(0, 6))

  test.each(['fails', 'loses', 'dies'] as const)(
    '%s',
    async (how) => {
      for (const plan of plans) expect(await failing(plan, how), titleOf(plan)).toBeGreaterThan(0)
    },
    900_000,
  )
})

/** Each call of each of them fails, in the first orders that there are. How often one did. */
async function failing(plan: Plan, how: 'fails' | 'loses' | 'dies'): Promise<number> {
  let failed = 0
  for (const of of plan.verbs.keys()) {
    for (let nth = 0; ; nth++) {
      const explored = await everyOrder(shipped, { ...plan, failure: { of, nth, how } }, most)
      if (explored.failed === 0) break
      failed += explored.failed
    }
  }
  return failed
}
