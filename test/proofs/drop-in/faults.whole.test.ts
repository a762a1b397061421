import { describe, expect, test } from 'vitest'
import { withPlanted } from '../../support/planted.ts'
import { everyOrderOf } from '../accounts/explore.ts'
import { TwoVisits } from './course.ts'
import { FAULTS } from './faults.ts'
import type { Library } from './visit.ts'

const DROP_IN = 'express-session.ts'

describe('an order shows that', () => {
  test.each(FAULTS)('$name', async (fault) => {
    const { load, remove } = await withPlanted(fault, [DROP_IN])
    try {
      const { default: session } = await load<{ default: Library['session'] }>(DROP_IN)
      const library = { session }
      const begin = () => new TwoVisits(library, fault.in)
      const found = await everyOrderOf(begin).catch((error: unknown) => error)
      expect(found).toMatchObject({ check: fault.foundBy })
    } finally {
      remove()
    }
  })
})
