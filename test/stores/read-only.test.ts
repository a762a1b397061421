import { expect, onTestFinished, test } from 'vitest'
import type { SessionStore } from '../../src/contract/store.ts'
import { fileStore } from '../../src/file.ts'
import { createSessions, type SessionEvent, type Sessions, sessionKey } from '../../src/index.ts'
import { cookieHeader } from '../sessions/visit.ts'
import { texts } from '../support/records.ts'
import { describeWith } from '../support/servers/needed.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import { startRedis } from '../support/servers/redis.ts'
import { fill, smallDisk } from './file/errors/disks.ts'
import { pgPool, postgresPool } from './postgres/drivers.ts'
import { openStore } from './postgres/open-store.ts'
import { connect, openStore as onRedis } from './redis/on-redis.ts'

const IDLE = 60_000
/** What is left of that where the last use was longer ago than is noted. */
const NOT_SEEN = IDLE * 0.8

interface Shop {
  sessions: Sessions
  events: SessionEvent[]
  cookie: string
}

/** Somebody is signed in, and has not been seen for longer than a tenth of the idle timeout. */
async function shopOn(store: SessionStore): Promise<Shop> {
  const events: SessionEvent[] = []
  const sessions = createSessions({ store, idleTimeout: IDLE, onEvent: (event) => void events.push(event) })
  const session = await sessions.open(undefined)
  session.set('user', 'ada')
  session.setExpiry(IDLE)
  const cookie = cookieHeader(await session.commit())
  await store.save(sessionKey(session.id), { expiresAt: Date.now() + NOT_SEEN })
  events.length = 0
  return { sessions, events, cookie }
}

const trying = async (work: () => unknown): Promise<string> => {
  try {
    await work()
    return 'saved'
  } catch (error) {
    return String(error)
  }
}

/** A page that only reads is shown; one that changes something fails; and once the store takes changes both are as ever. */
async function readsGoOn(
  { sessions, events, cookie }: Shop,
  message: RegExp,
  mend: () => unknown,
): Promise<void> {
  for (let page = 1; page <= 5; page++) {
    const reads = await sessions.open(cookie)
    expect(reads.get('user')).toBe('ada')
    expect(await reads.commit()).toBeUndefined()
    expect(events).toHaveLength(page)
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { message: expect.stringMatching(message) } })
  }
  const writes = await sessions.open(cookie)
  writes.set('cart', ['tea'])
  await expect(async () => writes.commit()).rejects.toThrow(message)
  await mend()
  await expect.poll(async () => trying(() => writes.commit())).toBe('saved')
  const after = await sessions.open(cookie)
  expect(after.get('cart')).toEqual(['tea'])
  expect(after.expiresIn).toBeGreaterThan(NOT_SEEN)
}

await describeWith('Redis', startRedis, ({ port }) => {
  test.each<[what: string, on: string[], off: string[], says: RegExp]>([
    ['has no memory left', ['maxmemory', '1'], ['maxmemory', '0'], /no memory left/],
    [
      'has fewer replicas than it needs',
      ['min-replicas-to-write', '1'],
      ['min-replicas-to-write', '0'],
      /fewer replicas/,
    ],
  ])('that %s shows pages that only read', async (_, on, off, says) => {
    const admin = connect(port)
    const shop = await shopOn(onRedis(connect(port)))
    await admin.config('SET', ...(on as [string, string]))
    await readsGoOn(shop, says, () => admin.config('SET', ...(off as [string, string])))
  })

  test('that is a replica, and takes no changes, does too, for a process that is started then as well', async () => {
    const admin = connect(port)
    const store = onRedis(connect(port))
    const shop = await shopOn(store)
    // Of a master that is not there, it goes on with what it has.
    await admin.config('SET', 'replica-serve-stale-data', 'yes')
    await admin.call('REPLICAOF', '127.0.0.1', '1')
    const fresh = onRedis(connect(port), { prefix: store.prefix })
    const events: SessionEvent[] = []
    const sessions = createSessions({
      store: fresh,
      idleTimeout: IDLE,
      onEvent: (event) => void events.push(event),
    })
    await readsGoOn({ ...shop, sessions, events }, /replica/, () => admin.call('REPLICAOF', 'NO', 'ONE'))
  })
})

await describeWith('PostgreSQL', startPostgres, ({ url }) => {
  async function isReadOnly(
    pool: ReturnType<typeof pgPool> | ReturnType<typeof postgresPool>,
  ): Promise<unknown> {
    const text = 'show default_transaction_read_only'
    const rows = await ('unsafe' in pool ? pool.unsafe(text) : pool.query(text).then(({ rows }) => rows))
    return (rows as { default_transaction_read_only: string }[])[0]!.default_transaction_read_only
  }

  test.each(['pg', 'postgres.js'])(
    'that takes no changes shows pages that only read, over %s',
    async (driver) => {
      const pool = driver === 'pg' ? pgPool(url, { max: 1 }) : postgresPool(url, { max: 1 })
      const { store } = await openStore({ pool })
      const shop = await shopOn(store)
      const admin = pgPool(url, { max: 1 })
      const readOnly = async (on: boolean) => {
        const value = on ? 'on' : 'off'
        await admin.query(`alter system set default_transaction_read_only = ${value}`)
        await admin.query('select pg_reload_conf()')
        // Each connection hears of it for itself, when it is next asked.
        for (const each of [admin, pool]) await expect.poll(() => isReadOnly(each)).toBe(value)
      }
      await readOnly(true)
      await readsGoOn(shop, /takes no changes/, () => readOnly(false))
    },
  )

  test('whose role may only select does too', async () => {
    const owner = pgPool(url)
    const { table } = await openStore({ pool: owner })
    await owner.query(`create role reader login; grant select on "${table}" to reader`)
    const writes = await openStore({ pool: owner, table })
    const shop = await shopOn(writes.store)
    const { store } = await openStore({ pool: pgPool(url.replace('postgres@', 'reader@')), table })
    const sessions = createSessions({
      store,
      idleTimeout: IDLE,
      onEvent: (event) => void shop.events.push(event),
    })
    await readsGoOn({ ...shop, sessions }, /lacks a right/, () =>
      owner.query(`grant insert, update, delete on "${table}" to reader`),
    )
  })
})

test('a full disk shows pages that only read', async ({ skip }) => {
  const directory = smallDisk({ skip }, 128)
  const store = fileStore(directory, { sweepEvery: 0, onEvent: () => {} })
  onTestFinished(async () => await store.close())
  const shop = await shopOn(store)
  const key = sessionKey(shop.cookie.slice(shop.cookie.indexOf('=') + 1))
  const clear = fill(directory)
  for (const size of [700, 1]) {
    const save = () => store.save(key, { set: texts({ text: 'x'.repeat(size) }) })
    await expect.poll(() => trying(save), { interval: 1 }).toContain('the disk is full')
  }
  await readsGoOn(shop, /the disk is full/, clear)
})
