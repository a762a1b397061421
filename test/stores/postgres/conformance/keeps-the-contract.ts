import { describe } from 'vitest'
import type { TableOptions } from '../../../../src/postgres.ts'
import { testConformance } from '../../../testing/run-cases.ts'
import type { Driver } from '../drivers.ts'
import { Tables } from '../tables.ts'

/** The contract over one database. */
export function keepsTheContract(name: string, driver: () => Driver, options?: TableOptions): void {
  describe.concurrent(`${name} keeps the contract`, () => {
    const { pool, script } = driver()
    const tables = new Tables(pool, (table) => script(`delete from ${table}`), options)
    testConformance({
      open: () => tables.open(),
      reopen: (store) => tables.reopen(store),
    })
  })
}
