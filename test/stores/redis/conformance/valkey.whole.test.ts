import { describeWith } from '../../../support/servers/needed.ts'
import { startValkey } from '../../../support/servers/redis.ts'
import { DRIVERS } from '../clients.ts'
import { keepsTheContract } from '../keeps-the-contract.ts'

await describeWith(
  'Valkey',
  startValkey,
  ({ port }) => {
    for (const name of ['iovalkey', 'GLIDE', 'node-redis']) keepsTheContract(name, DRIVERS[name]!, port)
  },
  // Not every Debian has it.
  { required: false },
)
