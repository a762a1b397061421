import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startServer } from './redis-server.ts'
import type { Started } from './throw-away.ts'

/** A sentinel that watches a master, alone: what it says is so. The master is called `sessions`. */
export function startSentinel(masterPort: number): Promise<Started> {
  return startServer('redis-server', {
    arguments: (folder, port) => {
      const file = join(folder, 'sentinel.conf')
      const lines = [
        `port ${port}`,
        'bind 127.0.0.1',
        `dir ${folder}`,
        `sentinel monitor sessions 127.0.0.1 ${masterPort} 1`,
        'sentinel down-after-milliseconds sessions 60000',
        'sentinel failover-timeout sessions 60000',
      ]
      // It keeps there what it has found out.
      writeFileSync(file, `${lines.join('\n')}\n`)
      return [file, '--sentinel']
    },
  })
}
