import { setTimeout as delay } from 'node:timers/promises'
import type { PoolClient } from 'pg'
import { describe, expect, test } from 'vitest'
import type { SessionKey } from '../../../src/contract/key.ts'
import { StoreUnavailableError } from '../../../src/errors.ts'
import type { PostgresStore } from '../../../src/postgres.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startPostgres } from '../../support/servers/postgres.ts'
import { type Pool, pgPool, postgresPool } from './drivers.ts'
import { openStore, storeOver } from './open-store.ts'

const LATER = Date.now() + 7_200_000
const all = { set: texts({ a: 9 }), delete: ['b'], expiresAt: LATER, owner: 'eve' }

/** What may wait for a row, one of each form. */
const changes: Record<string, (store: PostgresStore, key: SessionKey) => Promise<unknown>> = {
  'setting a value': (store, key) => store.save(key, { set: all.set }),
  'deleting a value': (store, key) => store.save(key, { delete: all.delete }),
  'extending it': (store, key) => store.save(key, { expiresAt: LATER }),
  'giving it an owner': (store, key) => store.save(key, { owner: 'eve' }),
  'all of that': (store, key) => store.save(key, all),
  'setting a value of a version': (store, key) => store.save(key, { set: all.set }, { ifVersion: 0 }),
  'extending a version': (store, key) => store.save(key, { expiresAt: LATER }, { ifVersion: 0 }),
  'all of that, of a version': (store, key) => store.save(key, all, { ifVersion: 0 }),
  'deleting it': (store, key) => store.delete(key),
}
/** What the holder does in the end. */
const CHANGE = `update TABLE set texts = '{"a": "2", "b": "2"}', version = 1; commit`
const EXTEND = `update TABLE set expires_at = now() + interval '1 hour'; commit`

const names = Object.keys(changes)

