import { asBoolean, asOptions } from '../../options/checks.ts'
import { asMillisecondsOrNone, type Duration } from '../../options/duration.ts'
import { type ServerStoreEvent, type ServerStoreOptions, serverOptions } from '../server/options.ts'
import { triedAgain } from './crossed.ts'
import type { Database } from './database.ts'
import { databaseOf, type PostgresPool } from './drivers/database-of.ts'
import { type TableName, tableName } from './table-name.ts'

/** What `postgresStore()` can be told. */
export interface PostgresStoreOptions extends ServerStoreOptions {
  /**
   * A Pool of `pg`, what `postgres(...)` of postgres.js returns, or a PGlite. It stays the application's: the store never
   * ends it. A single connection works too, if no transaction is open on it. `pg` ends the process where nobody listens
   * to the `error` event of its Pool or Client: without a listener you are warned.
   */
  pool: PostgresPool
  /** The table, as `table` or `schema.table`; taken as it is written, upper case included. Default: `untorn_sessions`. */
  table?: string
  /**
   * Time between sweeps of expired sessions, about; 0: none in the background. All processes may have one: one sweeps
   * at a time. Default: `'10m'`.
   */
  sweepEvery?: Duration
  /**
   * Whether statements are prepared, once for each connection. `false` for a pooler that gives each transaction another
   * connection and can't carry prepared statements over (PgBouncer before 1.21). Default: true.
   */
  prepare?: boolean
}

export interface Chosen {
  database: Database
  table: TableName
  deadline: number
  sweepEvery: number
  report: (event: ServerStoreEvent) => void
}

const KNOWN = ['pool', 'table', 'deadline', 'sweepEvery', 'prepare', 'onEvent'] as const

const SWEEP_EVERY = '10m'

/** The options with their defaults; `InvalidOptionError` names the one that can't be used. */
export function chosenOptions(given: PostgresStoreOptions): Chosen {
  const options = asOptions(given, KNOWN)
  const { pool, table, prepare = true, sweepEvery = SWEEP_EVERY, ...others } = options
  const { deadline, report } = serverOptions('PostgreSQL', others)
  const how = { prepare: asBoolean('prepare', prepare), deadline }
  return {
    database: triedAgain(databaseOf(pool as PostgresPool, how), deadline),
    table: tableName(table),
    deadline,
    sweepEvery: asMillisecondsOrNone('sweepEvery', sweepEvery),
    report,
  }
}
