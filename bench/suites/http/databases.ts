import { chmodSync } from 'node:fs'
import { startPostgres } from '../../../test/support/servers/postgres.ts'
import { startRedis } from '../../../test/support/servers/redis.ts'
import type { Started } from '../../../test/support/servers/throw-away.ts'

/** The databases that candidates need. */
export interface Databases {
  'connect-redis': Started
  'connect-pg-simple': Started
}

/** On the disk that everything else is on, as PostgreSQL waits for it. */
export async function startDatabases(directory: string): Promise<Databases> {
  // For the other user that PostgreSQL runs as.
  chmodSync(directory, 0o711)
  const [redis, postgres] = await Promise.all([
    startRedis({ directory }).catch(failed),
    startPostgres({ directory }).catch(failed),
  ])
  return { 'connect-redis': redis, 'connect-pg-simple': postgres }
}

export async function stopDatabases(databases: Databases): Promise<void> {
  await Promise.all(Object.values(databases).map(({ server }: Started) => server?.stop()))
}

function failed(error: Error): Started {
  return { missing: error.message }
}
