import { asBoolean, asOptions, asWholeNumber } from '../../options/checks.ts'
import { type TableName, tableName } from './table-name.ts'

/** How the table of the sessions is made, where the defaults do not fit. */
export interface TableOptions {
  /**
   * Leave out the write-ahead log: saves cost about half, and **all sessions are gone after a crash of the server**, and
   * on a standby that takes over (it has none of them). Default: false.
   */
  unlogged?: boolean
  /**
   * Divide the table by the hash of the key into so many parts, from 2 to 1024: each has indexes of its own, and vacuum
   * does one at a time. It pays from some tens of millions of sessions on; before that each call takes longer, as every
   * statement has to find its part. It can't be changed later without copying. Default: one table.
   */
  partitions?: number
}

const MOST_PARTITIONS = 1024

/** Room in each page for a second version of its rows: a save that changes values alone then touches no index. */
const FILL = '(fillfactor = 70)'

/**
 * The SQL that makes the table, for tools that keep a database's schema: what `createTable()` runs, and what the
 * package's `migrations/untorn_sessions.sql` holds for the defaults. To run it again does no harm.
 *
 * Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`).
 */
export function tableSql(options: TableOptions & { table?: string } = {}): string {
  const { table, ...others } = asOptions(options, ['table', ...TABLE_OPTIONS])
  return sqlOf(tableName(table), checkedTableOptions(others))
}

const TABLE_OPTIONS = ['unlogged', 'partitions'] as const

export function checkedTableOptions(options: unknown): TableOptions {
  const { unlogged, partitions } = asOptions(options, TABLE_OPTIONS)
  const checked: TableOptions = {}
  if (unlogged !== undefined) checked.unlogged = asBoolean('unlogged', unlogged)
  if (partitions !== undefined) {
    checked.partitions = asWholeNumber('partitions', partitions, { from: 2, to: MOST_PARTITIONS })
  }
  return checked
}

export function sqlOf(table: TableName, { unlogged = false, partitions }: TableOptions): string {
  const create = unlogged ? 'create unlogged table' : 'create table'
  const columns = `(
  key bytea primary key,
  version bigint not null,
  "values" jsonb not null,
  texts jsonb not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  owner text
)`
  const tables =
    partitions === undefined
      ? [`${create} if not exists ${table.quoted} ${columns} with ${FILL};`]
      : [
          `create table if not exists ${table.quoted} ${columns} partition by hash (key);`,
          ...Array.from({ length: partitions }, (_, part) => {
            const { quoted } = table.related(`p${part}`)
            const rows = `for values with (modulus ${partitions}, remainder ${part})`
            return `${create} if not exists ${quoted} partition of ${table.quoted} ${rows} with ${FILL};`
          }),
        ]
  const on = (suffix: string, what: string): string =>
    `create index if not exists ${table.related(suffix).bare} on ${table.quoted} ${what};`
  return `${[
    ...tables,
    on('expires_at', '(expires_at)'),
    on('owner', '(owner, key) where owner is not null'),
    ...comments(table),
  ].join('\n\n')}\n`
}

function comments({ quoted }: TableName): string[] {
  const columns = {
    key: 'SHA-256 of the session id, which is in the cookie and nowhere else',
    version: 'Rises by one with every change of values',
    values: 'The values by name, to look at: sessions are made of texts',
    texts:
      'The JSON text of each value by name, to the last byte. Whoever changes a value with SQL changes it in both, and ' +
      'raises the version by one',
    created_at: 'When the session began',
    expires_at: 'From this moment on the session is absent; a sweep removes the row later',
    owner: 'The user that the session belongs to, as the application calls it',
  }
  return [
    `comment on table ${quoted} is 'HTTP sessions, kept by untorn';`,
    ...Object.entries(columns).map(([name, text]) => `comment on column ${quoted}."${name}" is '${text}';`),
  ]
}
