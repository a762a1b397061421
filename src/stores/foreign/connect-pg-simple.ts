import type { SessionSource } from '../../contract/source.ts'
import { StoreConfigError } from '../../errors.ts'
import { asBoolean, asOptions, asText, needed } from '../../options/checks.ts'
import type { Duration } from '../../options/duration.ts'
import type { Database, Row } from '../postgres/database.ts'
import { databaseOf, type PostgresPool } from '../postgres/drivers/database-of.ts'
import { meaningOf as meaningOfTable } from '../postgres/meaning.ts'
import { type Call, Calls, type Meaning } from '../server/calls.ts'
import { type ServerStoreEvent, serverOptions } from '../server/options.ts'
import { type Server, ServerSource, type Stored } from './server-source.ts'
import { asSeconds, chosen, OPTIONS, type SourceOptions } from './source-options.ts'

/**
 * What {@link connectPgSimpleStore} can be told; `pool` it has to be. `tableName`, `schemaName` and `ttl` are what
 * connect-pg-simple was told.
 */
export interface ConnectPgSimpleStoreOptions extends SourceOptions {
  /** A pool of PostgreSQL, as `postgresStore` takes it. It stays the application's. */
  pool: PostgresPool
  /** Default: `'session'`. */
  tableName?: string
  /** Default: that which the connection finds first. */
  schemaName?: string
  /** Seconds that a session lives whose cookie doesn't say it: by it is told when it was used. Default: 86400. */
  ttl?: number
  /** Whether statements are prepared, as `postgresStore` has it. Default: true. */
  prepare?: boolean
  /** The time in which each call is answered, by an error if need be. Default: `'5s'`; at most an hour. */
  deadline?: Duration
  /** Told when the server stops answering and when it answers again. Default: `process.emitWarning`. */
  onEvent?: (event: ServerStoreEvent) => void
}

const KNOWN = [
  ...OPTIONS,
  'pool',
  'tableName',
  'schemaName',
  'ttl',
  'prepare',
  'deadline',
  'onEvent',
] as const

const TTL = 86_400

/**
 * Sessions that connect-pg-simple has written, a row each; also those of @fastify/session over it. They are read and never
 * touched: to be copied (`copySessions`) or taken along at the first request (`moving`). The role needs `select` on the table.
 *
 * A session lives until its `expire`, as the connection's time zone has it where the column has none: it has to be that of
 * the application, as it is with the same pool.
 *
 * Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`). Loads and listings throw what those of `postgresStore` throw.
 *
 * ```ts
 * const from = connectPgSimpleStore({ pool })
 * ```
 */
export function connectPgSimpleStore(options: ConnectPgSimpleStoreOptions): SessionSource {
  const {
    pool,
    tableName = 'session',
    schemaName,
    ttl = TTL,
    prepare = true,
    deadline,
    onEvent,
    ...others
  } = asOptions(options, KNOWN)
  const { report, ...how } = serverOptions('PostgreSQL', { deadline, onEvent })
  const database = databaseOf(pool as PostgresPool, { prepare: asBoolean('prepare', prepare), ...how })
  const calls = new Calls({ server: 'PostgreSQL', meaningOf, report, unsent: database.unsent, ...how })
  const names = schemaName === undefined ? [] : [quoted('schemaName', schemaName)]
  const table = [...names, quoted('tableName', tableName)].join('.')
  const lifetime = asSeconds('ttl', ttl)
  const source = chosen(others)
  return new ServerSource(new Postgres(database, calls, table, source.maxBytes), lifetime, source)
}

function quoted(option: string, value: unknown): string {
  const name = asText(option, value)
  if (name.includes('\0') || Buffer.byteLength(name) > 63) throw needed(option, 'a name of PostgreSQL', name)
  return `"${name.replaceAll('"', '""')}"`
}

/** That of untorn's own table would be made by a call that there is not here. */
function meaningOf(error: unknown): Meaning {
  const advice: Record<string, string> = {
    '42P01': 'there is no such table; see `tableName` and `schemaName`',
    '42703': 'the table lacks a column; it is not the one that connect-pg-simple makes',
    '42501': 'the role lacks a right: it needs select on the table, and usage of its schema',
  }
  const { code } = (error ?? {}) as { code?: unknown }
  const said = typeof code === 'string' && Object.hasOwn(advice, code) ? advice[code] : undefined
  if (said === undefined) return meaningOfTable(error)
  return { outage: false, advice: said, as: (message, how) => new StoreConfigError(message, how) }
}

/** Rows that a listing asks for at a time: they may be large. */
const PAGE = 100

/** Milliseconds since the epoch. */
const ms = (time: string): string => `floor(extract(epoch from ${time}) * 1000)::bigint::text`

/** The clock, the session's end (what has none is no session for ever), and its text unless it is too large. */
const SELECTED = `${ms('clock_timestamp()')}, case when isfinite(expire) then ${ms('expire::timestamptz')} end,
  case when octet_length(sess::text) <= $2::text::bigint then sess::text end`

class Postgres implements Server {
  readonly label: string
  readonly calls: Calls
  readonly #database: Database
  readonly #table: string
  readonly #maxBytes: number

  constructor(database: Database, calls: Calls, table: string, maxBytes: number) {
    this.#database = database
    this.calls = calls
    this.label = `the table ${table}`
    this.#table = table
    this.#maxBytes = maxBytes
  }

  async load(call: Call, id: string): Promise<Stored | undefined> {
    const [row] = await this.#database.query(
      `select ${SELECTED} from ${this.#table} where sid = $1::text and expire::timestamptz > clock_timestamp()`,
      [id, `${this.#maxBytes}`],
    )
    return row && storedIn(row, call)
  }

  async *list(): AsyncGenerator<[string, Stored]> {
    let after: string | null = null
    for (;;) {
      const page: [string, Stored][] = await this.calls.run('list sessions', (call) =>
        this.#page(call, after),
      )
      yield* page
      if (page.length < PAGE) return
      after = page.at(-1)![0]
    }
  }

  count(): Promise<number> {
    const text = `select count(*)::text from ${this.#table} where expire::timestamptz > clock_timestamp()`
    return this.calls.run('count sessions', async () => Number((await this.#database.query(text, []))[0]![0]))
  }

  async askClock(call: Call): Promise<void> {
    const [row] = await this.#database.query(`select ${ms('clock_timestamp()')}`, [])
    call.showed(Number(row![0]))
  }

  async #page(call: Call, after: string | null): Promise<[string, Stored][]> {
    const rows = await this.#database.query(
      `select ${SELECTED}, sid from ${this.#table}
       where expire::timestamptz > clock_timestamp() and ($1::text is null or sid > $1::text)
       order by sid limit ${PAGE}`,
      [after, `${this.#maxBytes}`],
    )
    return rows.map((row) => [row[3]!, storedIn(row, call)])
  }
}

function storedIn([clock, end, text]: Row, call: Call): Stored {
  call.showed(Number(clock))
  return { text: text ?? undefined, expiresAt: end === null || end === undefined ? Number.NaN : Number(end) }
}
