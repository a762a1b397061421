import { pgPool } from '../stores/postgres/drivers.ts'
import { openStore, storeOver } from '../stores/postgres/open-store.ts'
import { describeWith } from '../support/servers/needed.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import { testAccounts } from './run-cases.ts'

await describeWith('PostgreSQL', startPostgres, ({ url }) => {
  const pool = pgPool(url)
  testAccounts(
    async () => {
      const { table } = await openStore({ pool })
      return () => storeOver({ pool, table })
    },
    { oneOfEach: true },
  )
})
