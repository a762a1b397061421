import { startPostgres } from '../../../support/servers/postgres.ts'
import { postgresDrivers } from '../drivers.ts'
import { lostAnswerTests } from './lost-answers.ts'

await lostAnswerTests('PostgreSQL', startPostgres, postgresDrivers)
