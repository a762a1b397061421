import { describeWith } from '../../../support/servers/needed.ts'
import { startPostgres } from '../../../support/servers/postgres.ts'
import { byPg } from '../drivers.ts'
import { keepsTheContract } from './keeps-the-contract.ts'

await describeWith('PostgreSQL by pg', startPostgres, ({ url }) => {
  keepsTheContract('a table', () => byPg(url))
})
