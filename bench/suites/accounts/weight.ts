import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Pool } from 'pg'

/** What a store takes by now. */
export type Weight = () => Promise<number>

/** Of this process: what is garbage by then is in it, unless it was started with `--expose-gc`. */
export const heapWeight: Weight = async () => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

/** Allocated, not written: a file takes a block at least. */
export function filesWeight(directory: string): Weight {
  return async () => {
    let bytes = 0
    for (const { name, parentPath } of readdirSync(directory, { withFileTypes: true, recursive: true }))
      bytes += lstatSync(join(parentPath, name)).blocks * 512
    return bytes
  }
}

export function redisWeight(url: string): Weight {
  return async () => {
    const { createClient } = await import('redis')
    const client = createClient({ url })
    await client.connect()
    const info = (await client.info('memory')) as string
    await client.close()
    return Number(/^used_memory:(\d+)/m.exec(info)![1])
  }
}

/** The table with its indexes and what is stored beside it. */
export function postgresWeight(pool: Pool): Weight {
  return async () => {
    const { rows } = await pool.query<{ bytes: string }>(
      "SELECT sum(pg_total_relation_size(oid)) AS bytes FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    )
    return Number(rows[0]!.bytes)
  }
}
