import type { EventEmitter } from 'node:events'
import { Redis } from 'ioredis'
import pg from 'pg'
import postgres from 'postgres'
import { createClient, createClientPool, createCluster, createSentinel } from 'redis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { postgresStore } from '../../../src/postgres.ts'
import { redisStore } from '../../../src/redis.ts'

const sentinels = { name: 'mymaster', sentinelRootNodes: [{ host: '127.0.0.1', port: 1 }] }
const lazy = { lazyConnect: true }

/** Drivers whose process ends with a connection while nobody listens, and a store over each. None connects. */
const ending: Record<string, () => EventEmitter> = {
  'a Pool of pg': () => pooled(new pg.Pool()),
  'a Client of pg': () => pooled(new pg.Client()),
  'a client of node-redis': () => over(createClient()),
  'a pool of node-redis': () => over(createClientPool() as never),
  'a cluster of node-redis': () => over(createCluster({ rootNodes: [{ url: 'redis://127.0.0.1:1' }] })),
  'a sentinel of node-redis': () => over(createSentinel(sentinels) as never),
}

function pooled<Pool extends pg.Pool | pg.Client>(pool: Pool): Pool {
  postgresStore({ pool, sweepEvery: 0 })
  return pool
}

function over<Client extends EventEmitter>(client: Client): Client {
  redisStore({ client: client as never })
  return client
}

/** The warnings of a listener that is missing, as far as they have come a moment later. */
async function warnings(make: () => unknown): Promise<string[]> {
  const warned: string[] = []
  const listen = (warning: Error & { code?: string }) => {
    if (warning.code === 'UNTORN_NO_ERROR_LISTENER') warned.push(warning.message)
  }
  process.on('warning', listen)
  onTestFinished(() => void process.off('warning', listen))
  make()
  for (const _ of [1, 2, 3]) await new Promise(setImmediate)
  return warned
}

describe('whoever sets up a store is warned that a broken connection would end the process', () => {
  test.each(Object.entries(ending))('over %s, with the line to add', async (_, make) => {
    const [warning, ...others] = await warnings(make)
    expect(warning).toMatch(/(pool|client)\.on\('error', \(error\) => console\.error\(error\.message\)\)/)
    expect(others).toEqual([])
  })

  test.each(Object.entries(ending))(
    'but not over %s with a listener, though it comes a line later',
    async (_, make) => {
      const listened = () => make().on('error', () => {})
      expect(await warnings(listened)).toEqual([])
    },
  )

  test('but not over a driver that goes on by itself', async () => {
    const query = async () => ({ rows: [] })
    const made = () => {
      redisStore({ client: new Redis(lazy) })
      redisStore({ client: { customCommand: async () => null } })
      postgresStore({ pool: postgres({}) as never, sweepEvery: 0 })
      postgresStore({ pool: { query, exec: query } as never, sweepEvery: 0 })
      postgresStore({ pool: { query }, sweepEvery: 0 })
    }
    expect(await warnings(made)).toEqual([])
  })
})