await describeWith('a session that somebody holds locked', startPostgres, ({ url }) => {
  const admin = pgPool(url)
  // One connection for each that waits.
  const max = names.length
  const pools: Record<string, Pool> = {
    pg: pgPool(url, { max }),
    'pg, at serializable': pgPool(url, { max, options: '-c default_transaction_isolation=serializable' }),
    'postgres.js': postgresPool(url, { max }),
  }

  /** Has every change wait for a row of its own, which lives for so long; longer, where a slow machine needs it. */
  async function held(pool: Pool, lives: number, deadline?: number) {
    for (let times = 1; ; times *= 2) {
      const trial = await tried(pool, lives * times, deadline && deadline * times)
      if (await allWait(trial)) return trial
      await end(trial, 'rollback')
      await trial.results
    }
  }

  async function tried(pool: Pool, lives: number, deadline = 60_000) {
    const { table, store: other } = await openStore({ pool: admin })
    const store = storeOver({ pool, table, deadline: `${deadline}ms` })
    const keys = names.map(() => newKey())
    // Connected, and everything prepared.
    await Promise.all(names.map((name) => changes[name]!(store, newKey())))
    const expiresAt = Date.now() + lives
    for (const key of keys) await other.create(key, newRecord({ a: 1, b: 1 }, { expiresAt }))
    const holder = await admin.connect()
    await holder.query('begin')
    await holder.query(`select from ${table} for update`)
    const results = Promise.allSettled(names.map((name, n) => changes[name]!(store, keys[n]!)))
    return { table, holder, results, keys, look: (key: SessionKey) => other.load(key) }
  }

  async function allWait({ table, results }: Awaited<ReturnType<typeof tried>>): Promise<boolean> {
    const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%${table}%'`
    const live = `select from ${table} where expires_at > clock_timestamp()`
    let someAreThrough = false
    results.then(() => {
      someAreThrough = true
    })
    while ((await admin.query(waiting)).rows.length < names.length) {
      if (someAreThrough || (await admin.query(live)).rows.length === 0) return false
      await delay(5)
    }
    return true
  }

  async function untilExpired(table: string) {
    const live = `select from ${table} where expires_at > clock_timestamp()`
    while ((await admin.query(live)).rows.length > 0) await delay(5)
  }

  async function end({ holder, table }: { holder: PoolClient; table: string }, how: string) {
    for (const statement of how.split('; ')) await holder.query(statement.replace('TABLE', table))
    holder.release()
  }

  /** What came of each, by name. */
  const said = (results: PromiseSettledResult<unknown>[]) =>
    Object.fromEntries(
      results.map((result, n) => {
        if (result.status === 'rejected') return [names[n], result.reason]
        return [names[n], (result.value as { outcome?: string }).outcome ?? result.value]
      }),
    )

  const gone = { ...Object.fromEntries(names.map((name) => [name, 'gone'])), 'deleting it': false }

  describe.each(Object.keys(pools))('by %s', (driver) => {
    test.each([
      ['and lets go of with nothing changed', 'rollback'],
      ['and commits with nothing changed', 'commit'],
      ['and changes', CHANGE],
      ['and removes', 'delete from TABLE; commit'],
    ])('%s, and that expires meanwhile, is gone for all who wait', async (_, how) => {
      const trial = await held(pools[driver]!, 400)
      const { table, results, keys, look } = trial
      await untilExpired(table)
      await end(trial, how)
      expect(said(await results)).toEqual(gone)
      for (const key of keys) expect(await look(key)).toBeUndefined()
      expect(
        (await admin.query(`select from ${table} where owner = 'eve' or expires_at > now()`)).rows,
      ).toEqual([])
    })

    test('and extends is there for all who wait', async () => {
      const trial = await held(pools[driver]!, 400)
      const { table, results, keys, look } = trial
      await untilExpired(table)
      await end(trial, EXTEND)
      const saved = Object.fromEntries(names.map((name) => [name, 'saved']))
      expect(said(await results)).toEqual({ ...saved, 'deleting it': true })
      const [set] = await Promise.all(keys.map(look))
      expect(set).toMatchObject({ version: 1, values: texts({ a: 9, b: 1 }) })
    })

    test('and changes, shortly before it expires, conflicts with what was asked of the version before', async () => {
      const trial = await held(pools[driver]!, 30_000)
      const { results, keys, look } = trial
      await end(trial, CHANGE)
      const outcomes = said(await results)
      for (const name of names) {
        const conditional = name.includes('version')
        expect([name, outcomes[name]]).toEqual([
          name,
          name === 'deleting it' ? true : conditional ? 'conflict' : 'saved',
        ])
      }
      expect(await look(keys[0]!)).toMatchObject({ version: 2, values: texts({ a: 9, b: 2 }) })
    })
  })

  test.each([
    ['lets go of', 'rollback', 1],
    ['removes', 'delete from TABLE; commit', 1],
    ['extends', EXTEND, 0],
  ])(
    'and that has expired, and that the holder %s: of eight who want its key so many make a new one',
    async (...given) => {
      const [, how, made] = given
      const { table, store } = await openStore({ pool: admin })
      const key = newKey()
      await store.create(key, newRecord({ former: 1 }, { owner: 'ada', expiresAt: Date.now() - 1000 }))
      const holder = await admin.connect()
      await holder.query('begin')
      await holder.query(`select from ${table} for update`)
      const creators = Array.from({ length: 8 }, (_, n) =>
        storeOver({ pool: pools.pg!, table, deadline: '60s' }).create(key, newRecord({ n })),
      )
      const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%${table}%'`
      while ((await admin.query(waiting)).rows.length < creators.length) await delay(5)
      await end({ holder, table }, how)
      const answers = await Promise.all(creators)
      expect(answers.filter(Boolean)).toHaveLength(made)
      const record = await store.load(key)
      expect(record?.values).toEqual(made ? texts({ n: answers.indexOf(true) }) : texts({ former: 1 }))
      expect(record?.owner).toBe(made ? undefined : 'ada')
    },
  )

  test('past the deadline takes no change any more, though it was extended meanwhile', async () => {
    const trial = await held(pools.pg!, 300, 600)
    const { table, results, keys, look } = trial
    for (const [n, result] of (await results).entries()) {
      expect([names[n], result]).toEqual([
        names[n],
        { status: 'rejected', reason: expect.any(StoreUnavailableError) },
      ])
    }
    await end(trial, EXTEND)
    const busy = `select from pg_stat_activity where state <> 'idle' and query like '%${table}%' and pid <> pg_backend_pid()`
    while ((await admin.query(busy)).rows.length > 0) await delay(5)
    // A session that should go may go late.
    const left = keys.slice(0, -1)
    for (const key of left) {
      expect(await look(key)).toMatchObject({ version: 0, values: texts({ a: 1, b: 1 }) })
      expect((await look(key))?.owner).toBeUndefined()
    }
  })
})
