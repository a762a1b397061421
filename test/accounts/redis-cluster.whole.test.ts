import { afterAll, beforeAll } from 'vitest'
import { CLUSTER_DRIVERS, type Opened } from '../stores/redis/clients.ts'
import { openStore } from '../stores/redis/on-redis.ts'
import { describeWith } from '../support/servers/needed.ts'
import { startRedisCluster } from '../support/servers/redis-cluster.ts'
import { testAccounts } from './run-cases.ts'

await describeWith('a cluster of Redis', startRedisCluster, ({ port }) => {
  let opened: Opened
  beforeAll(async () => {
    opened = await CLUSTER_DRIVERS.ioredis!(port)
  })
  afterAll(() => opened.close())
  testAccounts(() => {
    const { prefix } = openStore(opened.client)
    return () => openStore(opened.client, { prefix })
  })
})
