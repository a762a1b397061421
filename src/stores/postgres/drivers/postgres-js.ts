import type { Database, DatabaseOptions, Row } from '../database.ts'

/** What is used of `postgres` (postgres.js): the function that it returns. */
export interface PostgresJs {
  // biome-ignore lint/suspicious/noExplicitAny: its own types are of a function with many forms
  (...query: any[]): any
  unsafe(text: string, parameters?: never[], options?: { prepare?: boolean }): PostgresJsQuery
  // biome-ignore lint/suspicious/noExplicitAny: it is looked for and not called
  begin(...work: any[]): any
  readonly options?: { readonly max?: number }
}

interface PostgresJsQuery extends PromiseLike<unknown> {
  /** `null` until a connection has it. */
  readonly state?: unknown
  raw(): PromiseLike<ArrayLike<unknown>>
}

export function postgresJs(sql: PostgresJs, { prepare }: DatabaseOptions): Database {
  const own = new Set<PostgresJsQuery>()
  return {
    async query(text, parameters) {
      const statement = sql.unsafe(text, parameters as never[], { prepare })
      own.add(statement)
      // Raw: bytes, whatever parsers and transformations the application has set.
      const rows = await settled(statement.raw(), () => own.delete(statement))
      // Of a statement that it was about to send when the connection broke, the driver (3.4.9) makes no error: once it is
      // connected again it says that there are no rows. A session would be unknown, a sign-out done.
      if ((rows as { command?: string | null }).command === null) {
        throw new Error('The connection broke before the statement was sent')
      }
      return Array.from(rows as ArrayLike<(Buffer | null)[]>, textsOf)
    },
    script: async (text) => await sql.unsafe(text).raw(),
    unsent: () => (allWait(own) ? noConnection(sql.options?.max) : undefined),
  }
}

async function settled<T>(statement: PromiseLike<T>, done: () => void): Promise<T> {
  try {
    return await statement
  } finally {
    done()
  }
}

function allWait(statements: ReadonlySet<PostgresJsQuery>): boolean {
  for (const { state } of statements) if (state !== null) return false
  return statements.size > 0
}

/** The driver does not show which of the two it is. */
function noConnection(max: number | undefined): string {
  return (
    `all connections of the pool are in use (\`max\`: ${max ?? 'its default'}), and none of them by the store, or none can be ` +
    'made: see what holds them (a transaction that is left open, slow queries), and whether the server is within reach'
  )
}

function textsOf(row: (Buffer | null)[]): Row {
  return row.map((column) => column?.toString() ?? null)
}
