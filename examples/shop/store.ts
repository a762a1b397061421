import type { SessionStore } from 'untorn'
import { fileStore } from 'untorn/file'
import { postgresStore } from 'untorn/postgres'
import { redisStore } from 'untorn/redis'

/** A store, and what to end after it. */
export interface OpenStore {
  store: SessionStore
  /** For a log: no password is in it. */
  place: string
  end(): Promise<void>
}

/** Files in a directory; or, with a URL of Redis or PostgreSQL, the same sessions on a server. */
export async function openStore(directory: string, url: string | undefined): Promise<OpenStore> {
  if (!url) return { store: fileStore(directory), place: directory, end: async () => {} }
  const { protocol, host } = new URL(url)
  const place = `${protocol}//${host}`
  if (protocol === 'redis:' || protocol === 'rediss:') {
    const { createClient } = await import('redis')
    const client = createClient({ url })
    // Without a listener a broken connection ends the process. node-redis connects again by itself, with an error each
    // time; what requests meet meanwhile, the store tells once.
    client.on('error', () => {})
    await client.connect()
    return { store: redisStore({ client }), place, end: () => client.close() }
  }
  if (protocol === 'postgres:' || protocol === 'postgresql:') {
    const { Pool } = (await import('pg')).default
    const pool = new Pool({ connectionString: url })
    // Without a listener a connection that breaks while nobody uses it ends the process.
    pool.on('error', (error) => console.error(error.message))
    const store = postgresStore({ pool })
    await store.createTable()
    return { store, place, end: () => pool.end() }
  }
  throw new Error(`SESSIONS_URL begins with redis: or postgres:, not with ${protocol}`)
}
