import type { PostgresPool } from '../../postgres.ts'
import { driverIn } from './driver.ts'
import type { PostgresLocation } from './locations.ts'
import type { Connected } from './redis.ts'

/** As much as most servers have left, whatever is worked on at the same time. */
const MOST_CONNECTIONS = 10

/** Seconds that the end of connections may take. */
const TO_END = 2

/** A pool, which connects when it is used. */
export function poolOf(
  { url }: PostgresLocation,
  { cwd, concurrency, deadline }: { cwd: string; concurrency: number; deadline: number },
): Connected<PostgresPool> {
  const { name, module } = driverIn(cwd, 'PostgreSQL', ['pg', 'postgres'])
  const max = Math.min(concurrency, MOST_CONNECTIONS)
  if (name === 'postgres') {
    const sql = (module.default ?? module)(url, { max, connect_timeout: deadline / 1000, onnotice() {} })
    return { client: sql, end: () => sql.end({ timeout: TO_END }) }
  }
  const pool = new module.Pool({ connectionString: url, max, connectionTimeoutMillis: deadline })
  // A connection that breaks while nobody uses it: the next call finds out.
  pool.on('error', () => {})
  return { client: pool, end: () => pool.end() }
}
