import { expect, test } from 'vitest'
import { isNoSession } from '../../../src/contract/key.ts'
import { newKey, newRecord } from '../../support/records.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startPostgres } from '../../support/servers/postgres.ts'
import { pgPool } from './drivers.ts'
import { openStore, storeOver, watched } from './open-store.ts'

await describeWith('deletions side by side', startPostgres, ({ url }) => {
  const pool = pgPool(url)

  /** A store, and what it sends. */
  async function opened(options: { deadline?: number } = {}) {
    const { store: other, table } = await openStore({ pool })
    const sent: string[] = []
    const spied = watched(pool, (text) => void sent.push(text))
    const store = storeOver({ table, pool: spied, ...options })
    const keys = Array.from({ length: 1200 }, newKey).filter((key) => !isNoSession(key))
    return { store, other, table, sent, keys }
  }

  test('are one statement, and each is told whether its session was there', async () => {
    const { store, other, sent, keys } = await opened()
    const [live, expired, absent, left] = keys as [
      (typeof keys)[0],
      (typeof keys)[0],
      (typeof keys)[0],
      (typeof keys)[0],
    ]
    await other.create(live!, newRecord({ a: 1 }))
    await other.create(expired!, newRecord({ a: 1 }, { expiresAt: Date.now() - 1000 }))
    await other.create(left!, newRecord({ a: 1 }))
    const were = await Promise.all([live!, expired!, absent!].map((key) => store.delete(key)))
    expect(were).toEqual([true, false, false])
    expect(sent).toHaveLength(1)
    expect(await other.count()).toBe(1)
    expect(await other.exists(left!)).toBe(true)
  })

  test('of one session: one of them is told that it was there', async () => {
    const { store, other, keys } = await opened()
    await other.create(keys[0]!, newRecord())
    const were = await Promise.all([0, 1, 1, 0].map((at) => store.delete(keys[at]!)))
    expect(were.filter(Boolean)).toHaveLength(1)
    expect(await other.exists(keys[0]!)).toBe(false)
  })

  test('are some hundred in a statement, and not more', async () => {
    const { store, sent, keys } = await opened()
    await Promise.all(keys.map((key) => store.delete(key)))
    expect(sent.length).toBeGreaterThan(1)
    expect(sent.length).toBeLessThan(10)
  })

  test('do not wait for each other: what somebody has locked is waited for alone', async () => {
    const { store, other, table, keys } = await opened()
    const [locked, ...free] = keys.slice(0, 5)
    for (const key of [locked!, ...free]) await other.create(key, newRecord())
    const client = await pool.connect()
    try {
      await client.query('begin')
      await client.query(`select from ${table} where key = decode($1, 'hex') for update`, [locked])
      const deleting = store.delete(locked!)
      expect(await Promise.all(free.map((key) => store.delete(key)))).toEqual(free.map(() => true))
      expect(await other.exists(locked!)).toBe(true)
      await client.query('commit')
      expect(await deleting).toBe(true)
      expect(await other.count()).toBe(0)
    } finally {
      client.release(true)
    }
  })

  test('fail together where the table can not be reached, and the next ones are tried anew', async () => {
    const { store, other, table, keys } = await opened()
    for (const key of keys.slice(0, 3)) await other.create(key, newRecord())
    await pool.query(`alter table ${table} rename to ${table}_away`)
    const failed = await Promise.allSettled(keys.slice(0, 3).map((key) => store.delete(key)))
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    await pool.query(`alter table ${table}_away rename to ${table}`)
    expect(await Promise.all(keys.slice(0, 3).map((key) => store.delete(key)))).toEqual([true, true, true])
  })

  test('a store that is closed has carried out what it was asked for before', async () => {
    const { store, other, keys } = await opened()
    for (const key of keys.slice(0, 2)) await other.create(key, newRecord())
    const deleting = Promise.all(keys.slice(0, 2).map((key) => store.delete(key)))
    await store.close()
    expect(await deleting).toEqual([true, true])
    await expect(store.delete(keys[0]!)).rejects.toMatchObject({ code: 'UNTORN_MISUSE' })
  })
})
