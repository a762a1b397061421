import { expect, test } from 'vitest'
import { newKey, newRecord } from '../../support/records.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startRedis } from '../../support/servers/redis.ts'
import { startRedisCluster } from '../../support/servers/redis-cluster.ts'
import { CLUSTER_DRIVERS, DRIVERS, type Driver } from './clients.ts'
import { between, connect, openStore } from './on-redis.ts'

const MANY = 450

function countsAndTellsTheTime(drivers: Record<string, Driver>, port: number): void {
  test.each(Object.entries(drivers))('are counted, and the time is told, over %s', async (_, driver) => {
    const { client, close } = await driver(port)
    try {
      const [store, other] = [openStore(client), openStore(client)]
      const before = await store.now()
      expect(Math.abs(before - Date.now())).toBeLessThan(60_000)
      await Promise.all(Array.from({ length: MANY }, () => store.create(newKey(), newRecord())))
      expect(await store.count()).toBe(MANY)
      expect(await other.count()).toBe(0)
      expect(await store.now()).toBeGreaterThanOrEqual(before)
    } finally {
      await close()
    }
  })
}

await describeWith('sessions in Redis', startRedis, ({ port }) => {
  countsAndTellsTheTime(DRIVERS, port)

  /** A store, and the commands that it has sent. */
  function watched() {
    const sent: string[] = []
    const redis = connect(port)
    const store = openStore(
      between(redis, (pass, command) => {
        sent.push(command)
        return pass()
      }),
    )
    return { store, sent, redis }
  }

  test('are counted by their keys: none is read, and nothing else under the prefix counts', async () => {
    const { store, sent, redis } = watched()
    await store.create(newKey(), newRecord())
    await redis.set(`${store.prefix}something else`, 'text')
    sent.length = 0
    expect(await store.count()).toBe(1)
    expect(new Set(sent)).toEqual(new Set(['scan']))
  })

  test('are not needed for the time: it is asked for once, which leaves nothing behind', async () => {
    const { store, sent, redis } = watched()
    const first = await store.now()
    expect(sent.at(-1)).toMatch(/^eval/)
    sent.length = 0
    expect(await store.now()).toBeGreaterThanOrEqual(first)
    expect(sent).toEqual([])
    expect(await redis.keys(`${store.prefix}*`)).toEqual([])
  })

  test('show the time as they are stored', async () => {
    const { store, sent } = watched()
    await store.create(newKey(), newRecord())
    sent.length = 0
    expect(store.now()).toBeTypeOf('number')
    expect(sent).toEqual([])
  })
})

await describeWith('sessions in a cluster', startRedisCluster, ({ port }) =>
  countsAndTellsTheTime(CLUSTER_DRIVERS, port),
)
