import type { Database, DatabaseOptions, Row } from '../database.ts'

/** What is used of `postgres` (postgres.js): the function that it returns. */
export interface PostgresJs {
  // biome-ignore lint/suspicious/noExplicitAny: its own types are of a function with many forms
  (...query: any[]): any
  unsafe(text: string, parameters?: never[], options?: { prepare?: boolean }): PostgresJsQuery
  // biome-ignore lint/suspicious/noExplicitAny: it is looked for and not called
  begin(...work: any[]): any
}

interface PostgresJsQuery extends PromiseLike<unknown> {
  raw(): PromiseLike<ArrayLike<unknown>>
}

export function postgresJs(sql: PostgresJs, { prepare }: DatabaseOptions): Database {
  return {
    async query(text, parameters) {
      // Raw: bytes, whatever parsers and transformations the application has set.
      const rows = await sql.unsafe(text, parameters as never[], { prepare }).raw()
      // Of a statement that it was about to send when the connection broke, the driver (3.4.9) makes no error: once it is
      // connected again it says that there are no rows. A session would be unknown, a sign-out done.
      if ((rows as { command?: string | null }).command === null) {
        throw new Error('The connection broke before the statement was sent')
      }
      return Array.from(rows as ArrayLike<(Buffer | null)[]>, textsOf)
    },
    script: async (text) => await sql.unsafe(text).raw(),
  }
}

function textsOf(row: (Buffer | null)[]): Row {
  return row.map((column) => column?.toString() ?? null)
}
