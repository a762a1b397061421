import type { SessionStore } from 'untorn'
import type { UntornKeeping } from '../candidates.ts'

/** With its own defaults. `url`: of the database, if it uses one. */
export async function untornStore(
  keeping: UntornKeeping,
  directory: string,
  url: string | undefined,
): Promise<SessionStore> {
  switch (keeping) {
    case 'untorn':
    case 'untorn-disk': {
      const { fileStore } = await import('untorn/file')
      return fileStore(directory, { durability: keeping === 'untorn-disk' ? 'disk' : 'process' })
    }
    case 'untorn-redis':
      return onRedis(url!)
    case 'untorn-postgres':
      return onPostgres(url!)
  }
}

async function onRedis(url: string): Promise<SessionStore> {
  const { createClient } = await import('redis')
  const { redisStore } = await import('untorn/redis')
  const client = createClient({ url })
  await client.connect()
  return redisStore({ client })
}

async function onPostgres(connectionString: string): Promise<SessionStore> {
  const { default: pg } = await import('pg')
  const { postgresStore } = await import('untorn/postgres')
  const store = postgresStore({ pool: new pg.Pool({ connectionString }) })
  await store.createTable()
  return store
}
