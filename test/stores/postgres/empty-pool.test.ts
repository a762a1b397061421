import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { StoreUnavailableError } from '../../../src/index.ts'
import { newKey, newRecord } from '../../support/records.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startPostgres } from '../../support/servers/postgres.ts'
import { pgPool, postgresPool } from './drivers.ts'
import { openStore } from './open-store.ts'

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
    const { store } = await openStore({ pool, deadline: DEADLINE, onEvent: (event) => events.push(event) })
    const key = newKey()
    await store.create(key, newRecord())
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
    const { store } = await openStore({ pool, deadline: DEADLINE })
    const client = await pool.connect()
    const { message } = await failure(store.load(newKey()))
    client.release()
    expect(message).toMatch(/no connection of the pool was free.*give the pool more \(`max`\)/)
  })

  test('by transactions of the application, in postgres.js', async () => {
    const sql = postgresPool(url, { max: 2 })
    const { store } = await openStore({ pool: sql, deadline: DEADLINE })
    let end = (): void => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const held = [0, 1].map(() => sql.begin(() => ended))
    await delay(100)
    const { message } = await failure(store.load(newKey()))
    end()
    await Promise.all(held)
    expect(message).toMatch(/all connections of the pool are in use \(`max`: 2\).*left open/)
    expect(await store.load(newKey())).toBeUndefined()
  })

  test.each(['pg', 'postgres.js'])(
    'by the store itself, while the server stands still: that is what it says, in %s',
    async (driver) => {
      const pool = driver === 'pg' ? pgPool(url, { max: 2 }) : postgresPool(url, { max: 2 })
      const { store } = await openStore({ pool, deadline: DEADLINE })
      const keys = [newKey(), newKey(), newKey(), newKey()]
      await Promise.all(keys.map((key) => store.load(key)))
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
