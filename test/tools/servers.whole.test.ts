import { Redis } from 'ioredis'
import pg from 'pg'
import { createClient } from 'redis'
import { expect, test } from 'vitest'
import { fileStore } from '../../src/file.ts'
import type { SessionKey, SessionRecord } from '../../src/index.ts'
import { moving } from '../../src/moving.ts'
import { postgresStore } from '../../src/postgres.ts'
import { type RedisClient, redisStore } from '../../src/redis.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { newKey, newRecord, texts } from '../support/records.ts'
import { describeWith } from '../support/servers/needed.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import { startRedis } from '../support/servers/redis.ts'
import { startRedisCluster } from '../support/servers/redis-cluster.ts'
import { startServer } from '../support/servers/redis-server.ts'
import type { Started, ThrowAwayServer } from '../support/servers/throw-away.ts'
import { inWhole, oneOfEach } from '../support/whole.ts'
import { applicationWith, start, untorn } from './command.ts'
import { contentsOf, fill } from './sessions.ts'

const COUNT = 150
/** From one to the next, by these drivers and under these names. */
const CHAINS: [redis: string, postgres: string, prefix: string, table: string][] = [
  ['redis', 'pg', 'shop:', 'a_table'],
  ['ioredis', 'postgres', 'other:', 'public.another'],
]
const eachChain = test.each(inWhole(CHAINS, CHAINS.slice(0, 1)))

/** Something that is wrong with a location, the driver that meets it, and what it says. */
type Mistake = [what: string, driver: string, location: string, says: RegExp]

/** In the short run each of them with one driver. */
const eachMistake = (all: Mistake[]) => test.each(oneOfEach(all, ([what]) => what))

const PASSWORD = 'pa55/w#rd@!'
const ENCODED = encodeURIComponent(PASSWORD)

async function filled(): Promise<{ location: string; before: Map<SessionKey, SessionRecord> }> {
  const directory = temporaryDirectory()
  const store = fileStore(directory, { sweepEvery: 0 })
  const before = await fill(store, COUNT)
  await store.close()
  return { location: `file:${directory}`, before }
}

async function withOne(): Promise<string> {
  const directory = temporaryDirectory()
  const store = fileStore(directory, { sweepEvery: 0 })
  await fill(store, 1)
  await store.close()
  return `file:${directory}`
}

async function inFiles(directory: string): Promise<Map<SessionKey, SessionRecord>> {
  const store = fileStore(directory, { sweepEvery: 0 })
  try {
    return await contentsOf(store)
  } finally {
    await store.close()
  }
}

/** Whether a text has the password in a form that it could be used in. */
function leaks(text: string): boolean {
  return [PASSWORD, ENCODED, decodeURI(ENCODED), 'pa55'].some((form) => text.includes(form))
}

/** A Redis with a password, and a PostgreSQL. */
async function startBoth(): Promise<Started<ThrowAwayServer & { postgres: ThrowAwayServer }>> {
  const redis = await startServer('redis-server', { settings: { requirepass: PASSWORD } })
  if (redis.missing !== undefined) return redis
  const postgres = await startPostgres()
  if (postgres.missing !== undefined) {
    await redis.server.stop()
    return postgres
  }
  const stop = async (): Promise<void> => {
    await Promise.all([redis.server.stop(), postgres.server.stop()])
  }
  return { server: { ...redis.server, postgres: postgres.server, stop } }
}

