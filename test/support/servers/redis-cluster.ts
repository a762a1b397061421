import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from 'redis'
import { startServer } from './redis-server.ts'
import { freePort, type ServerOptions, type Started, type ThrowAwayServer } from './throw-away.ts'

export interface ClusterOptions extends ServerOptions {
  /** Give each master a replica, which takes its place some two seconds after it is gone. Default: none has one. */
  replicas?: boolean
}

/** Several servers that are one; `url`, `port` and `pid` are those of the first master. */
export interface ThrowAwayCluster extends ThrowAwayServer {
  /** Each has a third of the slots. */
  readonly masters: readonly ThrowAwayServer[]
  /** Of the masters, in their order. */
  readonly replicas: readonly ThrowAwayServer[]
}

interface Node extends ThrowAwayServer {
  /** Where the nodes talk to each other. */
  busPort: number
}

const SLOTS = 16_384
const MASTERS = 3

/** A Redis cluster of three masters on the loopback. */
export async function startRedisCluster(options: ClusterOptions = {}): Promise<Started<ThrowAwayCluster>> {
  const nodes: Node[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()))
  }
  try {
    for (let n = 0; n < MASTERS * (options.replicas ? 2 : 1); n++) {
      const { server, missing } = await startSoon(options)
      if (missing !== undefined) return { missing }
      nodes.push(server)
    }
    await join(nodes)
  } catch (error) {
    await stop()
    throw error
  }
  const masters = nodes.slice(0, MASTERS)
  return { server: { ...masters[0]!, masters, replicas: nodes.slice(MASTERS), stop } }
}

/** It needs two ports, and either may be another server's by the time that it listens there. */
async function startSoon(options: ClusterOptions, tries = 5): ReturnType<typeof startNode> {
  try {
    return await startNode(options)
  } catch (error) {
    if (tries === 1) throw error
    return startSoon(options, tries - 1)
  }
}

async function startNode(options: ClusterOptions): Promise<Started<Node>> {
  const busPort = await freePort()
  const settings = {
    'cluster-enabled': 'yes',
    'cluster-config-file': 'nodes.conf',
    // By default it is 10 000 above the other, which may be too high or taken.
    'cluster-port': `${busPort}`,
    // Without replicas nothing is won by taking a slow node for a dead one.
    'cluster-node-timeout': options.replicas ? '4000' : '60000',
    'cluster-allow-replica-migration': 'no',
    // Seconds: soon there is something for a replica to acknowledge.
    'repl-ping-replica-period': '1',
  }
  const { server, missing } = await startServer('redis-server', { ...options, settings })
  return server ? { server: { ...server, busPort } } : { missing }
}

async function join(nodes: readonly Node[]): Promise<void> {
  const clients = await Promise.all(
    nodes.map(({ url }) => createClient({ url, socket: { connectTimeout: WAIT_MS } }).connect()),
  )
  const ask = (n: number, ...command: string[]): Promise<unknown> => clients[n]!.sendCommand(command)
  try {
    const ids = await Promise.all(nodes.map((_, n) => ask(n, 'CLUSTER', 'MYID')))
    const perMaster = Math.ceil(SLOTS / MASTERS)
    for (const n of nodes.keys()) {
      await ask(n, 'CLUSTER', 'SET-CONFIG-EPOCH', `${n + 1}`)
      if (n < MASTERS) {
        const last = Math.min((n + 1) * perMaster, SLOTS) - 1
        await ask(n, 'CLUSTER', 'ADDSLOTSRANGE', `${n * perMaster}`, `${last}`)
      }
    }
    const [first] = nodes
    for (const n of nodes.keys()) {
      if (n > 0) await ask(n, 'CLUSTER', 'MEET', '127.0.0.1', `${first!.port}`, `${first!.busPort}`)
    }
    await until(async () => (await knownBy(ask, nodes)).every((count) => count === nodes.length))
    for (let n = MASTERS; n < nodes.length; n++) {
      await ask(n, 'CLUSTER', 'REPLICATE', `${ids[n - MASTERS]}`)
    }
    await until(async () => {
      const infos = await Promise.all(nodes.map((_, n) => ask(n, 'CLUSTER', 'INFO')))
      // A replica says that it is linked before the master sends it changes, which waits for a first acknowledgement: who
      // stops the master in between stops the only one that has anything.
      const replicas = nodes.slice(MASTERS)
      const links = await Promise.all(replicas.map((_, n) => ask(n, 'INFO', 'replication')))
      return (
        infos.every((info) => String(info).includes('cluster_state:ok')) &&
        links.every((info) => /^slave0:.*,state=online,offset=[1-9]/m.test(String(info)))
      )
    })
  } finally {
    for (const client of clients) client.destroy()
  }
}

async function knownBy(
  ask: (n: number, ...command: string[]) => Promise<unknown>,
  nodes: readonly ThrowAwayServer[],
): Promise<number[]> {
  const lists = await Promise.all(nodes.map((_, n) => ask(n, 'CLUSTER', 'NODES')))
  return lists.map(
    (list) =>
      String(list)
        .trim()
        .split('\n')
        .filter((line) => !line.includes('handshake')).length,
  )
}

const WAIT_MS = 60_000

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + WAIT_MS; !(await isSo()); await delay(50)) {
    if (performance.now() > end) throw new Error('The nodes of the cluster did not find together.')
  }
}
