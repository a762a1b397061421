import { startPostgres } from '../../support/servers/postgres.ts'
import { postgresDrivers } from './drivers.ts'
import { outageTests } from './outages.ts'

await outageTests('PostgreSQL', startPostgres, postgresDrivers)
