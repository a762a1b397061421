import { describeWith } from '../../../support/servers/needed.ts'
import { startRedis } from '../../../support/servers/redis.ts'
import { DRIVERS } from '../clients.ts'
import { keepsTheContract } from '../keeps-the-contract.ts'

await describeWith('one Redis', startRedis, ({ port }) => {
  for (const [name, driver] of Object.entries(DRIVERS)) keepsTheContract(name, driver, port)
})
