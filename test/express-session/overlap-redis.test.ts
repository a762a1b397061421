import { connect, openStore } from '../stores/redis/on-redis.ts'
import { describeWith } from '../support/servers/needed.ts'
import { startRedis } from '../support/servers/redis.ts'
import { testOverlaps } from './overlap/run-cases.ts'

await describeWith('Redis', startRedis, ({ port }) => testOverlaps(() => openStore(connect(port))))
