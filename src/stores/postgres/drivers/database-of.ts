import { InvalidOptionError } from '../../../errors.ts'
import type { Database, DatabaseOptions } from '../database.ts'
import { type NodePostgres, nodePostgres } from './node-postgres.ts'
import { type PGliteLike, pglite } from './pglite.ts'
import { type PostgresJs, postgresJs } from './postgres-js.ts'

/** A pool, or a connection, of one of the drivers that the store knows by their shape. */
export type PostgresPool = NodePostgres | PostgresJs | PGliteLike

/** Throws `InvalidOptionError` for what fits no driver, and names the call that is missing. */
export function databaseOf(pool: PostgresPool, options: DatabaseOptions): Database {
  const has = (name: string): boolean =>
    typeof (pool as unknown as Record<string, unknown>)[name] === 'function'
  if (typeof pool === 'function') {
    const missing = ['unsafe', 'begin'].filter((name) => !has(name))
    if (missing.length > 0) throw unfit(`a function without ${calls(missing)}`)
    return postgresJs(pool, options)
  }
  if (typeof pool !== 'object' || pool === null) throw unfit(`${pool === null ? 'null' : typeof pool}`)
  if (!has('query')) throw unfit(`an object without ${calls(['query'])}`)
  return has('exec') ? pglite(pool as PGliteLike) : nodePostgres(pool as NodePostgres, options)
}

function calls(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(' and ')
}

function unfit(found: string): InvalidOptionError {
  return new InvalidOptionError(
    'pool',
    `it is ${found}; take a Pool of \`pg\`, what \`postgres(...)\` of postgres.js returns, or a PGlite`,
  )
}
