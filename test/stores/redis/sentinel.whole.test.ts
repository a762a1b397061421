import { Redis } from 'ioredis'
import { createClientPool, createSentinel } from 'redis'
import { expect, onTestFinished, test } from 'vitest'
import type { RedisClient } from '../../../src/redis.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { serverOrSkip } from '../../support/servers/needed.ts'
import { startRedis } from '../../support/servers/redis.ts'
import { startSentinel } from '../../support/servers/redis-sentinel.ts'
import { connect, openStore } from './on-redis.ts'

const HOST = '127.0.0.1'
const POLL = { timeout: 50_000, interval: 50 }

const CLIENTS: Record<string, (port: number) => Promise<RedisClient>> = {
  'createSentinel of node-redis': async (port) => {
    const client = createSentinel({ name: 'sessions', sentinelRootNodes: [{ host: HOST, port }] })
    client.on('error', () => {})
    await client.connect()
    onTestFinished(() => client.destroy())
    return client
  },
  'ioredis with sentinels': async (port) => {
    const client = new Redis({ sentinels: [{ host: HOST, port }], name: 'sessions' })
    client.on('error', () => {})
    onTestFinished(() => client.disconnect())
    return client
  },
}

test.for(Object.entries(CLIENTS))(
  'a failover by sentinels: %s goes on with the new master',
  async ([, open], { skip }) => {
    const master = await serverOrSkip(startRedis, skip)
    const replica = await serverOrSkip(startRedis, skip)
    const onReplica = connect(replica.port)
    await onReplica.replicaof(HOST, master.port)
    await expect.poll(() => onReplica.info('replication'), POLL).toContain('master_link_status:up')
    const { port } = await serverOrSkip(() => startSentinel(master.port), skip)
    const sentinel = connect(port)
    await expect.poll(() => sentinel.call('sentinel', ['replicas', 'sessions']), POLL).toHaveLength(1)

    const store = openStore(await open(port))
    const [key, gone] = [newKey(), newKey()]
    await store.create(gone, newRecord({ n: 0 }))
    expect(await store.delete(gone)).toBe(true)
    await store.create(key, newRecord({ n: 0 }))
    // In the order of the master: with the last one the replica has all.
    const known = openStore(onReplica, { prefix: store.prefix })
    await expect.poll(() => known.load(key), POLL).toMatchObject({ version: 0 })
    await expect
      .poll(() => sentinel.call('sentinel', ['failover', 'sessions']).catch(String), POLL)
      .toBe('OK')
    await expect.poll(() => onReplica.info('replication'), POLL).toContain('role:master')
    // For a moment the old master still takes changes, which are lost when it follows the new one.
    const goesOn = async () => {
      await store.save(key, { set: texts({ n: 1 }) }).catch(() => {})
      return known.load(key)
    }
    await expect.poll(goesOn, POLL).toMatchObject({ values: texts({ n: 1 }) })
    expect(await store.load(gone)).toBeUndefined()
    const listed = []
    for await (const [each] of store.records()) listed.push(each)
    expect(listed).toEqual([key])
  },
)

test('a pool of node-redis fits, whose connections overtake each other', async ({ skip }) => {
  const { url } = await serverOrSkip(startRedis, skip)
  const pool = createClientPool({ url }, { minimum: 4, maximum: 4 })
  pool.on('error', () => {})
  await pool.connect()
  onTestFinished(() => pool.destroy())
  const store = openStore(pool)
  const key = newKey()
  await store.create(key, newRecord({}))
  const names = Array.from({ length: 50 }, (_, n) => `n${n}`)
  await Promise.all(names.map((name) => store.save(key, { set: texts({ [name]: 1 }) })))
  expect(await store.load(key)).toMatchObject({ version: 50 })
  expect((await store.load(key))!.values.size).toBe(50)
})
