import { GlideClient, GlideClusterClient, Logger } from '@valkey/valkey-glide'
import { Cluster, Redis } from 'ioredis'
import iovalkey from 'iovalkey'
import { createClient, createCluster } from 'redis'
import type { RedisClient } from '../../../src/redis.ts'

/** A client of a driver, connected, and how to close it. */
export interface Opened {
  client: RedisClient
  /** Removes every key. */
  flush(): Promise<unknown>
  /** Makes every server forget the scripts that it was sent. */
  flushScripts(): Promise<unknown>
  close(): Promise<void>
}

export type Driver = (port: number) => Promise<Opened>

const HOST = '127.0.0.1'

/** A busy machine may take longer to connect than a driver waits by default. */
const PATIENT = { connectTimeout: 60_000 }

// It writes to the standard error what it also throws.
Logger.setLoggerConfig('off')

// An outage is what some tests are about; without a listener it would end the process.
const ignore = (): void => {}

const nodeRedis =
  (options: { RESP?: 2 } = {}): Driver =>
  async (port) => {
    const client = createClient({ url: `redis://${HOST}:${port}`, socket: PATIENT, ...options })
    client.on('error', ignore)
    await client.connect()
    return {
      client,
      flush: () => client.flushAll(),
      flushScripts: () => client.scriptFlush(),
      close: async () => client.destroy(),
    }
  }

/** That of ioredis, and of iovalkey, which was made from it. */
const ioredis =
  (connect: (port: number) => Redis): Driver =>
  async (port) => {
    const client = connect(port)
    client.on('error', ignore)
    return {
      client,
      flush: () => client.flushall(),
      flushScripts: () => client.script('FLUSH'),
      close: async () => client.disconnect(),
    }
  }

const glide =
  (create: (options: Addresses) => Promise<GlideClient | GlideClusterClient>): Driver =>
  async (port) => {
    // Its own limit of 250 ms is soon over on a busy machine; the store has one.
    const client = await create({ addresses: [{ host: HOST, port }], requestTimeout: 10_000 })
    return {
      client,
      flush: () => client.flushall(),
      flushScripts: () => client.scriptFlush(),
      close: async () => client.close(),
    }
  }

interface Addresses {
  addresses: { host: string; port: number }[]
  requestTimeout: number
}

/** Each driver's client of one server. */
export const DRIVERS: Record<string, Driver> = {
  'node-redis': nodeRedis(),
  'node-redis with RESP2': nodeRedis({ RESP: 2 }),
  ioredis: ioredis((port) => new Redis({ host: HOST, port })),
  iovalkey: ioredis((port) => new iovalkey.Redis({ host: HOST, port }) as unknown as Redis),
  GLIDE: glide((options) => GlideClient.createClient(options)),
}

const nodeRedisCluster: Driver = async (port) => {
  const client = createCluster({
    rootNodes: [{ url: `redis://${HOST}:${port}` }],
    defaults: { socket: PATIENT },
  })
  client.on('error', ignore)
  await client.connect()
  const masters = () => Promise.all(client.masters.map((master) => client.nodeClient(master)))
  return {
    client,
    flush: async () => Promise.all((await masters()).map((master) => master.flushAll())),
    flushScripts: async () => Promise.all((await masters()).map((master) => master.scriptFlush())),
    close: async () => client.destroy(),
  }
}

const ioredisCluster =
  (connect: (port: number) => Cluster): Driver =>
  async (port) => {
    const client = connect(port)
    client.on('error', ignore)
    const onMasters = (work: (node: Redis) => Promise<unknown>) => () =>
      Promise.all(client.nodes('master').map(work))
    return {
      client,
      flush: onMasters((node) => node.flushall()),
      flushScripts: onMasters((node) => node.script('FLUSH')),
      close: async () => client.disconnect(),
    }
  }

/** Each driver's client of a cluster. */
export const CLUSTER_DRIVERS: Record<string, Driver> = {
  'node-redis': nodeRedisCluster,
  ioredis: ioredisCluster((port) => new Cluster([{ host: HOST, port }])),
  iovalkey: ioredisCluster((port) => new iovalkey.Cluster([{ host: HOST, port }]) as unknown as Cluster),
  GLIDE: glide((options) => GlideClusterClient.createClient(options)),
}
