import { describeWith } from '../../../support/servers/needed.ts'
import { startRedisCluster } from '../../../support/servers/redis-cluster.ts'
import { CLUSTER_DRIVERS } from '../clients.ts'
import { keepsTheContract } from '../keeps-the-contract.ts'

await describeWith('a cluster of Redis', startRedisCluster, ({ port }) => {
  for (const [name, driver] of Object.entries(CLUSTER_DRIVERS)) keepsTheContract(name, driver, port)
})
