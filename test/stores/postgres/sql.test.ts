import { expect, test } from 'vitest'
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

  test('a value that SQL changed is what the next load finds, where its text was taken out', async () => {
    const { store, table } = await openStore({ pool })
    const key = newKey()
    await store.create(key, newRecord({ plain: 1, user: { name: 'Ada', id: 7 } }))
    await pool.query(`update ${table} set version = version + 1, exact = exact - 'user',
      values = jsonb_set(jsonb_set(values, '{user,name}', '"Grace"'), '{plain}', '2')`)
    const record = await store.load(key)
    expect(Object.fromEntries(record!.values)).toEqual({ plain: '2', user: '{"id":7,"name":"Grace"}' })
    expect(record!.version).toBe(1)
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
