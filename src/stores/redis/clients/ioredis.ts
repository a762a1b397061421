import { InvalidOptionError } from '../../../errors.ts'
import { type RedisCommands, type Scan, type ScanPage, scanArguments } from './commands.ts'

/** What `new Redis()` of ioredis and of iovalkey makes. */
export interface IoredisClient {
  call(command: string, args: string[]): Promise<unknown>
}

/** What `new Cluster()` of ioredis and of iovalkey makes. */
export interface IoredisCluster extends IoredisClient {
  readonly isCluster: boolean
  nodes(role: 'master'): IoredisClient[]
}

interface Options {
  keyPrefix?: unknown
  scaleReads?: unknown
}

export function overIoredis(client: IoredisClient | IoredisCluster): RedisCommands {
  const { keyPrefix = '', scaleReads = 'master' } = (client as { options?: Options }).options ?? {}
  return {
    // The driver adds it to the keys of commands; not to the pattern of a scan, nor does it take it from what one finds.
    keyPrefix: String(keyPrefix ?? ''),
    // In lower case, as the driver knows where the keys of a command are, and so its node of a cluster.
    send: (_, command, args) => client.call(command, args),
    scans: isCluster(client) ? scansOver(client, scaleReads) : async () => [scanOver(client)],
  }
}

function isCluster(client: IoredisClient | IoredisCluster): client is IoredisCluster {
  return 'isCluster' in client && client.isCluster
}

function scansOver(cluster: IoredisCluster, scaleReads: unknown): () => Promise<Scan[]> {
  if (typeof cluster.nodes !== 'function') {
    throw new InvalidOptionError('client', 'it lacks the call `nodes`, which a cluster of ioredis has')
  }
  if (scaleReads !== 'master') {
    throw new InvalidOptionError(
      'client',
      'its option `scaleReads` has it read from replicas, which may not have seen yet that a session is gone: pass one ' +
        "with `scaleReads: 'master'`, which is the default",
    )
  }
  return async () => cluster.nodes('master').map(scanOver)
}

function scanOver(client: IoredisClient): Scan {
  return (cursor, pattern) => client.call('scan', scanArguments(cursor, pattern)) as Promise<ScanPage>
}
