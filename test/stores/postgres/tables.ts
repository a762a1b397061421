import { type PostgresStore, postgresStore, type TableOptions } from '../../../src/postgres.ts'
import type { Pool } from './drivers.ts'

let named = 0

/** A name that no table of this run has. */
export function newTable(): string {
  return `t${process.pid}_${named++}`
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