await describeWith('a Redis with a password and a PostgreSQL', startBoth, ({ postgres, ...redis }) => {
  const url = `redis://:${ENCODED}@127.0.0.1:${redis.port}`

  eachChain('file > redis > postgres > file with %s and %s: every session as it was', async (...choice) => {
    const [redisDriver, postgresDriver, prefix, table] = choice
    const cwd = applicationWith(redisDriver, postgresDriver)
    const { location, before } = await filled()
    const back = temporaryDirectory()
    const env = {
      IN_REDIS: `${url}/1?prefix=${prefix}`,
      IN_POSTGRES: `${postgres.url}?table=${table}`,
    }
    const steps = [
      ['--from', location, '--to', 'env:IN_REDIS'],
      ['--from', 'env:IN_REDIS', '--to', 'env:IN_POSTGRES', '--create-table'],
      ['--from', 'env:IN_POSTGRES', '--to', `file:${back}`, '--concurrency', '3'],
    ]
    let output = ''
    for (const step of steps) {
      const { code, stdout, stderr } = await untorn(['copy', ...step, '--no-progress'], { cwd, env })
      output += stdout + stderr
      expect(stderr).toBe('')
      expect(stdout).toContain(`Compared: ${COUNT}. ${COUNT} the same.`)
      expect(code).toBe(0)
    }
    expect(await inFiles(back)).toEqual(before)
    expect(output).toContain(`redis://127.0.0.1:${redis.port}/1 (prefix ${prefix})`)
    expect(leaks(output)).toBe(false)
  })

  test('one table under two names of its server is found to be one', async () => {
    const pool = new pg.Pool({ connectionString: postgres.url })
    const store = postgresStore({ pool, table: 'twice', sweepEvery: 0 })
    await store.createTable()
    await fill(store, 3)
    const [one, other] = [`${postgres.url}?table=twice`, `${postgres.url}?table=public.twice`]
    const { code, stderr } = await untorn(['copy', '--from', one, '--to', other])
    expect(stderr).toContain('are the same store')
    expect(code).toBe(2)
    expect((await contentsOf(store)).size).toBe(3)
    await store.close()
    await pool.end()
  })

  const at = `${postgres.port}`
  eachMistake([
    [
      'no table',
      'pg',
      `postgres://postgres:${ENCODED}@127.0.0.1:${at}/postgres?table=none`,
      /--create-table/,
    ],
    [
      'no table',
      'postgres',
      `postgres://postgres:${ENCODED}@127.0.0.1:${at}/postgres?table=none`,
      /--create-table/,
    ],
    ['no role', 'pg', `postgres://nobody:${ENCODED}@127.0.0.1:${at}/postgres`, /UNTORN_STORE_CONFIG/],
    ['no role', 'postgres', `postgres://nobody:${ENCODED}@127.0.0.1:${at}/postgres`, /UNTORN_STORE_CONFIG/],
    ['no database', 'pg', `postgres://postgres:${ENCODED}@127.0.0.1:${at}/none`, /no such database/],
    ['a closed port', 'pg', `postgres://postgres:${ENCODED}@127.0.0.1:1/db`, /ECONNREFUSED/],
    ['a closed port', 'postgres', `postgres://postgres:${ENCODED}@127.0.0.1:1/db`, /ECONNREFUSED/],
    ['a bad parameter', 'pg', `postgres://postgres:${ENCODED}@127.0.0.1:${at}/db?sslmode=verify-full`, /./],
    [
      'a password among the parameters',
      'pg',
      `postgres://127.0.0.1:1/db?password=${ENCODED}`,
      /ECONNREFUSED/,
    ],
  ])('%s, with %s: no password in what is printed', async (_, driver, location, message) => {
    const from = await withOne()
    const cwd = applicationWith(driver)
    const { code, stdout, stderr } = await untorn(['copy', '--from', from, '--to', location], { cwd })
    expect(code).toBe(1)
    expect(stderr).toMatch(message)
    expect(stderr).toContain('postgres://127.0.0.1:')
    expect(leaks(stdout + stderr)).toBe(false)
  })

  eachMistake([
    ['a wrong password', 'redis', `redis://:x${ENCODED}@127.0.0.1:${redis.port}`, /WRONGPASS/],
    ['a wrong password', 'ioredis', `redis://:x${ENCODED}@127.0.0.1:${redis.port}`, /WRONGPASS/],
    ['a wrong user', 'redis', `redis://eve:${ENCODED}@127.0.0.1:${redis.port}`, /WRONGPASS/],
    ['no password', 'redis', `redis://127.0.0.1:${redis.port}`, /NOAUTH|Authentication|refuses/],
    ['no password', 'ioredis', `redis://127.0.0.1:${redis.port}`, /NOAUTH|Authentication|refuses/],
    ['a closed port', 'redis', `redis://:${ENCODED}@127.0.0.1:1`, /ECONNREFUSED/],
    ['a closed port', 'ioredis', `redis://:${ENCODED}@127.0.0.1:1`, /ECONNREFUSED/],
    ['TLS to a server without', 'redis', `rediss://:${ENCODED}@127.0.0.1:${redis.port}`, /Could not connect/],
    ['a cluster that is none', 'ioredis', `redis+cluster://:${ENCODED}@127.0.0.1:${redis.port}`, /./],
    ['a cluster that is none', 'redis', `redis+cluster://:${ENCODED}@127.0.0.1:${redis.port}`, /./],
  ])('%s, with %s: no password in what is printed', async (_, driver, location, message) => {
    const from = await withOne()
    const cwd = applicationWith(driver)
    const { code, stdout, stderr } = await untorn(['copy', '--from', from, '--to', location], { cwd })
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/redis(s|\+cluster)?:\/\/127\.0\.0\.1:/)
    expect(code).toBe(1)
    expect(leaks(stdout + stderr)).toBe(false)
  })
})

