import { describeWith } from '../../../support/servers/needed.ts'
import { startPostgres } from '../../../support/servers/postgres.ts'
import { byPg } from '../drivers.ts'
import { keepsTheContract } from './keeps-the-contract.ts'

await describeWith('PostgreSQL by pg', startPostgres, ({ url }) => {
  keepsTheContract('an unlogged table', () => byPg(url), { unlogged: true })
  keepsTheContract('a table of three partitions', () => byPg(url), { partitions: 3 })
})
