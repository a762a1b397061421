import { startRedis } from '../../support/servers/redis.ts'
import { redisDrivers } from './drivers.ts'
import { outageTests } from './outages.ts'

await outageTests('Redis', startRedis, redisDrivers)
