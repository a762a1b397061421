import { expect, test } from 'vitest'
import { newKey, newRecord } from '../../support/records.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startRedis } from '../../support/servers/redis.ts'
import { startRedisCluster } from '../../support/servers/redis-cluster.ts'
import { onlyInShort } from '../../support/whole.ts'
import { CLUSTER_DRIVERS, DRIVERS, type Driver } from './clients.ts'
import { openStore } from './on-redis.ts'

const numbered = (from: number, to: number, text: (n: number) => string): Map<string, string> =>
  new Map(Array.from({ length: to - from }, (_, n) => [`value ${from + n}`, text(from + n)]))

function keepsLarge(drivers: Record<string, Driver>, port: number): void {
  test.each(Object.entries(drivers))('comes back whole over %s', async (_, driver) => {
    const { client, close } = await driver(port)
    try {
      const store = openStore(client, { deadline: 60_000 })
      // Around the number of arguments that Lua passes on, 2000 pairs, and far above.
      for (const count of [1000, 1999, 2000, 2001, 9000]) {
        const key = newKey()
        const first = numbered(0, count, (n) => `${n}`)
        await store.create(key, { ...newRecord(), values: first })
        expect((await store.load(key))!.values).toEqual(first)
        const second = numbered(1, count + 1, (n) => `"${n}"`)
        const saved = await store.save(key, { set: second })
        expect(saved).toMatchObject({ outcome: 'saved', record: { version: 1 } })
        expect((await store.load(key))!.values).toEqual(new Map([['value 0', '0'], ...second]))
        await store.save(key, { delete: [...second.keys()] })
        expect((await store.load(key))!.values).toEqual(new Map([['value 0', '0']]))
      }
      const key = newKey()
      const large = numbered(0, 4, (n) => JSON.stringify(`${n}é🦊`.repeat(40_000)))
      await store.create(key, { ...newRecord(), values: large })
      expect(await store.save(key, { set: large })).toMatchObject({ record: { version: 1, values: large } })
      expect((await store.load(key))!.values).toEqual(large)
    } finally {
      await close()
    }
  })
}

await describeWith('a large session in Redis', startRedis, ({ port }) =>
  keepsLarge(onlyInShort(DRIVERS, 'ioredis'), port),
)
await describeWith('a large session in a cluster', startRedisCluster, ({ port }) =>
  keepsLarge(onlyInShort(CLUSTER_DRIVERS, 'node-redis'), port),
)
