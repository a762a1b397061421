import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { InvalidOptionError } from '../../../src/errors.ts'
import { type PostgresStoreOptions, postgresStore } from '../../../src/postgres.ts'
import { newKey, newRecord } from '../../support/records.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startPostgres } from '../../support/servers/postgres.ts'
import { pgPool, postgresPool } from './drivers.ts'
import { openStore } from './open-store.ts'
import { useAll } from './use-all.ts'

describe('a pool is refused that', () => {
  const call = () => {}
  test.each([
    ['is missing', undefined, /it is undefined; take a Pool of `pg`/],
    ['is null', null, /it is null/],
    ['is a text', 'postgres://me:secret@host/db', /it is string/],
    ['can not query', { execute: call }, /an object without `query`/],
    ['is a function of another kind', call, /a function without `unsafe` and `begin`/],
    ['is not quite postgres.js', Object.assign(() => {}, { unsafe: call }), /a function without `begin`/],
    ['is a class', pg.Pool, /a function without/],
  ])('%s', (_, pool, message) => {
    const make = () => postgresStore({ pool: pool as never })
    expect(make).toThrow(InvalidOptionError)
    expect(make).toThrow(message)
    expect(make).not.toThrow(/secret/)
  })
})

describe('options are refused:', () => {
  const pool = { query: async () => ({ rows: [] }) }
  test.each([
    ['deadline', { deadline: 0 }],
    ['deadline', { deadline: '2h' }],
    ['sweepEvery', { sweepEvery: -1 }],
    ['prepare', { prepare: 'yes' }],
    ['onEvent', { onEvent: 'log' }],
    ['table', { table: 'a-b' }],
    ['tableName', { tableName: 'a' }],
    ['unlogged', { unlogged: true }],
  ])('%s, in %j', (option, given) => {
    const make = () => postgresStore({ pool, ...given } as unknown as PostgresStoreOptions)
    expect(make).toThrow(expect.objectContaining({ code: 'UNTORN_INVALID_OPTION', option }))
  })

  test('all of them, if they are no object', () => {
    expect(() => postgresStore(undefined as never)).toThrow(InvalidOptionError)
  })
})

await describeWith('an application may have its own', startPostgres, ({ url }) => {
  const upset = (): never => {
    throw new Error('not for the store')
  }

  test('parsers of types, in pg', async () => {
    const types = { getTypeParser: () => upset }
    await useAll(pgPool(url, { types: types as unknown as pg.CustomTypesConfig }))
  })

  test('parsers, serialisers and transformations, in postgres.js', async () => {
    const odd = (oid: number) => ({ to: oid, from: [oid], serialize: upset, parse: upset })
    const types = { bigint: odd(20), json: odd(3802), bytes: odd(17), date: odd(1184), real: odd(701) }
    const transform = {
      undefined: null,
      column: (name: string) => name.toUpperCase(),
      value: () => 'changed',
    }
    // The driver asks for the types of arrays, and would be upset by its own settings.
    await useAll(postgresPool(url, { types, transform, fetch_types: false } as never))
  })

  test('connection, without a pool', async () => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await useAll(client)
    await client.end()
  })

  test('ways to write times, bytes and texts', async () => {
    const options =
      '-c datestyle=german -c timezone=Asia/Kathmandu -c bytea_output=escape -c extra_float_digits=-15 ' +
      '-c intervalstyle=iso_8601 -c standard_conforming_strings=off'
    await useAll(pgPool(url, { options }))
  })

  test('pool without prepared statements, in postgres.js', async () => {
    await useAll(postgresPool(url, { prepare: false }))
  })

  test.each(['repeatable read', 'serializable'])(
    'isolation level: at %s overlapping saves all stay',
    async (level) => {
      const options = `-c default_transaction_isolation=${level.replace(' ', '\\ ')}`
      const { store } = await openStore({ pool: pgPool(url, { options }), deadline: 60_000 })
      const key = newKey()
      await store.create(key, newRecord())
      const names = Array.from({ length: 30 }, (_, n) => `name ${n}`)
      await Promise.all(names.map((name) => store.save(key, { set: new Map([[name, '1']]) })))
      expect([...(await store.load(key))!.values.keys()].sort()).toEqual(names.sort())
      const rivals = names.map((name) => store.save(key, { set: new Map([[name, '2']]) }, { ifVersion: 30 }))
      const outcomes = (await Promise.all(rivals)).map(({ outcome }) => outcome)
      expect(outcomes.filter((outcome) => outcome === 'saved')).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome === 'conflict')).toHaveLength(29)
    },
  )

  test('pool that goes on after the store was closed', async () => {
    const pool = pgPool(url)
    const { store } = await openStore({ pool })
    await store.close()
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await expect(store.load(newKey())).rejects.toThrow(/closed/)
    await expect(store.createTable()).rejects.toThrow(/closed/)
  })
})