await describeWith('a cluster of Redis', startRedisCluster, (cluster) => {
  test('is copied to with node-redis, and from with ioredis: every session as it was', async () => {
    const { location, before } = await filled()
    const nodes = cluster.masters.map(({ port }) => `127.0.0.1:${port}`).join(',')
    const back = temporaryDirectory()
    for (const [driver, ...step] of [
      ['redis', '--from', location, '--to', `redis+cluster://${nodes}`],
      ['ioredis', '--from', `valkey+cluster://${nodes}`, '--to', `file:${back}`],
    ]) {
      const { code, stdout, stderr } = await untorn(['copy', ...step, '--no-progress'], {
        cwd: applicationWith(driver!),
      })
      expect(stderr).toBe('')
      expect(stdout).toContain(`Compared: ${COUNT}. ${COUNT} the same.`)
      expect(code).toBe(0)
    }
    expect(await inFiles(back)).toEqual(before)
  })
})

await describeWith('a Redis', startRedis, (redis) => {
  test('under two names is found to be one, before anything is done', async () => {
    const client = await createClient({ url: redis.url }).connect()
    const store = redisStore({ client: client as RedisClient, prefix: 'one:' })
    await fill(store, 3)
    const [from, to] = ['127.0.0.1', 'localhost'].map((host) => `redis://${host}:${redis.port}?prefix=one:`)
    const { code, stderr } = await untorn(['move', '--from', from!, '--to', to!])
    expect(stderr).toContain('are the same store')
    expect(code).toBe(2)
    expect((await contentsOf(store)).size).toBe(3)
    client.destroy()
  })

  test('is moved to while an application changes its sessions: no change is lost, nothing is left', async () => {
    const directory = temporaryDirectory()
    const from = fileStore(directory, { sweepEvery: 0 })
    const client = new Redis(redis.port)
    const to = redisStore({ client, prefix: 'moved:' })
    const keys = Array.from({ length: 300 }, () => newKey())
    for (const key of keys) await from.create(key, newRecord({ count: 0 }, { owner: 'ann' }))
    const application = moving({ from, to })
    const counts = new Map(keys.map((key) => [key, 0]))
    let over = false
    // A few of them are in use, in an order of their own, and are moved by their saves.
    const visitors = keys.slice(0, 40).map(async (key) => {
      while (!over) {
        const record = (await application.load(key))!
        const change = { set: texts({ count: Number(record.values.get('count')) + 1 }) }
        const { outcome } = await application.save(key, change, { ifVersion: record.version })
        expect(outcome).not.toBe('gone')
        if (outcome === 'saved') counts.set(key, counts.get(key)! + 1)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })
    const location = `redis://127.0.0.1:${redis.port}?prefix=moved:`
    const running = start(['move', '--from', `file:${directory}`, '--to', location, '--no-progress'])
    const { code, stdout, stderr } = await running.ended
    over = true
    await Promise.all(visitors)
    expect(stderr).toBe('')
    expect(stdout).toContain(`Nothing is left in file:${directory}.`)
    expect(code).toBe(0)
    expect((await contentsOf(from)).size).toBe(0)
    const moved = await contentsOf(to)
    expect(moved.size).toBe(keys.length)
    for (const key of keys) {
      expect(moved.get(key)).toMatchObject({ owner: 'ann', values: texts({ count: counts.get(key) }) })
    }
    expect(Math.max(...counts.values())).toBeGreaterThan(0)
    await application.close()
    client.disconnect()
  })
})
