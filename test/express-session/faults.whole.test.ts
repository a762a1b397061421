import { expect, test } from 'vitest'
import * as dropIn from '../../src/express-session.ts'
import { withPlanted } from '../support/planted.ts'
import { CASES, type DropIn } from './fault-cases.ts'
import { FAULTS } from './faults.ts'

const FILE = 'express-session.ts'

test.each(Object.keys(CASES))('as it is: %s', (name) => CASES[name]!(dropIn))

test.each(FAULTS)('$name: found', async (fault) => {
  const { load, remove } = await withPlanted(fault, [FILE])
  try {
    const found = CASES[fault.foundBy]!(await load<DropIn>(FILE)).catch((error: unknown) => error)
    expect(await found).toBeInstanceOf(Error)
  } finally {
    remove()
  }
})
