import pg from 'pg'
import { createClient } from 'redis'
import { onTestFinished } from 'vitest'
import { fileStore } from '../../../../src/file.ts'
import { postgresStore } from '../../../../src/postgres.ts'
import { redisStore } from '../../../../src/redis.ts'
import type { SessionStore } from '../../../../src/store.ts'
import type { Place } from './children/stores.ts'

/** A store in this process, closed when the test is over. */
export async function openHere(place: Place): Promise<SessionStore> {
  if (place.startsWith('file:')) {
    const store = fileStore(place.slice('file:'.length), { sweepEvery: 0 })
    onTestFinished(() => store.close())
    return store
  }
  if (place.startsWith('redis:')) {
    const client = createClient({ url: place })
    client.on('error', () => {})
    await client.connect()
    onTestFinished(() => client.destroy())
    return redisStore({ client })
  }
  const pool = new pg.Pool({ connectionString: place, max: 4 })
  pool.on('error', () => {})
  const store = postgresStore({ pool, sweepEvery: 0 })
  onTestFinished(async () => {
    await store.close()
    await pool.end()
  })
  return store
}
