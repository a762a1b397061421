import { describe, expect, test } from 'vitest'
import { withPlanted } from '../../support/planted.ts'
import { firstInShort } from '../../support/whole.ts'
import { everyOrder, type Layer } from './explore.ts'
import { FAULTS } from './faults.ts'

const SESSIONS = 'index.ts'
const ERRORS = 'errors.ts'

describe('an order shows that', () => {
  test.each(firstInShort(FAULTS))('$name', async (fault) => {
    const { load, remove } = await withPlanted(fault, [SESSIONS, ERRORS])
    try {
      const [{ createSessions }, errors] = await Promise.all([
        load<Pick<Layer, 'createSessions'>>(SESSIONS),
        load<Layer['errors']>(ERRORS),
      ])
      const found = await everyOrder({ createSessions, errors }, fault.in).catch((error: unknown) => error)
      expect(found).toMatchObject({ check: fault.foundBy })
    } finally {
      remove()
    }
  })
})
