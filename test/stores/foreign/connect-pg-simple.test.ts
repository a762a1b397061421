import { describe, expect, onTestFinished, test } from 'vitest'
import { sessionKey } from '../../../src/contract/key.ts'
import { InvalidOptionError, StoreConfigError } from '../../../src/errors.ts'
import { type ConnectPgSimpleStoreOptions, connectPgSimpleStore } from '../../../src/formats.ts'
import { reservedKeys } from '../../../src/values/data.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startPostgres } from '../../support/servers/postgres.ts'
import { inWhole } from '../../support/whole.ts'
import { byPGlite, byPg, byPostgresJs, type Driver, pgPool } from '../postgres/drivers.ts'
import { newTable } from '../postgres/tables.ts'
import { byId, dataOf, listed } from './listed.ts'

const HOUR = 3_600_000

/** As connect-pg-simple makes it. */
const tableSql = (table: string, type = 'timestamp(6)'): string =>
  `create table "${table}" (sid varchar not null collate "default" primary key, sess json not null, expire ${type} not null)`

const session = (values: object): string => {
  const cookie = {
    originalMaxAge: HOUR,
    expires: new Date(Date.now() + HOUR).toISOString(),
    httpOnly: true,
    path: '/',
  }
  return JSON.stringify({ cookie, ...values })
}

/** Rows as connect-pg-simple writes them. */
function insertSql(table: string, rows: [sid: string, text: string, seconds?: number][]): string {
  const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
  const end = (seconds: number): string => `to_timestamp(${Math.ceil(Date.now() / 1000) + seconds})`
  const values = rows.map(
    ([sid, text, seconds = 3600]) => `(${literal(sid)}, ${literal(text)}, ${end(seconds)})`,
  )
  return `insert into "${table}" (sid, sess, expire) values ${values.join(', ')}`
}

function open(options: ConnectPgSimpleStoreOptions) {
  const source = connectPgSimpleStore({ onEvent() {}, onUnreadable() {}, ...options })
  onTestFinished(() => source.close() as Promise<void>)
  return source
}

function testDriver(driver: Driver): void {
  const { pool, script } = driver

  test('are read, and live until they expire', async () => {
    const tableName = newTable()
    await script(tableSql(tableName))
    await script(
      insertSql(tableName, [
        ['one', session({ user: 'Ada', text: '\u0001é' })],
        ['old', session({}), -1],
      ]),
    )
    const source = open({ pool, tableName })
    const record = await byId(source, 'one')
    expect(dataOf(record)).toEqual({
      user: 'Ada',
      text: '\u0001é',
      [reservedKeys.cookie]: { originalMaxAge: HOUR, httpOnly: true, path: '/' },
    })
    expect(Math.abs(record!.expiresAt - Date.now() - HOUR)).toBeLessThan(60_000)
    expect(record!.expiresAt % 1000).toBe(0)
    expect(Math.abs(record!.createdAt - Date.now())).toBeLessThan(60_000)
    expect(await byId(source, 'one')).toEqual(record)
    expect(await byId(source, 'old')).toBeUndefined()
    expect([...(await listed(source)).records]).toEqual([[sessionKey('one'), record]])
    expect(Math.abs((await source.now!()) - Date.now())).toBeLessThan(60_000)
  })

  test('are listed, page by page', async () => {
    const tableName = newTable()
    await script(tableSql(tableName))
    await script(
      insertSql(
        tableName,
        Array.from({ length: 230 }, (_, n) => [`${n % 2 ? 'A' : 'b'}-${n}`, session({ n })]),
      ),
    )
    const { records, unreadable } = await listed(open({ pool, tableName }))
    expect([records.size, unreadable]).toEqual([230, []])
  })

  test('that are none are told of, and the others read', async () => {
    const tableName = newTable()
    await script(tableSql(tableName))
    const rows: [string, string][] = [
      ['good', session({ n: 1 })],
      ['large', session({ text: 'x'.repeat(128 * 1024) })],
      ['list', '[]'],
      ['number', '1'],
      ['forged', session({ 'untorn:moved': 'x' })],
      ['../x', session({})],
    ]
    await script(insertSql(tableName, rows))
    await script(`insert into "${tableName}" values ('for-ever', '{}', 'infinity')`)
    const source = open({ pool, tableName })
    const { records, unreadable } = await listed(source)
    expect([...records.keys()]).toEqual([sessionKey('good')])
    expect(unreadable).toHaveLength(6)
    for (const id of ['large', 'list', 'for-ever', '../x', "' or 1=1 --", '%', 'a\0']) {
      expect(await byId(source, id), id).toBeUndefined()
    }
  })

  test('of a table of another shape are refused, or of none', async () => {
    const tableName = newTable()
    await script(`create table "${tableName}" (sid varchar primary key)`)
    await expect(byId(open({ pool, tableName }), 'one')).rejects.toThrow(StoreConfigError)
    await expect(byId(open({ pool, tableName: newTable() }), 'one')).rejects.toThrow(
      'no such table; see `tableName`',
    )
  })
}

await describeWith('sessions of connect-pg-simple', startPostgres, ({ url }) => {
  describe('by pg', () => testDriver(byPg(url)))
  if (inWhole(true, false)) describe('by postgres.js', () => testDriver(byPostgresJs(url)))

  test('in a schema, in a time zone, and in a column that has one', async () => {
    const pool = pgPool(url, { options: '-c TimeZone=Asia/Tokyo' })
    await pool.query('create schema if not exists "odd ""schema"""')
    const names = [newTable(), newTable()]
    for (const [at, name] of names.entries()) {
      await pool.query(tableSql(name, at === 0 ? 'timestamp(6)' : 'timestamptz'))
      await pool.query(insertSql(name, [['one', session({ n: at })]]))
      await pool.query(`alter table "${name}" set schema "odd ""schema"""`)
      const record = await byId(open({ pool, schemaName: 'odd "schema"', tableName: name }), 'one')
      expect(Math.abs(record!.expiresAt - Date.now() - HOUR)).toBeLessThan(60_000)
    }
  })
})

if (inWhole(true, false)) {
  const driver = await byPGlite()
  describe('sessions of connect-pg-simple in PGlite', () => testDriver(driver))
}

describe('what is refused', () => {
  const pool = { query: async () => ({ rows: [] }), on() {} } as never

  test.each<[string, object]>([
    ['pool', { pool: {} }],
    ['tableName', { pool, tableName: '' }],
    ['tableName', { pool, tableName: 'a\0' }],
    ['schemaName', { pool, schemaName: 'x'.repeat(64) }],
    ['ttl', { pool, ttl: 1.5 }],
    ['prepare', { pool, prepare: 1 }],
    ['table', { pool, table: 'x' }],
  ])('the option %s', (option, options) => {
    expect(() => connectPgSimpleStore(options as never)).toThrow(InvalidOptionError)
    expect(() => connectPgSimpleStore(options as never)).toThrow(`\`${option}\``)
  })
})
