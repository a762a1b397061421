import { postgresStore } from 'untorn/postgres'
import { populate } from './population.ts'
import { pgPool } from './postgres-drivers.ts'
import { batches, CONNECTIONS, POSTGRES_LANES, type Pools, postgresNames } from './postgres-lanes.ts'
import { storeCalls } from './store-calls.ts'
import { operationOf } from './throughput.ts'

/** What somebody can choose, each alone, beside the table as it is by default. */
const OPTIONS = {
  'unlogged table': { table: 'unlogged', create: { unlogged: true }, settings: undefined },
  '16 partitions': { table: 'partitioned', create: { partitions: 16 }, settings: undefined },
  'synchronous_commit off': { table: 'unsynced', create: {}, settings: { synchronous_commit: 'off' } },
} as const

export function optionName(option: keyof typeof OPTIONS, lanes: number, what: 'load' | 'save'): string {
  return `${option}, ${lanes} at a time: ${what}`
}

/** Loads and saves with each option, over pg. */
export async function optionOperations(url: string, sessions: number): Promise<Pools> {
  const pools: { end(): Promise<void> }[] = []
  const operations: Pools['operations'] = []
  for (const option of Object.keys(OPTIONS) as (keyof typeof OPTIONS)[]) {
    const { table, create, settings } = OPTIONS[option]
    const pool = await pgPool(url, { connections: CONNECTIONS, ...(settings && { settings }) })
    pools.push(pool)
    const store = postgresStore({ pool, table, sweepEvery: 0 })
    await store.createTable(create)
    const population = await populate(store, sessions)
    for (const lanes of POSTGRES_LANES) {
      const group = `PostgreSQL with pg, what options change, ${lanes} at a time`
      const { reads, writes } = batches(lanes)
      const { load, save } = storeCalls(store, population, lanes)
      const names = postgresNames('pg', lanes)
      const [ofLoad, ofSave] = [optionName(option, lanes, 'load'), optionName(option, lanes, 'save')]
      operations.push(
        operationOf({ group, name: ofLoad, floor: names.load, lanes, batch: reads, once: load }),
        operationOf({ group, name: ofSave, floor: names.save, lanes, batch: writes, once: save }),
      )
    }
  }
  return { operations, close: async () => void (await Promise.all(pools.map((pool) => pool.end()))) }
}
