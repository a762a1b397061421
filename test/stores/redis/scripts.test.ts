import { expect, test } from 'vitest'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startRedis } from '../../support/servers/redis.ts'
import { startRedisCluster } from '../../support/servers/redis-cluster.ts'
import { onlyInShort } from '../../support/whole.ts'
import { CLUSTER_DRIVERS, DRIVERS, type Driver } from './clients.ts'
import { between, connect, openStore } from './on-redis.ts'

function flushed(drivers: Record<string, Driver>, port: number): void {
  test.each(Object.entries(drivers))('and are sent anew over %s', async (_, driver) => {
    const { client, flushScripts, close } = await driver(port)
    try {
      const store = openStore(client)
      const keys = Array.from({ length: 10 }, newKey)
      for (const key of keys) {
        await flushScripts()
        expect(await store.create(key, newRecord({ n: 0 }))).toBe(true)
        await flushScripts()
        expect(await store.save(key, { set: texts({ n: 1 }) })).toMatchObject({ outcome: 'saved' })
        expect(await store.load(key)).toMatchObject({ version: 1, values: texts({ n: 1 }) })
      }
    } finally {
      await close()
    }
  })
}

await describeWith('the scripts of one Redis are flushed', startRedis, ({ port }) => {
  flushed(DRIVERS, port)

  test('once sent, a script is called by its name', async () => {
    const commands: string[] = []
    const client = between(connect(port), (pass, command) => {
      commands.push(command)
      return pass()
    })
    const store = openStore(client)
    await store.create(newKey(), newRecord())
    commands.length = 0
    const key = newKey()
    await store.create(key, newRecord())
    await store.load(key)
    expect(commands).toEqual(['evalsha', 'hgetall'])
  })
})

await describeWith('the scripts of a cluster are flushed', startRedisCluster, ({ port }) => {
  flushed(onlyInShort(CLUSTER_DRIVERS, 'node-redis'), port)
})
