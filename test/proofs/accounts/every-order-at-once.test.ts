import { expect, test } from 'vitest'
import { inWhole } from '../../support/whole.ts'
import { everyOrderAtOnce } from './at-once.ts'
import type { Plan } from './explore.ts'
import { LIMITED, PLANS, some } from './plans.ts'

test('no promise is broken where the store answers at once, and another process comes between two calls', async () => {
  // To end everything goes through the store, which is never done at once.
  const atOnce = ({ verbs }: Plan) => verbs.every((verb) => verb?.does !== 'revokeEverything')
  let all = 0
  for (const plan of some([...PLANS, ...LIMITED].filter(atOnce), 150)) all += await everyOrderAtOnce(plan)
  expect(all).toBeGreaterThan(inWhole(5000, 30))
}, 300_000)
