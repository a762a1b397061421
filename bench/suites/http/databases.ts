import { chmodSync } from 'node:fs'
import { startPostgres } from '../../../test/support/servers/postgres.ts'
import { startRedis } from '../../../test/support/servers/redis.ts'
import type { Started } from '../../../test/support/servers/throw-away.ts'
import type { Keeping } from './candidates.ts'

/** The databases that candidates need. */
export interface Databases {
  redis: Started
  postgres: Started
}

/** Which of them, if any. */
export const databaseOf: Partial<Record<Keeping, keyof Databases>> = {
  'untorn-redis': 'redis',
  'untorn-postgres': 'postgres',
  'connect-redis': 'redis',
  'connect-pg-simple': 'postgres',
}

/** On the disk that everything else is on, as PostgreSQL waits for it. */
export async function startDatabases(directory: string): Promise<Databases> {
  // For the other user that PostgreSQL runs as.
  chmodSync(directory, 0o711)
  const [redis, postgres] = await Promise.all([
    startRedis({ directory }).catch(failed),
    startPostgres({ directory, durable: true }).catch(failed),
  ])
  return { redis, postgres }
}

export async function stopDatabases(databases: Databases): Promise<void> {
  await Promise.all(Object.values(databases).map(({ server }: Started) => server?.stop()))
}

function failed(error: Error): Started {
  return { missing: error.message }
}
