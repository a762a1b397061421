import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Progress } from '../../../src/contract/store.ts'
import { StoreBusyError } from '../../../src/errors.ts'
import type { ServerStoreEvent } from '../../../src/postgres.ts'
import { BATCH, LOCK_SPACE } from '../../../src/stores/postgres/sweep.ts'
import { newKey, newRecord } from '../../support/records.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startPostgres } from '../../support/servers/postgres.ts'
import { pgPool } from './drivers.ts'
import { openStore, storeOver, watched } from './open-store.ts'
import { filledTable, newTable } from './tables.ts'

const MANY = 3 * BATCH + 10

await describeWith('a sweep', startPostgres, ({ url }) => {
  const pool = pgPool(url)

  const filled = (expired: number, live = 5): Promise<string> => filledTable(pool, { live, expired })

  const count = async (table: string): Promise<number> =>
    Number((await pool.query(`select count(*) from ${table}`)).rows[0].count)

  /** Somebody else's turn, until the function is called. */
  async function takeTurn(table: string): Promise<() => Promise<void>> {
    const holder = await pool.connect()
    await holder.query('begin')
    await holder.query(
      `select pg_advisory_xact_lock((${LOCK_SPACE}::bigint << 32) | '${table}'::regclass::oid::bigint)`,
    )
    return async () => {
      await holder.query('commit')
      holder.release()
    }
  }

  /** A pool that tells of each statement of a sweep before it is sent. */
  const sweeping = (before: () => Promise<unknown> | undefined) =>
    watched(pool, (text) => (text.includes('pg_try_advisory') ? before() : undefined))

  test('removes what has expired batch by batch, tells how far it is, and leaves the others', async () => {
    const table = await filled(MANY)
    const reports: Progress[] = []
    const swept = await storeOver({ pool, table }).clearExpired({
      onProgress: (report) => reports.push(report),
    })
    expect(swept).toEqual({ scanned: MANY, removed: MANY })
    expect(reports.map(({ removed }) => removed)).toEqual([BATCH, 2 * BATCH, 3 * BATCH, MANY])
    expect(new Set(reports.map(({ total }) => total))).toEqual(new Set([MANY]))
    expect(await count(table)).toBe(5)
  })

  test('holds no lock and no transaction from one batch to the next', async () => {
    const table = await filled(MANY)
    const held: unknown[] = []
    let batches = 0
    const between = async () => {
      batches++
      const { rows } = await pool.query(`
        select locktype, mode from pg_locks where pid <> pg_backend_pid()
          and (locktype = 'advisory' or relation = '${table}'::regclass)
        union all select 'transaction', state from pg_stat_activity where state like 'idle in transaction%'`)
      held.push(...rows)
    }
    await storeOver({ pool: sweeping(between), table }).clearExpired()
    expect(batches).toBe(4)
    expect(held).toEqual([])
  })

  test('by several stores at once removes each session once, and they take turns', async () => {
    const table = await filled(MANY)
    const stores = [1, 2, 3].map(() => storeOver({ pool: pgPool(url), table }))
    const swept = await Promise.all(stores.map((store) => store.clearExpired()))
    expect(swept.reduce((sum, { removed }) => sum + removed, 0)).toBe(MANY)
    expect(await count(table)).toBe(5)
  })

  test('waits while somebody else has a turn, and goes on after it', async () => {
    const table = await filled(3)
    const endTurn = await takeTurn(table)
    let tries = 0
    const asked = sweeping(() => {
      tries++
      return undefined
    })
    const sweep = storeOver({ pool: asked, table }).clearExpired()
    while (tries < 3) await setImmediate()
    expect(await count(table)).toBe(8)
    await endTurn()
    expect(await sweep).toEqual({ scanned: 3, removed: 3 })
  })

  test('that gets no turn within the deadline says so', async () => {
    const table = await filled(3)
    const endTurn = await takeTurn(table)
    await expect(storeOver({ pool, table, deadline: '200ms' }).clearExpired()).rejects.toThrow(StoreBusyError)
    await endTurn()
    expect(await count(table)).toBe(8)
  })

  test('ends at a signal while it waits for a turn', async () => {
    const table = await filled(3)
    const endTurn = await takeTurn(table)
    const aborter = new AbortController()
    const reason = new Error('shutting down')
    const asked = sweeping(() => {
      aborter.abort(reason)
      return undefined
    })
    await expect(storeOver({ pool: asked, table }).clearExpired({ signal: aborter.signal })).rejects.toBe(
      reason,
    )
    await endTurn()
    expect(await count(table)).toBe(8)
  })

  test('leaves a session of which the extension is under way, and does not wait for it', async () => {
    const table = await filled(3)
    const store = storeOver({ pool, table })
    const key = newKey()
    await store.create(key, newRecord({}, { expiresAt: Date.now() - 1000 }))
    // As a save does that began before the expiry.
    const saving = await pool.connect()
    await saving.query('begin')
    await saving.query(
      `update ${table} set expires_at = now() + interval '1 hour' where key = decode($1, 'hex')`,
      [key],
    )
    expect((await store.clearExpired()).removed).toBe(3)
    await saving.query('commit')
    saving.release()
    expect((await store.clearExpired()).removed).toBe(0)
    expect(await store.exists(key)).toBe(true)
  })

  test('of sessions that expire faster than it sweeps comes to an end', async () => {
    const table = await filled(BATCH + 1)
    let batches = 0
    const more = async () => {
      batches++
      await pool.query(`insert into ${table} (key, version, values, texts, created_at, expires_at)
        select sha256(gen_random_uuid()::text::bytea), 0, '{}', '{}', now(), clock_timestamp() + interval '1 us'
        from generate_series(1, ${BATCH})`)
    }
    await storeOver({ pool: sweeping(more), table }).clearExpired()
    expect(batches).toBeLessThanOrEqual(3)
  })

  describe('in the background', () => {
    const until = async (done: () => Promise<boolean> | boolean) => {
      while (!(await done())) await setImmediate()
    }

    test('comes by itself', async () => {
      const table = await filled(MANY)
      storeOver({ pool, table, sweepEvery: '1ms' })
      await until(async () => (await count(table)) === 5)
    })

    test('leaves where somebody else has a turn, and comes again', async () => {
      const table = await filled(3)
      const endTurn = await takeTurn(table)
      let sweeps = 0
      const events: ServerStoreEvent[] = []
      const asked = sweeping(() => {
        sweeps++
        return undefined
      })
      storeOver({ pool: asked, table, sweepEvery: '1ms', onEvent: (event) => events.push(event) })
      await until(() => sweeps >= 3)
      expect(await count(table)).toBe(8)
      await endTurn()
      await until(async () => (await count(table)) === 5)
      expect(events).toEqual([])
    })

    test('that fails is told of, and comes again', async () => {
      const table = newTable()
      const events: ServerStoreEvent[] = []
      storeOver({ pool, table, sweepEvery: '1ms', onEvent: (event) => events.push(event) })
      await until(() => events.length >= 2)
      expect(events[0]).toMatchObject({ type: 'sweep-failed', error: { code: 'UNTORN_STORE_CONFIG' } })
    })

    test('ends with the store, and keeps no process alive', async () => {
      const table = await filled(3)
      let sweeps = 0
      let closing: Promise<void> | undefined
      const asked = sweeping(() => {
        sweeps++
        closing ??= store.close()
        return undefined
      })
      const store = storeOver({ pool: asked, table, sweepEvery: '1ms' })
      await until(() => closing !== undefined)
      await closing
      const seen = sweeps
      await openStore({ pool })
      expect(sweeps).toBe(seen)
      const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
      storeOver({ pool, table, sweepEvery: 60_000 })
      expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout')).toHaveLength(timers)
    })
  })
})
