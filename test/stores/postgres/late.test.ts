import { describe, expect, test } from 'vitest'
import type { SessionKey } from '../../../src/contract/key.ts'
import { StoreUnavailableError } from '../../../src/errors.ts'
import type { PostgresStore } from '../../../src/postgres.ts'
import { changeInTime, LATE, lateAt } from '../../../src/stores/postgres/late.ts'
import { Calls } from '../../../src/stores/server/calls.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startPostgres } from '../../support/servers/postgres.ts'
import { type Pool, pgPool, postgresPool } from './drivers.ts'
import { openStore, storeOver } from './open-store.ts'

const DEADLINE = 250

const late = { set: texts({ late: true }), expiresAt: Date.now() + 9_000_000 }

/** On a busy machine, where it is not to be: then it is tried again. */
const isTooLate = (error: unknown): false => {
  expect(error).toBeInstanceOf(StoreUnavailableError)
  return false
}

const saves: Record<string, (store: PostgresStore, key: SessionKey) => Promise<unknown>> = {
  'a save': (store, key) => store.save(key, late),
  'a conditional save': (store, key) => store.save(key, late, { ifVersion: 0 }),
}

await describeWith('a change that was told to have failed', startPostgres, ({ url }) => {
  const admin = pgPool(url)
  /** Pools of one connection, and how to wait until all that was sent on it has been carried out. */
  const pools: Record<string, () => { pool: Pool; drained(backend: number): Promise<unknown> }> = {
    // It has closed the connection, which the server notices when it is done with what came before.
    pg: () => ({ pool: pgPool(url, { max: 1 }), drained: untilGone }),
    postgres: () => {
      const pool = postgresPool(url, { max: 1 })
      return { pool, drained: async () => await pool`select` }
    },
  }

  /** A store that knows the server's clock, over one connection. */
  async function opened(pool: Pool) {
    const { table } = await openStore({ pool: admin })
    const store = storeOver({ pool, table, deadline: `${DEADLINE}ms` })
    const key = newKey()
    const create = storeOver({ pool: admin, table })
    await create.create(key, newRecord({ count: 0 }))
    // The first one connects, which may take longer than the deadline on a busy machine.
    for (let tries = 1; ; tries++) {
      const found = await store.load(key).catch((error: unknown) => error)
      if (!(found instanceof StoreUnavailableError)) break
      if (tries === 100) throw found
    }
    return { store, table, key, look: () => create.load(key) }
  }

  /** Until no connection but those of `admin` is at work, or waits to be. */
  async function untilIdle(table: string) {
    const busy = `select 1 from pg_stat_activity where state <> 'idle' and query like '%${table}%' and pid <> pg_backend_pid()`
    while ((await admin.query(busy)).rows.length > 0);
  }

  const backendOf = async (table: string): Promise<number> => {
    const { rows } = await admin.query(
      `select pid from pg_stat_activity where query like '%${table}%' and query not like '%pg_stat_activity%'
        and pid <> pg_backend_pid() order by backend_start desc limit 1`,
    )
    return rows[0].pid
  }

  for (const [driver, connect] of Object.entries(pools)) {
    for (const [name, save] of Object.entries(saves)) {
      describe(`${name} by ${driver} is void`, () => {
        test.each([
          ['rolled back, with nothing changed', 'select 1 from TABLE for update', 'rollback'],
          ['committed', 'update TABLE set expires_at = expires_at', 'commit'],
        ])('behind a row lock that is held past the deadline and then %s', async (_, lock, end) => {
          const { store, table, key, look } = await opened(connect().pool)
          const holder = await admin.connect()
          await holder.query('begin')
          await holder.query(lock.replace('TABLE', table))
          await expect(save(store, key)).rejects.toThrow(StoreUnavailableError)
          await holder.query(end)
          holder.release()
          await untilIdle(table)
          expect(await look()).toMatchObject({ version: 0, values: new Map([['count', '0']]) })
        })

        test('when the server was stopped, and goes on later', async () => {
          const { pool, drained } = connect()
          const { store, table, key, look } = await opened(pool)
          const pid = await backendOf(table)
          process.kill(pid, 'SIGSTOP')
          try {
            await expect(save(store, key)).rejects.toThrow(/did not answer in 250 ms/)
          } finally {
            process.kill(pid, 'SIGCONT')
          }
          await drained(pid)
          expect(await look()).toMatchObject({ version: 0, values: new Map([['count', '0']]) })
        })
      })
    }

    test(`a creation by ${driver} is void when the server was stopped, and goes on later`, async () => {
      const { pool, drained } = connect()
      const { store, table, look } = await opened(pool)
      // The first one asks for the clock and prepares the statement, so that the next one is sent whole.
      while (!(await store.create(newKey(), newRecord()).catch(isTooLate)));
      const before = (await admin.query(`select from ${table}`)).rows.length
      const pid = await backendOf(table)
      const key = newKey()
      process.kill(pid, 'SIGSTOP')
      try {
        await expect(store.create(key, newRecord())).rejects.toThrow(StoreUnavailableError)
      } finally {
        process.kill(pid, 'SIGCONT')
      }
      await drained(pid)
      expect((await admin.query(`select from ${table}`)).rows).toHaveLength(before)
      expect(await look()).toBeDefined()
    })
  }

  async function untilGone(backend: number) {
    const there = `select 1 from pg_stat_activity where pid = ${backend}`
    while ((await admin.query(there)).rows.length > 0);
  }

  test('a save that waited in the queue of the pool is void', async () => {
    const pool = pgPool(url, { max: 1 })
    const { store, key, look } = await opened(pool)
    const only = await pool.connect()
    await expect(store.save(key, late)).rejects.toThrow(StoreUnavailableError)
    only.release()
    // The queue is served in turn.
    await pool.query('select').catch(() => {})
    await pool.query('select')
    expect(await look()).toMatchObject({ version: 0, values: new Map([['count', '0']]) })
  })
})

