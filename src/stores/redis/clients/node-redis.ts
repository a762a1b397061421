import type { MaybePromise } from '../../../contract/wait.ts'
import { InvalidOptionError } from '../../../errors.ts'
import { warnIfUnheard } from '../../server/unheard.ts'
import { type RedisCommands, type Scan, type ScanPage, scanArguments } from './commands.ts'

/** What `createClient()` and `createClientPool()` of node-redis return. */
export interface NodeRedisClient {
  readonly isOpen: boolean
  sendCommand(args: string[], options?: object): Promise<unknown>
}

/** What `createCluster()` of node-redis returns. */
export interface NodeRedisCluster {
  readonly isOpen: boolean
  readonly masters: readonly unknown[]
  // biome-ignore lint/suspicious/noExplicitAny: what `masters` has, which is the driver's own
  nodeClient(master: any): MaybePromise<NodeRedisClient>
  sendCommand(
    firstKey: string | undefined,
    isReadonly: boolean | undefined,
    args: string[],
    options?: object,
  ): Promise<unknown>
}

/** What `createSentinel()` of node-redis returns. */
export interface NodeRedisSentinel {
  readonly isOpen: boolean
  getSentinelNode(): unknown
  sendCommand(isReadonly: boolean | undefined, args: string[], options?: object): Promise<unknown>
}

/**
 * How replies are to be decoded, whatever the client is set to: maps (`%` in RESP3) as arrays, which costs the least,
 * and all else as it is by default, so that text is no Buffer. And no timeout of the driver's, as the store has one.
 */
const OPTIONS = { typeMapping: { ['%'.charCodeAt(0)]: Array }, timeout: 0 }

export function overNodeRedis(client: NodeRedisClient | NodeRedisCluster | NodeRedisSentinel): RedisCommands {
  assertNoKeyPrefix(client)
  warnIfUnheard(client, 'client')
  if ('masters' in client) return overCluster(client)
  if ('getSentinelNode' in client) {
    return overOne((args) => client.sendCommand(false, args, OPTIONS))
  }
  return overOne((args) => client.sendCommand(args, OPTIONS))
}

function overOne(send: (args: string[]) => Promise<unknown>): RedisCommands {
  return {
    keyPrefix: '',
    send: (_, command, args) => send([command, ...args]),
    scans: async () => [scanOver(send)],
  }
}

function overCluster(cluster: NodeRedisCluster): RedisCommands {
  if (typeof cluster.nodeClient !== 'function') {
    throw new InvalidOptionError(
      'client',
      'it lacks the call `nodeClient`, which a cluster of node-redis has',
    )
  }
  return {
    keyPrefix: '',
    // Never read-only: a replica may not have seen yet that a session is gone.
    send: (key, command, args) => cluster.sendCommand(key, false, [command, ...args], OPTIONS),
    scans: async () => {
      const clients = await Promise.all(cluster.masters.map((master) => cluster.nodeClient(master)))
      return clients.map((client) => scanOver((args) => client.sendCommand(args, OPTIONS)))
    },
  }
}

function scanOver(send: (args: string[]) => Promise<unknown>): Scan {
  return (cursor, pattern) => send(['scan', ...scanArguments(cursor, pattern)]) as Promise<ScanPage>
}

/** It adds one to its own methods' keys and to no others: half of what an application expects of it. */
function assertNoKeyPrefix(client: object): void {
  const { options, _options } = client as Record<string, { keyPrefix?: unknown } | undefined>
  if ((options?.keyPrefix ?? _options?.keyPrefix ?? '') === '') return
  throw new InvalidOptionError(
    'client',
    'node-redis does not add its `keyPrefix` to the commands that the store sends: pass a client without it, and name ' +
      'the prefix in the option `prefix`',
  )
}
