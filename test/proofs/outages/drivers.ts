import { Redis } from 'ioredis'
import pg from 'pg'
import postgres from 'postgres'
import { createClient } from 'redis'
import type { SessionStore } from '../../../src/contract/store.ts'
import { type PostgresStore, postgresStore } from '../../../src/postgres.ts'
import { redisStore } from '../../../src/redis.ts'
import type { ServerStoreOptions } from '../../../src/stores/server/options.ts'
import { until } from './until.ts'

export interface Connected {
  store: SessionStore
  close(): Promise<void>
}

/** Makes a store over a driver with its defaults, but for what the documentation asks of an application. */
export type Connect = (port: number, options: ServerStoreOptions) => Promise<Connected>

const nobody = (): void => {}

const nodeRedis: Connect = async (port, options) => {
  const client = createClient({ url: `redis://127.0.0.1:${port}` })
  client.on('error', nobody)
  await client.connect()
  const store = redisStore({ client, ...options })
  return { store, close: async () => client.destroy() }
}

const ioredis: Connect = async (port, options) => {
  const client = new Redis(port, '127.0.0.1')
  client.on('error', nobody)
  const store = redisStore({ client, ...options })
  return { store, close: async () => client.disconnect() }
}

const nodePostgres: Connect = async (port, options) => {
  const pool = new pg.Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', max: 5 })
  pool.on('error', nobody)
  const store = postgresStore({ pool, sweepEvery: 0, ...options })
  await withTable(store)
  return { store, close: () => pool.end() }
}

const postgresJs: Connect = async (port, options) => {
  const pool = postgres({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    database: 'postgres',
    max: 5,
    onnotice: nobody,
    // Where the connection breaks while it asks for them, nobody handles that, and Node ends the process.
    fetch_types: false,
    // Seconds, 30 by default: it says nothing over some of the connections that broke, and then waits as long as this.
    connect_timeout: 2,
  })
  const store = postgresStore({ pool, sweepEvery: 0, ...options })
  await withTable(store)
  return { store, close: () => pool.end({ timeout: 0 }) }
}

/** The first statement of a process may take its time on a machine that has much to do. */
function withTable(store: PostgresStore): Promise<void> {
  return until('the table is there', () =>
    store.createTable().then(
      () => true,
      () => false,
    ),
  )
}

export const redisDrivers: Record<string, Connect> = { 'node-redis': nodeRedis, ioredis }
export const postgresDrivers: Record<string, Connect> = { pg: nodePostgres, 'postgres.js': postgresJs }
