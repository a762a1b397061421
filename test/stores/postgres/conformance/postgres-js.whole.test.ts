import { describeWith } from '../../../support/servers/needed.ts'
import { startPostgres } from '../../../support/servers/postgres.ts'
import { byPostgresJs } from '../drivers.ts'
import { keepsTheContract } from './keeps-the-contract.ts'

await describeWith('PostgreSQL by postgres.js', startPostgres, ({ url }) => {
  keepsTheContract('a table', () => byPostgresJs(url))
})
