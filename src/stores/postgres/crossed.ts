import type { Database } from './database.ts'

/** What rolls a statement back because it crossed another one: nothing is wrong with it. */
const CROSSED: unknown[] = ['40001', '40P01']

/**
 * A database that tries such statements again, for `deadline` milliseconds. By default PostgreSQL has none of them here;
 * above `read committed` each overlapping save is one.
 */
export function triedAgain(database: Database, deadline: number): Database {
  const { query } = database
  return {
    ...database,
    async query(text, parameters) {
      const end = performance.now() + deadline
      for (;;) {
        try {
          return await query(text, parameters)
        } catch (error) {
          const { code } = (error ?? {}) as { code?: unknown }
          if (!CROSSED.includes(code) || performance.now() >= end) throw error
        }
      }
    },
  }
}
