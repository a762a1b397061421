import { readFileSync } from 'node:fs'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { InvalidOptionError, StoreConfigError } from '../../../src/errors.ts'
import { tableSql } from '../../../src/postgres.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startPostgres } from '../../support/servers/postgres.ts'
import { pgPool, postgresPool } from './drivers.ts'
import { openStore, storeOver } from './open-store.ts'
import { newTable } from './tables.ts'

test('the migration that is shipped is what createTable runs', () => {
  const shipped = readFileSync(new URL('../../../migrations/untorn_sessions.sql', import.meta.url), 'utf8')
  expect(shipped).toBe(tableSql())
})

describe('the name of the table', () => {
  test.each([
    '',
    'a b',
    'a-b',
    '1a',
    'a"b',
    "a'b",
    'a;drop table x',
    'a.b.c',
    '.a',
    'a.',
    'x'.repeat(49),
    `${'x'.repeat(64)}.a`,
    5,
    null,
  ])('can not be %j', (table) => {
    expect(() => tableSql({ table: table as string })).toThrow(InvalidOptionError)
  })

  test.each([{ unlogged: 1 }, { partitions: 1 }, { partitions: 1025 }, { partitions: 2.5 }, { schema: 'x' }])(
    'and options like %j are refused',
    (options) => {
      expect(() => tableSql(options as never)).toThrow(InvalidOptionError)
    },
  )
})

