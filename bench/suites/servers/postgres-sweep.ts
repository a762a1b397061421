import type { NewRecord } from 'untorn'
import { postgresStore } from 'untorn/postgres'
import { newKey, newRecord } from '../../candidates/sample.ts'
import { spread } from '../../measure/statistics.ts'
import type { Row } from '../../suite.ts'
import { onLanes } from './lanes.ts'
import { pgPool } from './postgres-drivers.ts'

const LANES = 8
const TABLE = 'swept'

/** So many sessions of which half have expired: how fast they are removed. */
export async function postgresSweep(url: string, sessions: number): Promise<Row[]> {
  await fill(url, sessions)
  const pool = await pgPool(url, { connections: 1 })
  try {
    await pool.query(`VACUUM ANALYZE ${TABLE}`)
    const started = performance.now()
    const { removed } = await postgresStore({ pool, table: TABLE, sweepEvery: 0 }).clearExpired()
    const seconds = (performance.now() - started) / 1000
    if (removed !== Math.floor(sessions / 2)) throw new Error(`A sweep removed ${removed} of ${sessions}.`)
    const group = 'A sweep of PostgreSQL, half of the sessions expired'
    const value = spread([removed / seconds])
    return [{ group, name: 'PostgreSQL: sweep, sessions removed', unit: 'operations/s', value }]
  } finally {
    await pool.end()
  }
}

async function fill(url: string, sessions: number): Promise<void> {
  const pool = await pgPool(url, { connections: LANES, settings: { synchronous_commit: 'off' } })
  const store = postgresStore({ pool, table: TABLE, sweepEvery: 0 })
  await store.createTable()
  let made = 0
  // They have expired when they are there.
  const record = (): NewRecord =>
    made++ % 2 === 0 ? newRecord() : { ...newRecord(), expiresAt: Date.now() + 1 }
  await onLanes(LANES, sessions, async () => store.create(newKey(), record()))
  await pool.end()
}
