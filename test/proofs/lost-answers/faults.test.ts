import { describe, expect, test } from 'vitest'
import { withPlanted } from '../../support/planted.ts'
import { inWhole } from '../../support/whole.ts'
import { FAULTS } from './faults.ts'
import { SCENARIOS } from './scenarios.ts'
import type { Layer } from './stage.ts'

const SESSIONS = 'index.ts'
const ERRORS = 'errors.ts'

describe('it is noticed that', () => {
  // Most of it is waiting.
  test.concurrent.each(inWhole(FAULTS, FAULTS.slice(0, 1)))('$name', async (fault) => {
    const { load, remove } = await withPlanted(fault, [SESSIONS, ERRORS])
    try {
      const [{ createSessions }, errors] = await Promise.all([
        load<Pick<Layer, 'createSessions'>>(SESSIONS),
        load<Layer['errors']>(ERRORS),
      ])
      const scenario = SCENARIOS[fault.foundBy]!
      const slow = fault.onSlow === true
      const found = await scenario({ createSessions, errors }, slow).catch((error: unknown) => error)
      expect(found).toMatchObject({ name: 'AssertionError' })
    } finally {
      remove()
    }
  })
})
