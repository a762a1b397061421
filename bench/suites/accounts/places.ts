import { join } from 'node:path'
import type { SessionStore } from 'untorn'
import { postgresStore } from 'untorn/postgres'
import { redisStore } from 'untorn/redis'
import { startPostgres } from '../../../test/support/servers/postgres.ts'
import { startRedis } from '../../../test/support/servers/redis.ts'
import type { Started } from '../../../test/support/servers/throw-away.ts'
import { fileStore, memoryStore } from '../../candidates/untorn.ts'
import { pgPool } from '../servers/postgres-drivers.ts'
import { nodeRedis } from '../servers/redis-drivers.ts'
import { filesWeight, heapWeight, postgresWeight, redisWeight, type Weight } from './weight.ts'

export type PlaceName = 'memory' | 'files' | 'Redis' | 'PostgreSQL'

/** A store, empty, and how to see what it takes. */
export interface Place {
  name: PlaceName
  store: SessionStore
  weight: Weight
  version?: string
  close(): Promise<void>
}

/** `missing`: why there is none on this machine. */
export type Opened = { place: Place; missing?: never } | { place?: never; missing: string }

/** Each opens one: nobody disturbs the one that is measured. */
export const places: readonly ((directory: string) => Promise<Opened>)[] = [memory, files, redis, postgres]

async function memory(): Promise<Opened> {
  const store = memoryStore()
  return { place: { name: 'memory', store, weight: heapWeight, close: async () => store.close() } }
}

async function files(directory: string): Promise<Opened> {
  const folder = join(directory, 'sessions')
  const store = fileStore(folder, { sweepEvery: 0 })
  return { place: { name: 'files', store, weight: filesWeight(folder), close: async () => store.close() } }
}

async function redis(directory: string): Promise<Opened> {
  const { server, missing } = await started(startRedis({ directory }))
  if (missing !== undefined) return { missing: `Redis: ${missing}` }
  const driver = await nodeRedis(server.url)
  const store = redisStore({ client: driver.client })
  const closeAll = async (): Promise<void> => {
    await store.close()
    await driver.close()
    await server.stop()
  }
  const { version } = server
  return { place: { name: 'Redis', store, weight: redisWeight(server.url), version, close: closeAll } }
}

async function postgres(directory: string): Promise<Opened> {
  const { server, missing } = await started(startPostgres({ directory, durable: true }))
  if (missing !== undefined) return { missing: `PostgreSQL: ${missing}` }
  const pool = await pgPool(server.url, { connections: 10 })
  const store = postgresStore({ pool, sweepEvery: 0 })
  await store.createTable()
  const closeAll = async (): Promise<void> => {
    await store.close()
    await pool.end()
    await server.stop()
  }
  const { version } = server
  return { place: { name: 'PostgreSQL', store, weight: postgresWeight(pool), version, close: closeAll } }
}

function started(starting: Promise<Started>): Promise<Started> {
  return starting.catch((error: Error): Started => ({ missing: error.message }))
}
