import type { Database, Row } from '../database.ts'

/** What is used of PGlite. */
export interface PGliteLike {
  query(
    text: string,
    parameters: unknown[],
    options: {
      rowMode: 'array'
      parsers: Record<number, (text: string) => unknown>
      serializers: Record<number, (text: string) => string>
    },
  ): Promise<{ rows: unknown[] }>
  exec(text: string): Promise<unknown>
}

/** `pg_type.oid` of `text`: all parameters and all columns are texts. */
const TEXT = 25

const AS_IT_IS = { [TEXT]: (text: string) => text }

export function pglite(database: PGliteLike): Database {
  return {
    async query(text, parameters) {
      const { rows } = await database.query(text, parameters as unknown[], {
        rowMode: 'array',
        parsers: AS_IT_IS,
        serializers: AS_IT_IS,
      })
      return rows as Row[]
    },
    script: (text) => database.exec(text),
  }
}
