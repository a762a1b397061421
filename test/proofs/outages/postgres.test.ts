import { startPostgres } from '../../support/servers/postgres.ts'
import { onlyInShort } from '../../support/whole.ts'
import { postgresDrivers } from './drivers.ts'
import { outageTests } from './outages.ts'

await outageTests('PostgreSQL', startPostgres, onlyInShort(postgresDrivers, 'pg'))
