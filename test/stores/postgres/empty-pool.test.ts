import type { PoolClient } from 'pg'
import { expect, test } from 'vitest'
import { StoreUnavailableError } from '../../../src/index.ts'
import { gate } from '../../../src/testing/adapter/gate.ts'
import { newKey, newRecord } from '../../support/records.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startPostgres } from '../../support/servers/postgres.ts'
import { pgPool, postgresPool } from './drivers.ts'
import { openStore, storeOver } from './open-store.ts'

const DEADLINE = '300ms'
const failure = (work: Promise<unknown>): Promise<StoreUnavailableError> =>
  work.then(
    () => expect.fail('It did not fail.'),
    (error) => error,
  )

await describeWith('all connections of the pool are in use', startPostgres, ({ url, pid }) => {
  test('by transactions of the application, in pg: it says so, and not that the server is silent', async () => {
    const pool = pgPool(url, { max: 2 })
    const events: unknown[] = []
    const { store: patient, table } = await openStore({ pool })
    const store = storeOver({ pool, table, deadline: DEADLINE, onEvent: (event) => events.push(event) })
    const key = newKey()
    await patient.create(key, newRecord())
    const held = [await pool.connect(), await pool.connect()]
    for (let times = 0; times < 5; times++) {
      const error = await failure(store.load(key))
      expect(error).toBeInstanceOf(StoreUnavailableError)
      expect(error.message).toMatch(
        /all 2 connections of the pool are in use.*left open.*give the pool more \(`max`\)/,
      )
      expect(error.message).not.toMatch(/did not answer|does not answer/)
    }
    const refused = await Promise.all([failure(store.load(key)), failure(store.load(key))])
    for (const { message } of refused) expect(message).toMatch(/all 2 connections of the pool are in use/)
    for (const client of held) client.release()
    await expect.poll(() => store.load(key).catch(() => undefined)).toMatchObject({ version: 0 })
    expect(events).toMatchObject([{ type: 'unavailable' }, { type: 'available' }])
  })

  test('in pg with `connectionTimeoutMillis`', async () => {
    const pool = pgPool(url, { max: 1, connectionTimeoutMillis: 50 })
    const { table } = await openStore({ pool: pgPool(url) })
    const store = storeOver({ pool, table, deadline: DEADLINE })
    const connected = (): Promise<PoolClient> => pool.connect().catch(connected)
    const client = await connected()
    const { message } = await failure(store.load(newKey()))
    client.release()
    expect(message).toMatch(/no connection of the pool was free.*give the pool more \(`max`\)/)
  })

  test('by transactions of the application, in postgres.js', async () => {
    const sql = postgresPool(url, { max: 2 })
    const { store: patient, table } = await openStore({ pool: sql })
    const store = storeOver({ pool: sql, table, deadline: DEADLINE })
    const [bothBegun, ended] = [gate(), gate()]
    let begun = 0
    const held = [0, 1].map(() =>
      sql.begin(() => {
        if (++begun === 2) bothBegun.open()
        return ended.opened
      }),
    )
    await bothBegun.opened
    const { message } = await failure(store.load(newKey()))
    ended.open()
    await Promise.all(held)
    expect(message).toMatch(/all connections of the pool are in use \(`max`: 2\).*left open/)
    expect(await patient.load(newKey())).toBeUndefined()
  })

  test.each(['pg', 'postgres.js'])(
    'by the store itself, while the server stands still: that is what it says, in %s',
    async (driver) => {
      const pool = driver === 'pg' ? pgPool(url, { max: 2 }) : postgresPool(url, { max: 2 })
      const { store: patient, table } = await openStore({ pool })
      const store = storeOver({ pool, table, deadline: DEADLINE })
      const keys = [newKey(), newKey(), newKey(), newKey()]
      await Promise.all(keys.map((key) => patient.load(key)))
      // The server's own process starts connections; those that are there are others.
      const found = await Promise.all(keys.map(() => query(pool)))
      for (const backend of found) process.kill(backend, 'SIGSTOP')
      const errors = await Promise.all(keys.map((key) => failure(store.load(key))))
      for (const backend of found) process.kill(backend, 'SIGCONT')
      for (const { message } of errors) expect(message).toContain('PostgreSQL did not answer')
      expect(pid).toBeGreaterThan(0)
    },
  )
})

async function query(pool: ReturnType<typeof pgPool> | ReturnType<typeof postgresPool>): Promise<number> {
  const text = 'select pg_backend_pid() as pid, pg_sleep(0.1)'
  const rows = 'unsafe' in pool ? await pool.unsafe(text) : (await pool.query(text)).rows
  return (rows as unknown as { pid: number }[])[0]!.pid
}
