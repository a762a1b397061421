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

// It writes to the standard error what it also throws.
Logger.setLoggerConfig('off')

// An outage is what some tests are about; without a listener it would end the process.
const ignore = (): void => {}

const nodeRedis: Driver = async (port) => {
  const client = createClient({ url: `redis://${HOST}:${port}` })
  client.on('error', ignore)
  await client.connect()
  return {
    client,
    flush: () => client.flushAll(),
    flushScripts: () => client.scriptFlush(),
    close: async () => client.destroy(),
  }
}

const nodeRedisWithResp2: Driver = async (port) => {
  const client = createClient({ url: `redis://${HOST}:${port}`, RESP: 2 })
  client.on('error', ignore)
  await client.connect()
  return {
    client,
    flush: () => client.flushAll(),
    flushScripts: () => client.scriptFlush(),
    close: async () => client.destroy(),
  }
}

const ioredis: Driver = async (port) => {
  const client = new Redis({ host: HOST, port })
  client.on('error', ignore)
  return {
    client,
    flush: () => client.flushall(),
    flushScripts: () => client.script('FLUSH'),
    close: async () => client.disconnect(),
  }
}

const valkey: Driver = async (port) => {
  const client = new iovalkey.Redis({ host: HOST, port })
  client.on('error', ignore)
  return {
    client,
    flush: () => client.flushall(),
    flushScripts: () => client.script('FLUSH'),
    close: async () => client.disconnect(),
  }
}

const glide: Driver = async (port) => {
  const client = await GlideClient.createClient({ addresses: [{ host: HOST, port }] })
  return {
    client,
    flush: () => client.flushall(),
    flushScripts: () => client.scriptFlush(),
    close: async () => client.close(),
  }
}

/** Each driver's client of one server. */
export const DRIVERS: Record<string, Driver> = {
  'node-redis': nodeRedis,
  'node-redis with RESP2': nodeRedisWithResp2,
  ioredis,
  iovalkey: valkey,
  GLIDE: glide,
}

const nodeRedisCluster: Driver = async (port) => {
  const client = createCluster({ rootNodes: [{ url: `redis://${HOST}:${port}` }] })
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

const ioredisCluster: Driver = async (port) => {
  const client = new Cluster([{ host: HOST, port }])
  client.on('error', ignore)
  return {
    client,
    flush: () => Promise.all(client.nodes('master').map((node) => node.flushall())),
    flushScripts: () => Promise.all(client.nodes('master').map((node) => node.script('FLUSH'))),
    close: async () => client.disconnect(),
  }
}

const valkeyCluster: Driver = async (port) => {
  const client = new iovalkey.Cluster([{ host: HOST, port }])
  client.on('error', ignore)
  return {
    client,
    flush: () => Promise.all(client.nodes('master').map((node) => node.flushall())),
    flushScripts: () => Promise.all(client.nodes('master').map((node) => node.script('FLUSH'))),
    close: async () => client.disconnect(),
  }
}

const glideCluster: Driver = async (port) => {
  const client = await GlideClusterClient.createClient({ addresses: [{ host: HOST, port }] })
  return {
    client,
    flush: () => client.flushall(),
    flushScripts: () => client.scriptFlush(),
    close: async () => client.close(),
  }
}

/** Each driver's client of a cluster. */
export const CLUSTER_DRIVERS: Record<string, Driver> = {
  'node-redis': nodeRedisCluster,
  ioredis: ioredisCluster,
  iovalkey: valkeyCluster,
  GLIDE: glideCluster,
}
