import type pg from 'pg'
import { type PostgresStore, postgresStore, type TableOptions, tableSql } from '../../../src/postgres.ts'
import type { Pool } from './drivers.ts'

let named = 0

/** A name that no table of this run has. */
export function newTable(): string {
  return `t${process.pid}_${named++}`
}

/** A table with so many sessions that live for an hour more, and so many that have expired an hour ago. */
export async function filledTable(
  pool: pg.Pool,
  { live, expired }: Record<'live' | 'expired', number>,
): Promise<string> {
  const table = newTable()
  await pool.query(tableSql({ table }))
  const rows = (count: number, expiresIn: string) =>
    pool.query(`insert into ${table} (key, version, values, texts, created_at, expires_at)
      select sha256(gen_random_uuid()::text::bytea), 0, '{}', '{}', now() - interval '1 day', now() + interval '${expiresIn}'
      from generate_series(1, ${count})`)
  await rows(expired, '-1 hour')
  await rows(live, '1 hour')
  return table
}

/**
 * Stores with an empty table each, of one database. A table of which all stores are closed is emptied and used again: to
 * make one takes longer than most tests.
 */
export class Tables {
  readonly #pool: Pool
  readonly #empty: (table: string) => Promise<unknown>
  readonly #options: TableOptions
  readonly #free: string[] = []
  readonly #tableOf = new WeakMap<PostgresStore, string>()
  readonly #open = new Map<string, number>()

  constructor(pool: Pool, empty: (table: string) => Promise<unknown>, options: TableOptions = {}) {
    this.#pool = pool
    this.#empty = empty
    this.#options = options
  }

  async open(): Promise<PostgresStore> {
    const used = this.#free.pop()
    const table = used ?? newTable()
    const store = this.#over(table)
    if (used) await this.#empty(table)
    else await store.createTable(this.#options)
    return store
  }

  reopen(store: PostgresStore): PostgresStore {
    return this.#over(this.#tableOf.get(store)!)
  }

  #over(table: string): PostgresStore {
    const store = postgresStore({ pool: this.#pool, table, sweepEvery: 0, deadline: 30_000 })
    this.#tableOf.set(store, table)
    this.#open.set(table, (this.#open.get(table) ?? 0) + 1)
    const close = store.close.bind(store)
    let closed: Promise<void> | undefined
    store.close = () => {
      closed ??= close().then(() => this.#closed(table))
      return closed
    }
    return store
  }

  #closed(table: string): void {
    const left = this.#open.get(table)! - 1
    this.#open.set(table, left)
    if (left === 0) this.#free.push(table)
  }
}
