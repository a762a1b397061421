import { StoreConfigError } from '../../errors.ts'
import type { Database, Row } from './database.ts'
import type { TableName } from './table-name.ts'
import { sqlOf, type TableOptions } from './table-sql.ts'

/** "untorn", as a number: other advisory locks of the application have other keys. */
const LOCK = 0x756e746f726e

const COLUMNS: Readonly<Record<string, string>> = {
  key: 'bytea not null',
  version: 'bigint not null',
  values: 'jsonb not null',
  texts: 'jsonb not null',
  created_at: 'timestamp with time zone not null',
  expires_at: 'timestamp with time zone not null',
  owner: 'text',
}

interface Found {
  encoding: string
  /** `undefined`: there is no such table. */
  kind: string | undefined
  unlogged: boolean
  partitions: number
  /** Types by column, with what may not be null marked so. */
  columns: Readonly<Record<string, string>>
  /** Columns of each index, the primary key's with a mark. */
  indexes: readonly string[]
}

/**
 * Makes the table if it is not there; safe for any number of processes at once. With the table there it takes no right
 * but to look.
 */
export async function createTable(
  database: Database,
  table: TableName,
  options: TableOptions,
): Promise<void> {
  const before = await look(database, table)
  if (before.encoding !== 'UTF8') {
    throw new StoreConfigError(
      `The database is in ${before.encoding}: texts of sessions may have any character, which takes a database in UTF8.`,
    )
  }
  if (before.kind !== undefined) assertFits(before, table, options)
  if (isComplete(before)) return
  await database.script(`select pg_advisory_xact_lock(${LOCK});\n${sqlOf(table, options)}`)
  // Another process may have made another one in the meantime.
  assertFits(await look(database, table), table, options)
}

async function look(database: Database, { quoted }: TableName): Promise<Found> {
  const rows = await database.query(LOOK, [quoted])
  const [encoding, kind, persistence, partitions, columns, indexes] = rows[0] as Row
  return {
    encoding: encoding!,
    kind: kind ?? undefined,
    unlogged: persistence === 'u',
    partitions: Number(partitions ?? 0),
    columns: JSON.parse(columns ?? '{}'),
    indexes: JSON.parse(indexes ?? '[]'),
  }
}

/** A partitioned table is as its partitions are: on itself nothing is stored. */
const LOOK = `
select
  pg_encoding_to_char(d.encoding)::text,
  c.relkind::text,
  coalesce((select min(p.relpersistence::text) from pg_inherits i join pg_class p on p.oid = i.inhrelid
    where i.inhparent = c.oid), c.relpersistence::text),
  (select count(*) from pg_inherits i where i.inhparent = c.oid)::text,
  (select jsonb_object_agg(a.attname, format_type(a.atttypid, a.atttypmod) ||
      case when a.attnotnull then ' not null' else '' end) from pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)::text,
  (select jsonb_agg(case when i.indisprimary then 'primary ' else '' end || (select string_agg(a.attname, ',' order by k.n)
      from unnest(i.indkey::int2[]) with ordinality k (attnum, n) join pg_attribute a
        on a.attrelid = c.oid and a.attnum = k.attnum))
    from pg_index i where i.indrelid = c.oid and i.indisvalid)::text
from pg_database d left join pg_class c on c.oid = to_regclass($1::text)
where d.datname = current_database()`

const INDEXES = ['primary key', 'expires_at', 'owner,key']

function isComplete({ kind, indexes }: Found): boolean {
  return kind !== undefined && INDEXES.every((index) => indexes.includes(index))
}

function assertFits(found: Found, { given }: TableName, { unlogged, partitions }: TableOptions): void {
  const wrong = differences(found, unlogged, partitions)
  if (wrong.length === 0) return
  throw new StoreConfigError(
    `There is a table "${given}" already, and it is not the one asked for: ${wrong.join('; ')}. ` +
      'Take another name (option `table`), or change or drop that table.',
  )
}

function differences(
  { kind, unlogged: isUnlogged, partitions: parts, columns, indexes }: Found,
  unlogged: boolean | undefined,
  partitions: number | undefined,
): string[] {
  if (kind !== 'r' && kind !== 'p') return ['it is no table']
  const wrong = Object.entries(COLUMNS)
    .filter(([name, type]) => columns[name] !== type)
    .map(([name, type]) => `column "${name}" should be ${type}, and is ${columns[name] ?? 'not there'}`)
  if (wrong.length === 0 && !indexes.includes('primary key')) wrong.push('"key" should be its primary key')
  if (unlogged !== undefined && unlogged !== isUnlogged) {
    wrong.push(isUnlogged ? 'it is unlogged' : 'it is not unlogged')
  }
  if (partitions !== undefined && partitions !== parts) wrong.push(`it has ${parts || 'no'} partitions`)
  return wrong
}
