import { StoreUnavailableError } from '../../index.ts'
import type { RedisClient } from '../../redis.ts'
import { type Driver, driverIn } from './driver.ts'
import type { RedisLocation } from './locations.ts'

export interface Connected<Client> {
  client: Client
  /** Ends the connections at once. */
  end(): Promise<void> | void
}

/** Milliseconds until a connection that broke is tried again; the store's deadline says when it is enough. */
const AGAIN = 200

/** Connects within the deadline, or says why not; only one that was connected is connected again. */
export async function connectRedis(
  location: RedisLocation,
  { cwd, deadline }: { cwd: string; deadline: number },
): Promise<Connected<RedisClient>> {
  const driver = driverIn(cwd, 'Redis', ['redis', 'ioredis', 'iovalkey'])
  const state: State = { deadline, isConnected: false, error: undefined }
  const made = driver.name === 'redis' ? nodeRedis(driver, location, state) : ioredis(driver, location, state)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${deadline} ms`)), deadline)
  })
  try {
    await Promise.race([made.connect(), late])
    state.isConnected = true
    return { client: made.client, end: made.end }
  } catch (error) {
    made.end()
    // What a driver rejects with may be no more than that the connection is closed: the reason came as an event.
    const reason = reasonIn(state.error ?? error)
    throw new StoreUnavailableError(`Could not connect to ${location.label}: ${reason}.`)
  } finally {
    clearTimeout(timer)
  }
}

interface State {
  deadline: number
  isConnected: boolean
  error: unknown
}

interface Made {
  client: RedisClient
  connect(): Promise<unknown>
  end(): void
}

function nodeRedis({ module }: Driver, location: RedisLocation, state: State): Made {
  const { cluster, nodes, tls, username, password, database } = location
  const reconnectStrategy = (): number | false => (state.isConnected ? AGAIN : false)
  const socket = { connectTimeout: state.deadline, reconnectStrategy, ...(tls && { tls }) }
  const user = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) }
  const client = cluster
    ? module.createCluster({
        rootNodes: nodes.map((node) => ({ socket: { ...node } })),
        defaults: { ...user, socket },
      })
    : module.createClient({
        ...user,
        ...(database !== undefined && { database }),
        socket: { ...socket, ...nodes[0] },
      })
  client.on('error', (error: unknown) => {
    state.error ??= error
  })
  return {
    client,
    connect: () => client.connect(),
    end: () => {
      if (typeof client.destroy === 'function') client.destroy()
      else client.disconnect().catch(() => {})
    },
  }
}

function ioredis({ module }: Driver, location: RedisLocation, state: State): Made {
  const { cluster, nodes, tls, username, password, database } = location
  const again = (): number | null => (state.isConnected ? AGAIN : null)
  const options = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: {} }),
    connectTimeout: state.deadline,
  }
  const { Redis = module, Cluster = Redis.Cluster } = module
  const client = cluster
    ? new Cluster(nodes, { redisOptions: options, clusterRetryStrategy: again, lazyConnect: true })
    : new Redis({ ...options, ...nodes[0], db: database ?? 0, retryStrategy: again, lazyConnect: true })
  client.on('error', (error: unknown) => {
    state.error ??= error
  })
  return {
    client,
    connect: () => client.connect(),
    end: () => client.disconnect(),
  }
}

/** The message alone, as a driver's error may carry what was sent; of several addresses that were tried, the first's. */
function reasonIn(error: unknown): string {
  const { message, errors } = Object(error) as { message?: string; errors?: Error[] }
  return (message || errors?.[0]?.message || 'see the server').replace(/\.$/, '')
}
