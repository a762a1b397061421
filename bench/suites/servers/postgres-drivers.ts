/** A driver with its pool: what the store takes, and its bare calls beside that. */
export interface PostgresDriver {
  name: PostgresDriverName
  pool: PostgresPool
  /** Of the table {@link FLOOR_TABLE}; prepared. */
  select(key: string): Promise<string | undefined>
  insert(key: string, value: string): Promise<unknown>
  /** The number of rows; prepared. */
  update(key: string, value: string): Promise<number | null>
  close(): Promise<void>
}

export const postgresDrivers = ['pg', 'postgres.js'] as const
export type PostgresDriverName = (typeof postgresDrivers)[number]

/** Of any of the drivers: by its shape, and by the parameter of `postgresStore`. */
export type PostgresPool = Parameters<typeof import('untorn/postgres').postgresStore>[0]['pool']

/** A key and a text, and nothing besides. */
export const FLOOR_TABLE = `CREATE TABLE floor (key text PRIMARY KEY, value text NOT NULL)`

export interface PoolOptions {
  /** Connections at most. */
  connections: number
  /** Settings of each connection. */
  settings?: Record<string, string>
}

export async function postgresDriver(
  name: PostgresDriverName,
  url: string,
  options: PoolOptions,
): Promise<PostgresDriver> {
  return name === 'pg' ? nodePostgres(url, options) : postgresJs(url, options)
}

async function nodePostgres(url: string, options: PoolOptions): Promise<PostgresDriver> {
  const pool = await pgPool(url, options)
  return {
    name: 'pg',
    pool,
    async select(key) {
      const { rows } = await pool.query<{ value: string }>({
        name: 'floor-select',
        text: 'SELECT value FROM floor WHERE key = $1',
        values: [key],
      })
      return rows[0]?.value
    },
    insert: (key, value) => pool.query('INSERT INTO floor VALUES ($1, $2)', [key, value]),
    async update(key, value) {
      const { rowCount } = await pool.query({
        name: 'floor-update',
        text: 'UPDATE floor SET value = $2 WHERE key = $1',
        values: [key, value],
      })
      return rowCount
    },
    close: () => pool.end(),
  }
}

/** With its own defaults, but for these. */
export async function pgPool(connectionString: string, { connections, settings = {} }: PoolOptions) {
  const { default: pg } = await import('pg')
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)
  return new pg.Pool({ connectionString, max: connections, options: options.join(' ') })
}

async function postgresJs(url: string, { connections, settings }: PoolOptions): Promise<PostgresDriver> {
  const { default: postgres } = await import('postgres')
  const sql = postgres(url, { max: connections, ...(settings && { connection: settings }) })
  return {
    name: 'postgres.js',
    pool: sql,
    async select(key) {
      const [row] = await sql<{ value: string }[]>`SELECT value FROM floor WHERE key = ${key}`
      return row?.value
    },
    insert: (key, value) => sql`INSERT INTO floor VALUES (${key}, ${value})`,
    update: async (key, value) => (await sql`UPDATE floor SET value = ${value} WHERE key = ${key}`).count,
    close: () => sql.end(),
  }
}
