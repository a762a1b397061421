import { createHash } from 'node:crypto'
import type { Database, DatabaseOptions, Row } from '../database.ts'

/** What is used of `pg`: a Pool, or a Client. */
export interface NodePostgres {
  query(config: NodePostgresQuery): Promise<{ rows: unknown[] }>
}

export interface NodePostgresQuery {
  text: string
  values?: unknown[]
  name?: string
  rowMode?: 'array'
  types?: { getTypeParser(): (text: string) => string }
  query_timeout?: number
}

/** Columns are taken as they were sent, whatever the application has set for its own. */
const AS_SENT = { getTypeParser: () => (text: string) => text }

/** Milliseconds by which the driver waits longer than the call, which then can say what was waited for. */
const AFTERWARDS = 100

export function nodePostgres(pool: NodePostgres, { prepare, deadline }: DatabaseOptions): Database {
  const names = new Map<string, string>()
  const nameOf = (text: string): string => {
    const name = names.get(text) ?? `untorn_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
    names.set(text, name)
    return name
  }
  return {
    async query(text, parameters) {
      const { rows } = await pool.query({
        text,
        values: parameters as unknown[],
        rowMode: 'array',
        types: AS_SENT,
        // The pool then closes the connection: it would wait for an answer for as long as the system does, many minutes.
        query_timeout: deadline + AFTERWARDS,
        ...(prepare && { name: nameOf(text) }),
      })
      return rows as Row[]
    },
    script: (text) => pool.query({ text, types: AS_SENT }),
  }
}
