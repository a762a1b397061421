import { describe, expect, test } from 'vitest'
import type { SessionKey } from '../../../src/contract/key.ts'
import type { SessionChange } from '../../../src/contract/record.ts'
import type { PostgresStore } from '../../../src/postgres.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startPostgres } from '../../support/servers/postgres.ts'
import { pgPool } from './drivers.ts'
import { openStore, storeOver, watched } from './open-store.ts'

const change: SessionChange = {
  set: texts({ cart: [], user: { name: 'Ada', id: 1 } }),
  delete: ['seen'],
  expiresAt: Date.now() + 7_200_000,
  owner: 'ada',
}

const verbs: Record<string, (store: PostgresStore, key: SessionKey) => Promise<unknown>> = {
  'a load': (store, key) => store.load(key),
  'a load of nothing': (store) => store.load(newKey()),
  'a look': (store, key) => store.exists(key),
  'a creation': (store) => store.create(newKey(), newRecord({ a: 1 })),
  'a creation under a taken key': (store, key) => store.create(key, newRecord()),
  'a save': (store, key) => store.save(key, change),
  'a save to nothing': (store) => store.save(newKey(), change),
  'a save of nothing': (store, key) => store.save(key, {}),
  'a conditional save': (store, key) => store.save(key, change, { ifVersion: 0 }),
  'a conditional save to nothing': (store) => store.save(newKey(), change, { ifVersion: 0 }),
  'a conflict': (store, key) => store.save(key, change, { ifVersion: 5 }),
  'a deletion': (store, key) => store.delete(key),
  'a deletion of nothing': (store) => store.delete(newKey()),
}

await describeWith('statements', startPostgres, ({ url }) => {
  const pool = pgPool(url)

  describe('are one for each verb', () => {
    for (const [name, verb] of Object.entries(verbs)) {
      test(name, async () => {
        const { store: other, table } = await openStore({ pool })
        const key = newKey()
        await other.create(key, newRecord({ user: 1, seen: 2 }))
        const sent: string[] = []
        const store = storeOver({
          table,
          pool: watched(pool, (text) => {
            sent.push(text)
            return undefined
          }),
        })
        await store.load(key)
        sent.length = 0
        await verb(store, key)
        expect(sent).toHaveLength(name === 'a save to nothing' ? 2 : 1)
      })
    }
  })

  test('the first change of a store that knows nothing of the clock asks for it', async () => {
    const { table } = await openStore({ pool })
    const sent: string[] = []
    const spied = watched(pool, (text) => {
      sent.push(text)
      return undefined
    })
    const store = storeOver({ pool: spied, table })
    for (let n = 0; n < 3; n++) await store.create(newKey(), newRecord())
    expect(sent).toHaveLength(4)
    expect(sent[0]).toMatch(/^select extract\(epoch from clock_timestamp\(\)\)::text$/)
  })

  test('the first change of a store is what it was given, whatever its caller does then', async () => {
    const { store: other, table } = await openStore({ pool })
    const key = newKey()
    const record = { ...newRecord(), values: texts({ n: 1 }) }
    const creating = storeOver({ pool, table }).create(key, record)
    record.values.set('n', '666')
    expect(await creating).toBe(true)
    expect((await other.load(key))?.values).toEqual(texts({ n: 1 }))
    const set = texts({ n: 2 })
    const saving = storeOver({ pool, table }).save(key, { set })
    set.set('n', '666')
    expect(await saving).toMatchObject({ outcome: 'saved' })
    expect((await other.load(key))?.values).toEqual(texts({ n: 2 }))
  })

  describe('a conditional save that another one overtakes while it waits', () => {
    const overtaken = async (meanwhile: string) => {
      const { store, table } = await openStore({ pool })
      const key = newKey()
      await store.create(key, newRecord({ count: 0 }))
      const other = await pool.connect()
      await other.query('begin')
      await other.query(`update ${table} set version = 1, texts = '{"count": "1"}'`)
      const result = store.save(key, { set: texts({ count: 9 }) }, { ifVersion: 0 })
      await untilSomebodyWaits()
      await other.query(meanwhile.replace('TABLE', table))
      await other.query('commit')
      other.release()
      return { result: await result, record: await store.load(key) }
    }
    const untilSomebodyWaits = async () => {
      const waits = `select 1 from pg_stat_activity where wait_event_type = 'Lock'`
      while ((await pool.query(waits)).rows.length === 0);
    }

    test('conflicts, with the record that the other one made', async () => {
      const { result, record } = await overtaken('select')
      expect(result).toEqual({ outcome: 'conflict', record })
      expect(record).toMatchObject({ version: 1, values: new Map([['count', '1']]) })
    })

    test('finds it gone where the other one ended it', async () => {
      const { result } = await overtaken('delete from TABLE')
      expect(result).toEqual({ outcome: 'gone' })
    })
  })

  test('are prepared, and few, whatever is saved', async () => {
    const one = pgPool(url, { max: 1 })
    const { store, table } = await openStore({ pool: one })
    const key = newKey()
    await store.create(key, newRecord())
    for (let n = 0; n < 50; n++) {
      await store.save(key, { set: texts({ [`name ${n}`]: n }), delete: [`name ${n - 1}`] })
      await store.load(key)
    }
    const { rows } = await one.query(
      `select statement from pg_prepared_statements where statement like '%${table}%'`,
    )
    expect(rows).toHaveLength(3)
  })

  test('are not prepared where the pooler can not have that', async () => {
    const one = pgPool(url, { max: 1 })
    const { store } = await openStore({ pool: one, prepare: false })
    const key = newKey()
    await store.create(key, newRecord())
    await store.save(key, change)
    expect((await store.load(key))?.version).toBe(1)
    expect((await one.query('select from pg_prepared_statements')).rows).toHaveLength(0)
  })
})
