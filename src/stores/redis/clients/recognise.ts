import { InvalidOptionError } from '../../../errors.ts'
import type { RedisCommands } from './commands.ts'
import { type GlideClient, type GlideClusterClient, overGlide } from './glide.ts'
import { type IoredisClient, type IoredisCluster, overIoredis } from './ioredis.ts'
import {
  type NodeRedisClient,
  type NodeRedisCluster,
  type NodeRedisSentinel,
  overNodeRedis,
} from './node-redis.ts'

/**
 * A client of Redis or Valkey, taken by its shape: of node-redis (from version 4 on: `createClient`, `createClientPool`,
 * `createCluster`, `createSentinel`), of ioredis or iovalkey (`Redis`, `Cluster`), or of Valkey GLIDE (`GlideClient`,
 * `GlideClusterClient`).
 */
export type RedisClient =
  | NodeRedisClient
  | NodeRedisCluster
  | NodeRedisSentinel
  | IoredisClient
  | IoredisCluster
  | GlideClient
  | GlideClusterClient

const THAT_FIT =
  'pass one of node-redis 4 or later (`createClient`, `createCluster`, `createSentinel`), ioredis or iovalkey (`new Redis`, ' +
  '`new Cluster`), or Valkey GLIDE (`GlideClient`, `GlideClusterClient`)'

/** How a client is talked to, by what it has. Throws `InvalidOptionError` for one that lacks a call. */
export function commandsOf(client: RedisClient): RedisCommands {
  if (typeof client !== 'object' || client === null) refuse('it has to be a client of Redis')
  if (isPromise(client)) refuse('it is a promise: await the client first')
  const has = (call: string): boolean =>
    typeof (client as unknown as Record<string, unknown>)[call] === 'function'
  if (has('customCommand')) return overGlide(client as GlideClient)
  // Before `sendCommand`, which ioredis has too, for commands of its own making.
  if (has('call')) return overIoredis(client as IoredisClient)
  if (!has('sendCommand')) {
    refuse(
      'it lacks the call that sends any command: `sendCommand` (node-redis), `call` (ioredis, iovalkey) or ' +
        '`customCommand` (Valkey GLIDE)',
    )
  }
  if (!('isOpen' in client)) refuse('its `sendCommand` is not that of node-redis 4 or later')
  return overNodeRedis(client)
}

function refuse(why: string): never {
  throw new InvalidOptionError('client', `${why}; ${THAT_FIT}`)
}

function isPromise(client: object): boolean {
  return 'then' in client && typeof client.then === 'function'
}
