import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { StoreBusyError, StoreConfigError, StoreUnavailableError } from '../../../src/errors.ts'
import type { ServerStoreEvent } from '../../../src/postgres.ts'
import { meaningOf } from '../../../src/stores/postgres/meaning.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { describeWith, serverOrSkip } from '../../support/servers/needed.ts'
import { startPostgres } from '../../support/servers/postgres.ts'
import { type Pool, pgPool, postgresPool } from './drivers.ts'
import { openStore, storeOver } from './open-store.ts'
import { newTable } from './tables.ts'

describe('an error of the server means', () => {
  const said = (code: string) => meaningOf(Object.assign(new Error('said'), { code, severity: 'ERROR' }))

  test.each(['08006', '57P01', '57P03', '53300'])('an outage, by %s', (code) => {
    expect(said(code).outage).toBe(true)
  })

  test('none, where the server takes no changes: it has answered, and can be read', () => {
    expect(said('25006')).toMatchObject({
      outage: false,
      advice: expect.stringContaining('connect to the primary'),
    })
  })

  test.each(['42P01', '42501', '28P01', '3D000', '26000', '42703'])(
    'that something is set up wrongly, by %s',
    (code) => {
      const { outage, as } = said(code)
      expect(outage).toBe(false)
      expect(as?.('', { cause: undefined })).toBeInstanceOf(StoreConfigError)
    },
  )

  test.each(['55P03', '40001', '40P01'])('that somebody else is at it, by %s', (code) => {
    expect(said(code).as?.('', { cause: undefined })).toBeInstanceOf(StoreBusyError)
  })

  test.each(['53100', '57014', '23514', 'XX000'])('no more than a failure, by %s', (code) => {
    expect(said(code)).toMatchObject({ outage: false })
    expect(said(code).as).toBeUndefined()
  })

  test('an outage, if the server has not said it', () => {
    for (const error of [
      new Error('Connection terminated'),
      { code: 'EPIPE' },
      { code: 'CONNECTION_CLOSED' },
      null,
    ]) {
      expect(meaningOf(error).outage).toBe(true)
    }
  })
})

await describeWith('errors', startPostgres, ({ url }) => {
  const admin = pgPool(url)
  const pools: Record<string, () => Pool> = {
    pg: () => pgPool(url),
    postgres: () => postgresPool(url, { debug: true }),
  }

  const verbs = ['load', 'exists', 'delete'] as const

  test('of a table that is missing say how to make it', async () => {
    const store = storeOver({ pool: admin, table: newTable() })
    const failing = [
      ...verbs.map((verb) => () => store[verb](newKey())),
      () => store.create(newKey(), newRecord()),
      () => store.save(newKey(), { set: texts({ a: 1 }) }),
      () => store.clearExpired(),
      () => store.records()[Symbol.asyncIterator]().next(),
    ]
    for (const call of failing) {
      const error = await call().then(String, (thrown: Error) => thrown)
      expect(error).toBeInstanceOf(StoreConfigError)
      expect((error as Error).message).toMatch(/call `createTable\(\)` once, or run the migration/)
    }
  })

  for (const [driver, connect] of Object.entries(pools)) {
    test(`by ${driver} hold nothing of a session`, async () => {
      const { store, table } = await openStore({ pool: connect() })
      await admin.query(`alter table ${table} add check (not values ? 'forbidden')`)
      const key = newKey()
      const secrets = { forbidden: 'my-secret-value', token: 'other-secret' }
      await store.create(key, newRecord({ token: 'other-secret' }, { owner: 'secret-owner' }))
      const failures = [
        () => store.create(newKey(), newRecord(secrets, { owner: 'secret-owner' })),
        () => store.save(key, { set: texts(secrets) }),
        () => store.save(key, { set: texts(secrets) }, { ifVersion: 0 }),
      ]
      for (const failure of failures) {
        const error = await failure().catch((thrown: Error) => thrown)
        expect(error).toBeInstanceOf(StoreUnavailableError)
        expect((error as Error).cause).toMatchObject({ code: '23514' })
        expect(seenOf(error)).not.toMatch(/secret|forbidden'|[0-9a-f]{32}/)
      }
      expect((await store.load(key))?.version).toBe(0)
    })
  }

  test('of a password that is wrong do not show it, nor the connection string', async () => {
    // Trusted connections take any password, so the role is one that is not there.
    const wrong = url.replace('postgres@', 'nobody:very-secret@')
    for (const pool of [pgPool(wrong), postgresPool(wrong)]) {
      const error = await storeOver({ pool })
        .load(newKey())
        .catch((thrown: Error) => thrown)
      expect(error).toBeInstanceOf(StoreConfigError)
      expect(seenOf(error)).not.toMatch(/very-secret/)
    }
  })

  test('of a lock that is held too long say so', async () => {
    const pool = pgPool(url, { options: '-c lock_timeout=50' })
    const { store, table } = await openStore({ pool })
    const key = newKey()
    await store.create(key, newRecord())
    const holder = await admin.connect()
    await holder.query('begin')
    await holder.query(`select from ${table} for update`)
    await expect(store.save(key, { set: texts({ a: 1 }) })).rejects.toThrow(StoreBusyError)
    await holder.query('rollback')
    holder.release()
  })

  test('of a server that takes no changes say that it is a standby, and loads go on', async () => {
    const { store: primary, table } = await openStore({ pool: admin })
    const key = newKey()
    await primary.create(key, newRecord())
    const store = storeOver({ pool: pgPool(url, { options: '-c default_transaction_read_only=on' }), table })
    await expect(store.save(key, { owner: 'ada' })).rejects.toThrow(
      /standby, or read-only; connect to the primary/,
    )
    expect((await store.load(key))?.version).toBe(0)
  })
})

test('a server that is gone is told of once, and each call has its answer', async ({ skip }) => {
  const server = await serverOrSkip(startPostgres, skip)
  const events: ServerStoreEvent[] = []
  const stores = [pgPool(server.url), postgresPool(server.url)].map((pool) =>
    storeOver({ pool, deadline: 10_000, onEvent: (event) => events.push(event) }),
  )
  for (const store of stores) await store.createTable()
  await server.stop()
  for (const store of stores) {
    for (let n = 0; n < 5; n++) {
      await expect(store.load(newKey())).rejects.toThrow(StoreUnavailableError)
      await expect(store.save(newKey(), { owner: 'ada' })).rejects.toThrow(StoreUnavailableError)
    }
  }
  expect(events.map(({ type }) => type)).toEqual(['unavailable', 'unavailable'])
})

/** Whatever somebody who logs an error could see. */
function seenOf(error: unknown): string {
  const shown = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })
  const { stack, cause } = error as Error
  return [shown, stack, cause && seenOf(cause), JSON.stringify(error)].join('\n')
}