describe('the clock of the server', () => {
  const saysLate = (seconds: number): Error =>
    Object.assign(new Error(`invalid input syntax for type integer: "${LATE}${seconds}.000000"`), {
      code: '22P02',
    })

  const run = async <T>(attempt: (voidFrom: number) => Promise<T>): Promise<T> => {
    const calls = new Calls({
      server: 'PostgreSQL',
      deadline: 60_000,
      report: () => {},
      meaningOf: () => ({ outage: false }),
    })
    const how = { doing: 'save', deadline: 60_000, learn: async () => 1_000_000 }
    return calls.run('save', (call) => changeInTime(call, how, attempt))
  }

  test('is read from the error of a change that was late', () => {
    expect(lateAt(saysLate(1732270000))).toBe(1732270000000)
    expect(lateAt(new Error('anything'))).toBeUndefined()
    expect(lateAt(undefined)).toBeUndefined()
  })

  test('is asked for first, and says until when a change counts', async () => {
    const voidFrom = await run(async (at) => at)
    expect(voidFrom).toBeGreaterThan(1_000_000)
    expect(voidFrom).toBeLessThanOrEqual(1_060_000)
  })

  test('that was set forward costs one more try', async () => {
    const tries: number[] = []
    const answer = await run(async (voidFrom) => {
      tries.push(voidFrom)
      if (tries.length === 1) throw saysLate(5000)
      return 'saved'
    })
    expect(answer).toBe('saved')
    expect(tries[1]).toBeGreaterThan(5_000_000)
  })

  test('that runs away from every try ends in an error that says so', async () => {
    let tries = 0
    const running = run(async () => {
      tries++
      throw saysLate(5000 * tries)
    })
    await expect(running).rejects.toThrow(/only after the deadline of 60000 ms, so nothing was changed/)
    expect(tries).toBe(2)
  })
})
