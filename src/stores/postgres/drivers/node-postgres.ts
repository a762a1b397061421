import { createHash } from 'node:crypto'
import { warnIfUnheard } from '../../server/unheard.ts'
import type { Database, DatabaseOptions, Row } from '../database.ts'
import { PoolUse } from './pool-use.ts'

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
  warnIfUnheard(pool, 'pool')
  const use = PoolUse.of(pool)
  const statements = new Map<string, NodePostgresQuery>()
  const statementOf = (text: string): NodePostgresQuery => {
    const known = statements.get(text)
    if (known) return known
    const statement: NodePostgresQuery = {
      text,
      rowMode: 'array',
      types: AS_SENT,
      // The pool then closes the connection: it would wait for an answer for as long as the system does, many minutes.
      query_timeout: deadline + AFTERWARDS,
    }
    if (prepare) statement.name = nameOf(text)
    statements.set(text, statement)
    return statement
  }
  return {
    async query(text, parameters) {
      // `pg` copies what it is given, property by property, which takes longer than all that is done here: so there is one
      // of its own.
      const query: NodePostgresQuery = Object.create(statementOf(text))
      query.values = parameters as unknown[]
      const { rows } = await use.during(() => pool.query(query))
      return rows as Row[]
    },
    unsent: () => use.unsent,
    script: (text) => pool.query({ text, types: AS_SENT }),
  }
}

function nameOf(text: string): string {
  return `untorn_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
}
