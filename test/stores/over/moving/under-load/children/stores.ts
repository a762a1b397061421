import pg from 'pg'
import { createClient } from 'redis'
import type { SessionStore } from 'untorn'
import { fileStore } from 'untorn/file'
import { moving } from 'untorn/moving'
import { postgresStore } from 'untorn/postgres'
import { redisStore } from 'untorn/redis'

/** Where a store is: `file:` and its directory, or the URL of a server. */
export type Place = string

export interface Opened {
  store: SessionStore
  close(): Promise<void>
}

/** Milliseconds. Each of these processes gets a part of a core, and none is here to show that it gives up in time. */
const PATIENCE = 60_000

export async function open(place: Place): Promise<Opened> {
  if (place.startsWith('file:')) {
    const store = fileStore(place.slice('file:'.length), { sweepEvery: 0, busyTimeout: PATIENCE })
    return { store, close: async () => store.close() }
  }
  if (place.startsWith('redis:')) {
    const client = createClient({ url: place })
    client.on('error', () => {})
    await client.connect()
    return { store: redisStore({ client, deadline: PATIENCE }), close: async () => client.destroy() }
  }
  const pool = new pg.Pool({ connectionString: place, max: 4 })
  pool.on('error', () => {})
  const store = postgresStore({ pool, sweepEvery: 0, deadline: PATIENCE })
  return {
    store,
    close: async () => {
      await store.close()
      await pool.end()
    },
  }
}

export async function openMoving(
  places: { from: Place; to: Place },
  writeTo: 'from' | 'to',
): Promise<Opened> {
  const [from, to] = await Promise.all([open(places.from), open(places.to)])
  return {
    store: moving({ from: from.store, to: to.store, writeTo }),
    close: async () => {
      await from.close()
      await to.close()
    },
  }
}
