import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { keyOfNoSession } from '../../../src/contract/key.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startPostgres } from '../../support/servers/postgres.ts'
import { pgPool } from './drivers.ts'
import { openStore } from './open-store.ts'

await describeWith('what SQL sees of sessions', startPostgres, ({ url }) => {
  const pool = pgPool(url, { max: 1 })

  test('values can be looked into as they are', async () => {
    const { store, table } = await openStore({ pool })
    const ada = newKey()
    await store.create(
      ada,
      newRecord({ user: { name: 'Ada', id: 7 }, cart: ['apple', 'pear'], 'a"b': 1 }, { owner: 'u7' }),
    )
    await store.create(newKey(), newRecord({ user: { name: 'Eve', id: 8 } }))
    await store.save(ada, { set: texts({ visits: 3 }) })

    const { rows } = await pool.query(`
      select encode(key, 'hex') as key, version, owner, values->'cart'->>1 as second, (values->>'visits')::int as visits,
        values->'a"b' as quoted, expires_at > now() + interval '50 minutes' as lives, created_at <= now() as began
      from ${table} where values->'user'->>'name' = 'Ada'`)
    expect(rows).toEqual([
      { key: ada, version: '1', owner: 'u7', second: 'pear', visits: 3, quoted: 1, lives: true, began: true },
    ])
    const { rows: contain } = await pool.query(`select 1 from ${table} where values @> '{"user": {"id": 8}}'`)
    expect(contain).toHaveLength(1)
  })

  test('what is no session is not among the values, and comes back all the same', async () => {
    const { store, table } = await openStore({ pool })
    const key = keyOfNoSession('an owner')
    await store.create(key, newRecord({ user: { name: 'Ada' } }))
    await store.save(key, { set: texts({ user: { name: 'Eve' }, more: 1 }), delete: ['none'] })
    await store.save(key, { set: texts({ most: 2 }) }, { ifVersion: 1 })
    const { rows } = await pool.query(`select values from ${table}`)
    expect(rows).toEqual([{ values: {} }])
    expect((await store.load(key))?.values).toEqual(texts({ user: { name: 'Eve' }, more: 1, most: 2 }))
  })

  test('a value that SQL changed in both columns is what the next load finds', async () => {
    const { store, table } = await openStore({ pool })
    const key = newKey()
    await store.create(key, newRecord({ plain: 1, user: { name: 'Ada', id: 7 } }))
    await pool.query(`update ${table} set version = version + 1,
      values = jsonb_set(values, '{user,name}', '"Grace"'),
      texts = jsonb_set(texts, '{user}', to_jsonb(jsonb_set(values->'user', '{name}', '"Grace"')::text))`)
    const record = await store.load(key)
    expect(Object.fromEntries(record!.values)).toEqual({ plain: '1', user: '{"id": 7, "name": "Grace"}' })
    expect(record!.version).toBe(1)
    const { rows } = await pool.query(`select values->'user'->>'name' as name from ${table}`)
    expect(rows).toEqual([{ name: 'Grace' }])
  })

  test.each(['values', `'["1"]'`, `'"1"'`, `'null'`, 'null'])(
    'texts that are none any more, but %s, are an error that says so',
    async (spoilt) => {
      const { store, table } = await openStore({ pool })
      const key = newKey()
      await store.create(key, newRecord({ user: { id: 7 } }, { owner: 'ada' }))
      await pool.query(`alter table ${table} alter texts drop not null`)
      await pool.query(`update ${table} set texts = ${spoilt}`)
      const said = { code: 'UNTORN_STORE_CONFIG', message: expect.stringMatching(/"texts".*holds something/) }
      await expect(store.load(key)).rejects.toMatchObject(said)
      await expect(store.save(key, { set: new Map([['other', '1']]) })).rejects.toMatchObject(said)
      await expect(store.records().next()).rejects.toMatchObject(said)
      await expect(store.byOwner('ada').next()).rejects.toMatchObject(said)
    },
  )

  test('a text that is escaped in another way than ours is an error that quotes nothing of it', async () => {
    const { store, table } = await openStore({ pool })
    const key = newKey()
    await store.create(key, newRecord({ token: 'a' }, { owner: 'ada' }))
    const wrong = `E'\\u0001secret\\\\q'`
    for (const change of [
      `texts = jsonb_build_object('token', ${wrong})`,
      `texts = '{}', owner = ${wrong}`,
    ]) {
      await pool.query(`update ${table} set ${change}`)
      const error: unknown = await store.load(key).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({
        code: 'UNTORN_STORE_CONFIG',
        message: expect.stringMatching(/U\+0001.*without that character, or delete the row/),
      })
      expect(inspect(error, { depth: 5 })).not.toContain('secret')
    }
  })

  test('what is looked at is what was saved last', async () => {
    const { store, table } = await openStore({ pool })
    const key = newKey()
    await store.create(key, newRecord({ a: 1, b: 2, c: 3 }))
    await store.save(key, { set: new Map([['a', '{ "x": 1 }']]), delete: ['b'] })
    await store.save(key, { delete: ['c'] })
    await store.save(key, { set: new Map([['d', 'no JSON']]) })
    const { rows } = await pool.query(`select values, texts from ${table}`)
    expect(rows).toEqual([{ values: { a: { x: 1 }, d: null }, texts: { a: '{ "x": 1 }', d: 'no JSON' } }])
  })

  test('a save that changes values alone touches no index', async () => {
    const { store, table } = await openStore({ pool })
    const key = newKey()
    await store.create(key, newRecord({ count: 0 }, { owner: 'ada' }))
    for (let n = 1; n <= 20; n++) await store.save(key, { set: texts({ count: n }) })
    await pool.query('select pg_stat_force_next_flush()')
    const { rows } = await pool.query(
      `select n_tup_upd::int as all, n_tup_hot_upd::int as hot from pg_stat_user_tables where relname = '${table}'`,
    )
    expect(rows).toEqual([{ all: 20, hot: 20 }])
  })

  test('the table says what its columns are', async () => {
    const { table } = await openStore({ pool })
    const { rows } =
      await pool.query(`select attname, col_description(attrelid, attnum) as text from pg_attribute
      where attrelid = '${table}'::regclass and attnum > 0`)
    expect(rows).toHaveLength(7)
    for (const { text } of rows) expect(text).toMatch(/^[A-Z].{10,}/)
  })
})