await describeWith('createTable', startPostgres, ({ url }) => {
  const pool = pgPool(url)

  const kindOf = async (table: string) => {
    const { rows } = await pool.query(`select relkind, relpersistence,
      (select count(*)::int from pg_inherits where inhparent = c.oid) as partitions,
      (select string_agg(distinct p.relpersistence::text, '') from pg_inherits i join pg_class p on p.oid = i.inhrelid
        where i.inhparent = c.oid) as of_partitions
      from pg_class c where oid = '${table}'::regclass`)
    return rows[0]
  }

  test('by many at once makes one table', async () => {
    const table = newTable()
    const stores = Array.from({ length: 8 }, () => storeOver({ pool: pgPool(url, { max: 1 }), table }))
    await Promise.all(stores.map((store) => store.createTable({ partitions: 4 })))
    expect(await kindOf(table)).toMatchObject({ relkind: 'p', partitions: 4 })
    expect(await stores[0]!.create(newKey(), newRecord())).toBe(true)
  })

  test.each([
    ['pg', () => pool],
    ['postgres', () => postgresPool(url)],
  ] as const)('by %s may be called again, and leaves what is there', async (_, connect) => {
    const { store } = await openStore({ pool: connect() })
    const key = newKey()
    await store.create(key, newRecord())
    await store.createTable()
    expect(await store.exists(key)).toBe(true)
  })

  test('that fails half way makes nothing', async () => {
    const table = newTable()
    await pool.query(`create type ${table}_p1 as enum ()`)
    await expect(storeOver({ pool, table }).createTable({ partitions: 2 })).rejects.toThrow(/already exists/)
    expect((await pool.query(`select to_regclass('${table}') as found`)).rows[0].found).toBe(null)
  })

  test('adds an index that is missing', async () => {
    const { store, table } = await openStore({ pool })
    await pool.query(`drop index ${table}_expires_at`)
    await store.createTable()
    const { rows } = await pool.query(`select to_regclass('${table}_expires_at') as found`)
    expect(rows[0].found).toBe(`${table}_expires_at`)
  })

  test('takes a schema, and a name in upper case as it is', async () => {
    await pool.query('create schema "Shop"')
    const { store } = await openStore({ pool, table: 'Shop.Sessions' })
    const key = newKey()
    await store.create(key, newRecord({ a: 1 }))
    expect((await pool.query('select * from "Shop"."Sessions"')).rows).toHaveLength(1)
    expect((await store.save(key, { set: texts({ a: 2 }) })).outcome).toBe('saved')
    await store.save(key, { expiresAt: 0 })
    expect((await store.clearExpired()).removed).toBe(1)
  })

  test('in a schema that is not there says so', async () => {
    await expect(storeOver({ pool, table: 'nowhere.sessions' }).createTable()).rejects.toThrow(
      /no such schema/,
    )
  })

  test('makes an unlogged table, or partitions, or both', async () => {
    const made = [{ unlogged: true }, { partitions: 3 }, { unlogged: true, partitions: 2 }, {}].map(
      async (options) => {
        const table = newTable()
        await storeOver({ pool, table }).createTable(options)
        return kindOf(table)
      },
    )
    expect(await Promise.all(made)).toEqual([
      { relkind: 'r', relpersistence: 'u', partitions: 0, of_partitions: null },
      { relkind: 'p', relpersistence: 'p', partitions: 3, of_partitions: 'p' },
      { relkind: 'p', relpersistence: 'p', partitions: 2, of_partitions: 'u' },
      { relkind: 'r', relpersistence: 'p', partitions: 0, of_partitions: null },
    ])
  })

  test.each([
    [
      `(key bytea primary key, version bigint, "values" jsonb, exact jsonb, created_at timestamptz, expires_at timestamptz,
        owner text)`,
      {},
      /column "texts" should be jsonb not null, and is not there/,
    ],
    ['(id int)', {}, /column "key" should be bytea not null, and is not there/],
    [
      `(key text primary key, version bigint, "values" jsonb, texts jsonb, created_at timestamptz, expires_at timestamptz,
        owner text)`,
      {},
      /column "key" should be bytea not null, and is text/,
    ],
    [
      `(key bytea primary key, version bigint not null, "values" jsonb not null, texts jsonb, owner text,
        created_at timestamptz not null, expires_at timestamptz not null)`,
      {},
      /asked for: column "texts" should be jsonb not null, and is jsonb\. /,
    ],
    [
      `(key bytea not null, version bigint not null, "values" jsonb not null, texts jsonb not null, owner text,
        created_at timestamptz not null, expires_at timestamptz not null)`,
      {},
      /"key" should be its primary key/,
    ],
  ])('refuses a table that is another one: %s', async (columns, options, message) => {
    const table = newTable()
    await pool.query(`create table ${table} ${columns}`)
    const creating = storeOver({ pool, table }).createTable(options)
    await expect(creating).rejects.toThrow(StoreConfigError)
    await expect(creating).rejects.toThrow(message)
  })

  test('refuses a table that was made otherwise than it is asked for, and takes it where nothing is asked', async () => {
    const { store } = await openStore({ pool })
    await expect(store.createTable({ unlogged: true })).rejects.toThrow(/it is not unlogged/)
    await expect(store.createTable({ partitions: 2 })).rejects.toThrow(/it has no partitions/)
    const divided = storeOver({ pool, table: newTable() })
    await divided.createTable({ unlogged: true, partitions: 2 })
    await divided.createTable()
    await expect(divided.createTable({ partitions: 3 })).rejects.toThrow(/it has 2 partitions/)
    await expect(divided.createTable({ unlogged: false })).rejects.toThrow(/it is unlogged/)
  })

  test('refuses what is no table', async () => {
    const table = newTable()
    await pool.query(`create view ${table} as select 1`)
    await expect(storeOver({ pool, table }).createTable()).rejects.toThrow(/it is no table/)
  })

  test('leaves columns of the application alone', async () => {
    const { store, table } = await openStore({ pool })
    await pool.query(
      `alter table ${table} add user_id int generated always as ((values->>'user')::int) stored`,
    )
    await store.createTable()
    await store.create(newKey(), newRecord({ user: 7 }))
    expect((await pool.query(`select user_id from ${table}`)).rows).toEqual([{ user_id: 7 }])
  })

  test('refuses a database that can not hold every character', async () => {
    await pool.query(`create database latin encoding latin1 locale 'C' template template0`)
    const latin = pgPool(url.replace(/\/postgres$/, '/latin'))
    await expect(storeOver({ pool: latin, table: 'a' }).createTable()).rejects.toThrow(/LATIN1.*UTF8/)
    await latin.query(tableSql({ table: 'a' }))
    const saving = storeOver({ pool: latin, table: 'a' }).create(newKey(), newRecord({ fox: '🦊' }))
    await expect(saving).rejects.toThrow(/sessions need a database in UTF8/)
  })

  describe('and rights', () => {
    const as = async (role: string, rights: (table: string) => string[]) => {
      const { table } = await openStore({ pool })
      await pool.query(`create role ${role} login`)
      for (const right of rights(table)) await pool.query(`grant ${right} to ${role}`)
      return storeOver({ pool: pgPool(url.replace('postgres@', `${role}@`)), table })
    }

    test('to select, insert, update and delete are enough for everything but making it', async () => {
      const store = await as('app', (table) => [`select, insert, update, delete on ${table}`])
      await store.createTable()
      const key = newKey()
      await store.create(key, newRecord({ a: 1 }, { owner: 'ada' }))
      await store.save(key, { set: texts({ a: 2 }) }, { ifVersion: 0 })
      expect((await store.load(key))?.version).toBe(1)
      for await (const [each] of store.byOwner('ada')) expect(each).toBe(key)
      expect(await store.delete(key)).toBe(true)
      await store.create(newKey(), newRecord({}, { expiresAt: 0 }))
      expect((await store.clearExpired()).removed).toBe(1)
    })

    test('that are missing are named', async () => {
      const store = await as('guest', () => [])
      const loading = store.load(newKey())
      await expect(loading).rejects.toThrow(StoreConfigError)
      await expect(loading).rejects.toThrow(/it needs select, insert, update and delete/)
      const other = storeOver({ pool: pgPool(url.replace('postgres@', 'guest@')), table: newTable() })
      await expect(other.createTable()).rejects.toThrow(/right/)
    })
  })

  test('is not needed where the migration was run', async () => {
    await pool.query(tableSql())
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    const store = storeOver({ pool: client })
    expect(await store.create(newKey(), newRecord())).toBe(true)
    await store.createTable()
    await client.end()
  })
})
