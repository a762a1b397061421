import { onTestFinished } from 'vitest'
import { type PostgresStore, type PostgresStoreOptions, postgresStore } from '../../../src/postgres.ts'
import type { NodePostgresQuery } from '../../../src/stores/postgres/drivers/node-postgres.ts'
import { newTable } from './tables.ts'

export interface Opened {
  store: PostgresStore
  table: string
}

/** A store with a table of its own, closed when the test is over. */
export async function openStore(options: PostgresStoreOptions): Promise<Opened> {
  const table = options.table ?? newTable()
  const store = storeOver({ ...options, table })
  await store.createTable()
  return { store, table }
}

/**
 * A store over a table that is there, or not; closed when the test is over. It waits for as long as a busy machine takes, where
 * the test is not about that.
 */
export function storeOver(options: PostgresStoreOptions): PostgresStore {
  const store = postgresStore({ sweepEvery: 0, deadline: '50s', ...options })
  onTestFinished(() => store.close())
  return store
}

interface Queries {
  query(config: NodePostgresQuery): Promise<{ rows: unknown[] }>
}

/** A pool of which each statement is seen before it is sent, and may be held up. */
export function watched(
  pool: { query: unknown },
  before: (text: string) => Promise<unknown> | undefined,
): Queries {
  const { query } = pool as Queries
  return {
    query: async (config) => {
      await before(config.text)
      return query.call(pool, config)
    },
  }
}
