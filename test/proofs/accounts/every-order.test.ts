import { describe, expect, test } from 'vitest'
import { inWhole } from '../../support/whole.ts'
import { everyOrderAtOnce } from './at-once.ts'
import { everyOrder, type Plan, shipped, titleOf } from './explore.ts'
import { ALONE, DECIDING, LIMITED, PLANS } from './plans.ts'
import { STARTS } from './starts.ts'
import { VERBS } from './verbs.ts'

/** Of a pair in the short run: the first orders are those in which one begins late. */
const most = inWhole(Number.POSITIVE_INFINITY, 8)

/** Of a pair of which a call fails: there are as many explorations of it as calls. */
const mostFailing = inWhole(60, most)

const some = (plans: readonly Plan[], each: number): readonly Plan[] =>
  plans.filter((_, nth) => nth % inWhole(1, each) === 0)

const deciding = (start: keyof typeof STARTS): Plan[] =>
  DECIDING.map((verbs) => ({ start: STARTS[start], verbs }))

async function orders(plans: readonly Plan[]): Promise<number> {
  let all = 0
  for (const plan of plans) all += (await everyOrder(shipped, plan, most)).orders
  return all
}

describe('in every order of the calls of two requests of a visitor every promise is kept', () => {
  test('whatever they do, and whatever they come from', async () => {
    expect(await orders(some(PLANS, 90))).toBeGreaterThan(inWhole(15_000, 50))
  }, 900_000)

  test.each(['signedIn', 'nobody'] as const)(
    'where one of them ends what the other one makes: %s',
    async (start) => {
      expect(await orders(deciding(start))).toBeGreaterThan(20)
    },
    300_000,
  )

  test.each(['revokeAll', 'revokeEverything'] as const)(
    'when somebody signs in, and %s comes',
    async (second) => {
      const verbs = [VERBS.loginAda, VERBS[second]] as const
      expect(await orders([{ start: STARTS.anonymous, verbs, isTimed: true }])).toBeGreaterThan(5)
    },
    300_000,
  )

  test('where an owner may have so many devices', async () => {
    expect(await orders(some(LIMITED, 22))).toBeGreaterThan(inWhole(1000, 15))
  }, 300_000)
})

test('nor is one broken where the store answers at once, and another process comes between two calls', async () => {
  // To end everything goes through the store, which is never done at once.
  const atOnce = ({ verbs }: Plan) => verbs.every((verb) => verb?.does !== 'revokeEverything')
  let all = 0
  for (const plan of some([...PLANS, ...LIMITED].filter(atOnce), 150)) all += await everyOrderAtOnce(plan)
  expect(all).toBeGreaterThan(inWhole(5000, 30))
}, 300_000)

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
      const explored = await everyOrder(shipped, { ...plan, failure: { of, nth, how } }, mostFailing)
      if (explored.failed === 0) break
      failed += explored.failed
    }
  }
  return failed
}
