import { connect, openStore } from '../stores/redis/on-redis.ts'
import { describeWith } from '../support/servers/needed.ts'
import { startRedis } from '../support/servers/redis.ts'
import { testAccounts } from './run-cases.ts'

await describeWith('Redis', startRedis, ({ port }) =>
  testAccounts(
    () => {
      const { prefix } = openStore(connect(port))
      return () => openStore(connect(port), { prefix })
    },
    { oneOfEach: true },
  ),
)
