import { setTimeout as delay } from 'node:timers/promises'
import type { ClearExpiredOptions, Swept } from '../../contract/store.ts'
import { StoreBusyError } from '../../errors.ts'
import type { Row } from './database.ts'
import { IS_SESSION, type Statement } from './statements/parts.ts'
import type { TableName } from './table-name.ts'
import { milliseconds, timeText } from './times.ts'

/** Rows that one statement removes: few enough that it is done in some hundredths of a second. */
export const BATCH = 1000

/** Sessions that a progress line counts beforehand at most. */
const COUNTED = 1_000_000

/** Milliseconds between two tries while another process has its turn. */
const TURN = 20

/** "untn", as a number: other advisory locks of the application have other keys. */
export const LOCK_SPACE = 0x756e746e

/**
 * Removes the first rows that had expired at `until` (now, if it is not given), if nobody else is at it: the lock is
 * held for as long as the statement. Rows that somebody has locked are left: an extended session stays.
 *
 * One row: whether it was our turn, the number of rows removed, the server's clock, the number of sessions among the rows.
 */
export function sweepBatch({ quoted }: TableName, until: number | undefined): Statement {
  const lock = `(${LOCK_SPACE}::bigint << 32) | '${quoted}'::regclass::oid::bigint`
  const over = 'least(now(), $1::text::timestamptz)'
  const text =
    `with turn as materialized (select pg_try_advisory_xact_lock(${lock}) as ours), ` +
    `expired as materialized (select key from ${quoted} where expires_at <= ${over} and (select ours from turn) ` +
    `order by expires_at limit ${BATCH} for update skip locked), ` +
    `removed as (delete from ${quoted} where key in (select key from expired) returning ${IS_SESSION} as counts) ` +
    'select ours::text, (select count(*) from removed)::text, extract(epoch from now())::text, ' +
    '(select count(*) filter (where counts) from removed)::text from turn'
  return { text, parameters: [until === undefined ? null : timeText(until)] }
}

/** One row: how many sessions have expired. */
export function countExpired({ quoted }: TableName): Statement {
  const text = `select count(*)::text from (select from ${quoted} where expires_at <= now() limit ${COUNTED}) as expired`
  return { text, parameters: [] }
}

export interface SweepParts {
  /** Runs one statement of which the answer is one row. */
  ask(statement: Statement): Promise<Row>
  table: TableName
  /** Milliseconds to wait for a turn before that is an error; 0: somebody else's turn is the end of it. */
  patience: number
}

/** Removes what has expired by now, batch by batch; what expires meanwhile is for the next sweep. */
export async function sweep(
  { ask, table, patience }: SweepParts,
  { signal, onProgress }: ClearExpiredOptions = {},
): Promise<Swept> {
  signal?.throwIfAborted()
  const total = onProgress ? Number((await ask(countExpired(table)))[0]) : 0
  let gone = 0
  let removed = 0
  let until: number | undefined
  let waitingSince: number | undefined
  for (;;) {
    signal?.throwIfAborted()
    const row = await ask(sweepBatch(table, until))
    if (row[0] !== 'true') {
      if (patience === 0) break
      waitingSince ??= performance.now()
      if (performance.now() - waitingSince > patience) throw turnNeverCame(patience)
      // Uneven, so that several that wait do not ask at the same moment again and again.
      await delay(TURN * (0.5 + Math.random()))
      continue
    }
    waitingSince = undefined
    until ??= milliseconds(row[2]!)
    const batch = Number(row[1])
    gone += batch
    removed += Number(row[3])
    if (batch < BATCH) break
    onProgress?.({ done: Math.min(gone, Math.max(total - 1, 0)), total, scanned: removed, removed })
  }
  onProgress?.({ done: total, total, scanned: removed, removed })
  return { scanned: removed, removed }
}

function turnNeverCame(patience: number): StoreBusyError {
  return new StoreBusyError(
    `Could not sweep: another process has been removing expired sessions for ${patience} ms without an end. ` +
      'See in pg_locks who holds the advisory lock.',
  )
}
