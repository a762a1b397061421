import type { Pool } from 'pg'
import type { SessionKey } from 'untorn'
import { postgresStore } from 'untorn/postgres'
import { connectPgSimple, type PeerServerStore, peerSession } from '../../candidates/express-session.ts'
import { newKey, newRecord, tokenChanges, tokens, values } from '../../candidates/sample.ts'
import { shuffled } from '../../measure/alternate.ts'
import { inTurn } from '../../measure/rounds.ts'
import { spread } from '../../measure/statistics.ts'
import type { Row, Unit } from '../../suite.ts'
import { onLanes } from './lanes.ts'
import { pgPool } from './postgres-drivers.ts'

const LANES = 8

/** Something that keeps sessions in a table of its own. */
interface Kept {
  name: string
  table: string
  /** Makes the table. */
  prepare(): Promise<unknown>
  create(key: SessionKey): Promise<unknown>
  save(key: SessionKey, turn: number): Promise<unknown>
  /** Says that it is used: changes when it expires, and nothing else. */
  touch?(key: SessionKey): Promise<unknown>
}

export const diskNames = {
  bare: 'a key and the values as one JSON text',
  untorn: 'untorn',
  unlogged: 'untorn, unlogged table',
  partitioned: 'untorn, 16 partitions',
  peer: 'connect-pg-simple',
} as const

/** What sessions take on the disk, and what saves write to the log. */
export async function postgresDisk(url: string, sessions: number, saves: number): Promise<Row[]> {
  // Nothing here is timed, and what is written does not depend on who waits for it.
  const pool = await pgPool(url, { connections: LANES, settings: { synchronous_commit: 'off' } })
  const peer = connectPgSimple(pool)
  await configure(pool, (name, value) => `ALTER SYSTEM SET ${name} = '${value}'`)
  try {
    const rows: Row[][] = []
    for (const kept of candidates(pool, peer)) rows.push(await measured(pool, kept, sessions, saves))
    // By what they are about, not by who it is.
    const groups = new Set(rows.flat().map(({ group }) => group))
    return [...groups].flatMap((group) => rows.flat().filter((row) => row.group === group))
  } finally {
    await configure(pool, (name) => `ALTER SYSTEM RESET ${name}`)
    await peer.close?.()
    await pool.end()
  }
}

/** What the server writes to the log for reasons of its own would be taken for what a save writes. */
const QUIET = { autovacuum: 'off', checkpoint_timeout: '1h', max_wal_size: '16GB' }

async function configure(pool: Pool, sql: (name: string, value: string) => string): Promise<void> {
  for (const [name, value] of Object.entries(QUIET)) await pool.query(sql(name, value))
  await pool.query('SELECT pg_reload_conf()')
}

async function measured(pool: Pool, kept: Kept, sessions: number, saves: number): Promise<Row[]> {
  const { name, table } = kept
  await kept.prepare()
  const keys = Array.from({ length: sessions }, newKey)
  await onEach(keys, (key) => kept.create(key))
  const size = await sizeOf(pool, table)
  const chosen = shuffled(keys).slice(0, saves)
  const logged = async (change: (key: SessionKey) => Promise<unknown>): Promise<number> => {
    const before = await position(pool)
    await onEach(chosen, change)
    return ((await position(pool)) - before) / saves
  }
  await pool.query('CHECKPOINT')
  const first = await logged((key) => kept.save(key, 0))
  const second = await logged((key) => kept.save(key, 1))
  const inPlace = await hotShare(pool, table)
  const row = (group: string, what: string, unit: Unit, value: number): Row => {
    return { group, name: `${name}: ${what}`, unit, value: spread([value]) }
  }
  return [
    row(
      'Disk of PostgreSQL for each session, with its part of the indexes',
      'disk',
      'bytes',
      size / sessions,
    ),
    row('Write-ahead log for a save', 'log', 'bytes', second),
    row('Write-ahead log for the first save of a page after a checkpoint', 'log, first', 'bytes', first),
    row('Saves that touch no index', 'in place', '%', inPlace),
    ...(kept.touch ? [row('Write-ahead log for a use', 'log, use', 'bytes', await logged(kept.touch))] : []),
  ]
}

function candidates(pool: Pool, peer: PeerServerStore): Kept[] {
  const untorn = (name: string, table: string, create: { unlogged?: boolean; partitions?: number }): Kept => {
    const store = postgresStore({ pool, table, sweepEvery: 0 })
    return {
      name,
      table,
      prepare: async () => store.createTable(create),
      create: async (key) => store.create(key, newRecord()),
      save: async (key, turn) => store.save(key, tokenChanges[turn]!),
      touch: async (key) => store.save(key, { expiresAt: Date.now() + 3_600_000 }),
    }
  }
  const text = (token: string): string => JSON.stringify({ ...values, token })
  const set = (key: SessionKey, token: string): Promise<void> =>
    inTurn(1, (done) => peer.set(key, peerSession({ ...values, token }), done))
  return [
    {
      name: diskNames.bare,
      table: 'bare',
      prepare: () => pool.query('CREATE TABLE bare (key text PRIMARY KEY, value text NOT NULL)'),
      create: (key) => pool.query('INSERT INTO bare VALUES ($1, $2)', [key, text(values.token)]),
      save: (key, turn) =>
        pool.query('UPDATE bare SET value = $2 WHERE key = $1', [key, text(tokens[turn]!)]),
    },
    untorn(diskNames.untorn, 'kept', {}),
    untorn(diskNames.unlogged, 'kept_unlogged', { unlogged: true }),
    untorn(diskNames.partitioned, 'kept_partitioned', { partitions: 16 }),
    {
      name: diskNames.peer,
      table: 'session',
      prepare: () => set(newKey(), values.token),
      create: (key) => set(key, values.token),
      save: (key, turn) => set(key, tokens[turn]!),
      touch: (key) => inTurn(1, (done) => peer.touch(key, peerSession(values), done)),
    },
  ]
}

async function onEach(
  keys: readonly SessionKey[],
  once: (key: SessionKey) => Promise<unknown>,
): Promise<void> {
  let next = 0
  await onLanes(LANES, keys.length, () => once(keys[next++]!))
}

/** The table, and its partitions if it has some. */
const PARTS = '(SELECT $1::regclass AS relid UNION SELECT relid FROM pg_partition_tree($1))'

async function sizeOf(pool: Pool, table: string): Promise<number> {
  const { rows } = await pool.query<{ size: string }>(
    `SELECT sum(pg_total_relation_size(relid)) AS size FROM ${PARTS} AS parts`,
    [table],
  )
  return Number(rows[0]!.size)
}

/** Bytes of the write-ahead log since there is one. */
async function position(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ at: string }>(
    "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS at",
  )
  return Number(rows[0]!.at)
}

/** PostgreSQL puts the new row beside the old one if there is room on the page, and leaves the indexes alone. */
async function hotShare(pool: Pool, table: string): Promise<number> {
  // Each connection tells its counters when it is asked to; a pool gives out whichever it likes.
  const clients = await Promise.all(Array.from({ length: LANES }, () => pool.connect()))
  for (const client of clients) {
    await client.query('SELECT pg_stat_force_next_flush()')
    await client.query('SELECT 1')
    client.release()
  }
  const { rows } = await pool.query<{ share: number }>(
    'SELECT 100.0 * sum(n_tup_hot_upd) / sum(n_tup_upd) AS share ' +
      `FROM pg_stat_user_tables WHERE relid IN ${PARTS}`,
    [table],
  )
  return Number(rows[0]!.share)
}
