import { pgPool } from '../stores/postgres/drivers.ts'
import { openStore } from '../stores/postgres/open-store.ts'
import { describeWith } from '../support/servers/needed.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import { testOverlaps } from './overlap/run-cases.ts'

await describeWith('PostgreSQL', startPostgres, ({ url }) => {
  const pool = pgPool(url)
  testOverlaps(async () => (await openStore({ pool })).store)
})
