import { expect, test } from 'vitest'
import { keyOfNoSession } from '../../../src/contract/key.ts'
import { newKey, newRecord } from '../../support/records.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startPostgres } from '../../support/servers/postgres.ts'
import { pgPool } from './drivers.ts'
import { openStore, storeOver, watched } from './open-store.ts'
import { filledTable, newTable } from './tables.ts'

await describeWith('sessions in PostgreSQL', startPostgres, ({ url }) => {
  const pool = pgPool(url)

  // Below a page, a whole number of pages, and above.
  test.each([
    [0, 0],
    [4000, 900],
    [4900, 100],
    [9000, 3000],
  ])(
    'are counted, %i of them beside %i that have expired, some thousands at a time',
    async (live, expired) => {
      const table = await filledTable(pool, { live, expired })
      let statements = 0
      const store = storeOver({
        pool: watched(pool, () => {
          statements++
          return undefined
        }),
        table,
      })
      await store.create(keyOfNoSession('a note'), newRecord())
      statements = 0
      expect(await store.count()).toBe(live)
      expect(statements).toBe(Math.floor((live + expired + 1) / 5000) + 1)
    },
  )

  test('show the time with their answers, and are asked for it once where there was none yet', async () => {
    let asked = 0
    const { store } = await openStore({
      pool: watched(pool, () => {
        asked++
        return undefined
      }),
    })
    asked = 0
    const first = await store.now()
    expect(Math.abs(first - Date.now())).toBeLessThan(60_000)
    expect(store.now()).toBeGreaterThanOrEqual(first)
    expect(asked).toBe(1)
    const other = storeOver({ pool, table: newTable() })
    await expect(other.create(newKey(), newRecord())).rejects.toThrow()
    expect(other.now()).toBeTypeOf('number')
  })
})
