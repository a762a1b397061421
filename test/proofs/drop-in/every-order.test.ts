import { describe, expect, test } from 'vitest'
import session from '../../../src/express-session.ts'
import { inWhole } from '../../support/whole.ts'
import { everyOrderOf } from '../accounts/explore.ts'
import { type Plan, TwoVisits } from './course.ts'
import { ALL_VERBS } from './verbs.ts'

const pairs = ALL_VERBS.flatMap((first, nth) =>
  ALL_VERBS.slice(nth).map((second): Plan => ({ verbs: [first, second] })),
)
/** Every so manieth pair in the short run. */
const some = (each: number): readonly Plan[] => pairs.filter((_, nth) => nth % inWhole(1, each) === 0)

const most = inWhole(Number.POSITIVE_INFINITY, 12)
const mostFailing = inWhole(20, 6)

const library = { session }
const explored = (plan: Plan, most: number) => everyOrderOf(() => new TwoVisits(library, plan), most)

describe('the drop-in: in every order of the calls of two requests of a visitor every promise is kept', () => {
  test('whatever they do', async () => {
    let orders = 0
    for (const plan of some(5)) orders += (await explored(plan, most)).orders
    expect(orders).toBeGreaterThan(inWhole(500, 40))
  }, 900_000)

  test.each(['fails', 'loses', 'dies'] as const)(
    'where a call of one of them %s',
    async (how) => {
      for (const verbs of ALL_VERBS.map((verb): Plan['verbs'] => [verb])) {
        for (let nth = 0; ; nth++) {
          const { failed } = await explored({ verbs, failure: { of: 0, nth, how } }, mostFailing)
          if (failed === 0) break
        }
      }
    },
    900_000,
  )

  test.each(['fails', 'loses', 'dies'] as const)(
    'where a call of one of them %s, and another one is under way',
    async (how) => {
      for (const { verbs } of some(40)) {
        for (const of of [0, 1]) {
          for (let nth = 0; ; nth++) {
            const { failed } = await explored({ verbs, failure: { of, nth, how } }, mostFailing)
            if (failed === 0) break
          }
        }
      }
    },
    900_000,
  )
})
