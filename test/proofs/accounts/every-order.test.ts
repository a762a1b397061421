import { describe, expect, test } from 'vitest'
import { inWhole } from '../../support/whole.ts'
import { everyOrder, type Plan, shipped } from './explore.ts'
import { deciding, LIMITED, PLANS, some } from './plans.ts'
import { STARTS } from './starts.ts'
import { VERBS } from './verbs.ts'

/** Of a pair in the short run: the first orders are those in which one begins late. */
const most = inWhole(Number.POSITIVE_INFINITY, 8)

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
