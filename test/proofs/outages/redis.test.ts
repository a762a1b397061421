import { startRedis } from '../../support/servers/redis.ts'
import { onlyInShort } from '../../support/whole.ts'
import { redisDrivers } from './drivers.ts'
import { outageTests } from './outages.ts'

await outageTests('Redis', startRedis, onlyInShort(redisDrivers, 'node-redis'))
