import { startPostgres } from '../../../support/servers/postgres.ts'
import { onlyInShort } from '../../../support/whole.ts'
import { postgresDrivers } from '../drivers.ts'
import { lostAnswerTests } from './lost-answers.ts'

await lostAnswerTests('PostgreSQL', startPostgres, onlyInShort(postgresDrivers, 'pg'))
