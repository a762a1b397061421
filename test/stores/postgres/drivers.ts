import { PGlite, type PGliteOptions } from '@electric-sql/pglite'
import pg from 'pg'
import postgres, { type Sql } from 'postgres'
import { afterAll } from 'vitest'
import type { PostgresStoreOptions } from '../../../src/postgres.ts'

export type Pool = PostgresStoreOptions['pool']

/** A database as one of the drivers has it. */
export interface Driver {
  pool: Pool
  /** Several statements, whatever they answer. */
  script(text: string): Promise<unknown>
}

/** A pool of `pg` that is ended after the last test. */
export function pgPool(url: string, config: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, ...config })
  // A server that is stopped under an idle connection is what some tests are about.
  pool.on('error', () => {})
  afterAll(() => pool.end())
  return pool
}

/** A pool of postgres.js that is ended after the last test. */
export function postgresPool(url: string, options: postgres.Options<never> = {}): Sql {
  const sql = postgres(url, { onnotice: () => {}, ...options })
  afterAll(() => sql.end())
  return sql as Sql
}

/** A PostgreSQL in this process's memory. Await it at the top of a file: it takes seconds to start. */
export async function memoryDatabase(options?: PGliteOptions): Promise<PGlite> {
  const database = await PGlite.create(options)
  afterAll(() => database.close())
  return database
}

export const byPg = (url: string): Driver => {
  const pool = pgPool(url)
  return { pool, script: (text) => pool.query(text) }
}

export const byPostgresJs = (url: string): Driver => {
  const pool = postgresPool(url)
  return { pool, script: async (text) => await pool.unsafe(text) }
}

export const byPGlite = async (): Promise<Driver> => {
  const pool = await memoryDatabase()
  return { pool, script: (text) => pool.exec(text) }
}
