import type { SessionStore } from 'untorn'
import { postgresStore } from 'untorn/postgres'
import { redisStore } from 'untorn/redis'
import { connectPgSimple, connectRedis, type PeerServerStore } from '../../candidates/express-session.ts'
import { pgPool } from './postgres-drivers.ts'
import { nodeRedis } from './redis-drivers.ts'

export type ServerName = 'Redis' | 'PostgreSQL'

/** The two stores of one server, over one driver. */
export interface Pair {
  server: ServerName
  untorn: SessionStore
  peer: PeerServerStore
  peerName: string
  close(): Promise<void>
}

export const openPair: Record<ServerName, (url: string) => Promise<Pair>> = {
  Redis: redisPair,
  PostgreSQL: postgresPair,
}

async function redisPair(url: string): Promise<Pair> {
  const { client, close } = await nodeRedis(url)
  const untorn = redisStore({ client })
  const peer = connectRedis(client)
  return {
    server: 'Redis',
    untorn,
    peer,
    peerName: 'connect-redis',
    async close() {
      await untorn.close()
      await close()
    },
  }
}

/** The table of `untorn/postgres`, for all who open a pair. */
export async function makeTable(url: string): Promise<void> {
  const pool = await pgPool(url, { connections: 1 })
  const store = postgresStore({ pool, sweepEvery: 0 })
  await store.createTable()
  await store.close()
  await pool.end()
}

/** Over a pool of one connection, so that nothing happens beside what is looked at. */
async function postgresPair(url: string): Promise<Pair> {
  const pool = await pgPool(url, { connections: 1 })
  const untorn = postgresStore({ pool, sweepEvery: 0 })
  const peer = connectPgSimple(pool)
  return {
    server: 'PostgreSQL',
    untorn,
    peer,
    peerName: 'connect-pg-simple',
    async close() {
      await Promise.all([untorn.close(), peer.close?.()])
      await pool.end()
    },
  }
}
