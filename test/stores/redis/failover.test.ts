import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { SessionKey } from '../../../src/contract/key.ts'
import type { RedisStore } from '../../../src/redis.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { serverOrSkip } from '../../support/servers/needed.ts'
import { startRedis } from '../../support/servers/redis.ts'
import { startRedisCluster } from '../../support/servers/redis-cluster.ts'
import { startTcpProxy } from '../../support/tcp-proxy.ts'
import { inWhole } from '../../support/whole.ts'
import { CLUSTER_DRIVERS } from './clients.ts'
import { connect, openStore } from './on-redis.ts'

/** A master with a replica that can be cut off from it, and clients that follow when the replica takes its place. */
async function pair(skip: (reason?: string) => never) {
  const master = await serverOrSkip(startRedis, skip)
  const replica = await serverOrSkip(startRedis, skip)
  const link = await startTcpProxy(master.port)
  const front = await startTcpProxy(master.port)
  onTestFinished(async () => {
    await link.close()
    await front.close()
  })
  const onMaster = connect(master.port)
  const onReplica = connect(replica.port)
  await onReplica.replicaof('127.0.0.1', link.port)
  await expect.poll(() => onReplica.info('replication'), POLL).toContain('master_link_status:up')
  const takeOver = async () => {
    await master.stop()
    link.cut()
    await onReplica.replicaof('NO', 'ONE')
    front.to(replica.port)
    front.cut()
  }
  return { onMaster, link, port: front.port, takeOver }
}

const POLL = { timeout: 50_000, interval: 50 }

test('what no replica had received before a failover is lost, and a session deleted then is back', async ({
  skip,
}) => {
  const { link, port, takeOver } = await pair(skip)
  const client = connect(port)
  const store = openStore(client, { deadline: 30_000 })
  const [saved, deleted, created] = [newKey(), newKey(), newKey()]
  for (const key of [saved, deleted]) await store.create(key, newRecord({ n: 0 }))
  await store.save(saved, { set: texts({ n: 1 }) })
  // Both are with the replica: WAIT is about what its own connection has changed.
  expect(await client.wait(1, 0)).toBe(1)
  link.hang()
  // Each of these is acknowledged by the master.
  expect(await store.save(saved, { set: texts({ n: 2, m: 2 }) })).toMatchObject({ outcome: 'saved' })
  expect(await store.delete(deleted)).toBe(true)
  expect(await store.create(created, newRecord())).toBe(true)
  // An application that has to know can ask.
  expect(await client.wait(1, 1)).toBe(0)
  await takeOver()
  expect(await store.load(saved)).toMatchObject({ version: 1, values: texts({ n: 1 }) })
  expect(await store.load(deleted)).toMatchObject({ version: 0, values: texts({ n: 0 }) })
  expect(await store.load(created)).toBeUndefined()
  // And it goes on from there.
  expect(await store.save(saved, { set: texts({ n: 3 }) }, { ifVersion: 1 })).toMatchObject({
    outcome: 'saved',
  })
  expect(await store.delete(deleted)).toBe(true)
})

test('with `min-replicas-to-write` a master that has lost its replica soon takes no changes', async ({
  skip,
}) => {
  const { onMaster, link, port } = await pair(skip)
  await onMaster.config('SET', 'min-replicas-to-write', '1', 'min-replicas-max-lag', '1')
  const store = openStore(connect(port))
  const key = newKey()
  await expect.poll(() => store.create(key, newRecord()).catch(() => false), POLL).toBe(true)
  link.hang()
  let acknowledged = 0
  const saves = async (): Promise<unknown> => {
    try {
      await store.save(key, { set: texts({ n: acknowledged + 1 }) })
      acknowledged++
      return undefined
    } catch (error) {
      return String(error)
    }
  }
  await expect.poll(saves, POLL).toContain('min-replicas-to-write')
  expect(await store.load(key)).toMatchObject({ version: acknowledged })
})

test('after a failover a driver’s repeats are still known: the writes come with the session', async ({
  skip,
}) => {
  const { port, takeOver } = await pair(skip)
  const scripts: string[][] = []
  const redis = connect(port)
  const client = {
    call: (command: string, args: string[]) => {
      if (command === 'evalsha') scripts.push(args)
      return redis.call(command, args)
    },
  }
  const store = openStore(client, { deadline: 60_000 })
  const key = newKey()
  await store.create(key, newRecord({ n: 0 }))
  await store.save(key, { set: texts({ n: 1 }) })
  const last = scripts.at(-1)!
  expect(await redis.wait(1, 0)).toBe(1)
  await takeOver()
  await redis.ping()
  expect(await redis.call('evalsha', last).catch(() => 'not known')).toBe('not known')
  await store.save(newKey(), { set: texts({ n: 1 }) })
  expect(await redis.call('evalsha', last)).toMatchObject(['saved', expect.any(Number), expect.anything()])
  expect(await store.load(key)).toMatchObject({ version: 1 })
})

/** What one writer knows of its session. */
interface Diary {
  key: SessionKey
  /** The last number of which it was told that it is saved, and the last one that it sent. */
  acknowledged: number
  sent: number
}

async function write(store: RedisStore, diary: Diary, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const n = ++diary.sent
    try {
      const { outcome } = await store.save(diary.key, { set: texts({ left: n, right: n }) })
      if (outcome === 'saved') diary.acknowledged = n
      else throw new Error(`It is ${outcome}.`)
    } catch {
      await delay(20)
    }
  }
}

// iovalkey does as ioredis, which it comes from.
for (const name of inWhole(['node-redis', 'ioredis', 'GLIDE'], ['ioredis'])) {
  test(`a cluster whose master is killed under load: ${name} goes on with the replica, and no session is torn`, async ({
    skip,
  }) => {
    const cluster = await serverOrSkip(() => startRedisCluster({ replicas: true }), skip)
    // Not by the node that is killed.
    const { client, close } = await CLUSTER_DRIVERS[name]!(cluster.masters[1]!.port)
    onTestFinished(close)
    const store = openStore(client, { deadline: 2000 })
    const diaries: Diary[] = Array.from({ length: 24 }, () => ({
      key: newKey(),
      acknowledged: 0,
      sent: 0,
    }))
    for (const { key } of diaries) await store.create(key, newRecord({ left: 0, right: 0 }))
    let over = false
    const writers = diaries.map((diary) => write(store, diary, () => over))
    await expect.poll(() => diaries.every(({ acknowledged }) => acknowledged > 5), POLL).toBe(true)
    await cluster.masters[0]!.stop()
    const before = diaries.map(({ acknowledged }) => acknowledged)
    // Every session can be saved again.
    const goesOn = () => diaries.every(({ acknowledged }, n) => acknowledged > before[n]! + 5)
    await expect.poll(goesOn, POLL).toBe(true)
    over = true
    await Promise.all(writers)
    for (const { key, acknowledged, sent } of diaries) {
      const record = await store.load(key)
      const left = Number(record?.values.get('left'))
      expect(left).toBe(Number(record?.values.get('right')))
      // What was acknowledged after the failover is there.
      expect(left).toBeGreaterThanOrEqual(acknowledged)
      expect(left).toBeLessThanOrEqual(sent)
      // No write counts twice.
      expect(record!.version).toBeLessThanOrEqual(sent)
    }
  })
}
