import { describeWith } from '../../../support/servers/needed.ts'
import { startRedis } from '../../../support/servers/redis.ts'
import { onlyInShort } from '../../../support/whole.ts'
import { DRIVERS } from '../clients.ts'
import { keepsTheContract } from '../keeps-the-contract.ts'

await describeWith('one Redis', startRedis, ({ port }) => {
  for (const [name, driver] of Object.entries(onlyInShort(DRIVERS, 'node-redis'))) {
    keepsTheContract(name, driver, port)
  }
})
