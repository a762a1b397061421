import { startRedis } from '../../../support/servers/redis.ts'
import { redisDrivers } from '../drivers.ts'
import { lostAnswerTests } from './lost-answers.ts'

await lostAnswerTests('Redis', startRedis, redisDrivers)
