import { afterEach, describe, expect, test, vi } from 'vitest'
import type { SessionStore } from '../../src/contract/store.ts'
import { createSessions, sessionKey } from '../../src/index.ts'
import { cookieHeader } from '../sessions/visit.ts'
import { againIfSlow } from '../support/again-if-slow.ts'
import { describeWith } from '../support/servers/needed.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import { startRedis } from '../support/servers/redis.ts'
import { inWhole } from '../support/whole.ts'
import { pgPool, postgresPool } from './postgres/drivers.ts'
import { openStore } from './postgres/open-store.ts'
import { between, connect, openStore as onRedis } from './redis/on-redis.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const YEAR = 365 * 24 * HOUR

const now = Date.now
const perf = performance.now.bind(performance)

afterEach(() => void vi.restoreAllMocks())

/** What the application takes for the time; its server goes by the real one. */
function applicationIsOff(ms: number): void {
  vi.spyOn(Date, 'now').mockImplementation(() => now() + ms)
}

const IDLE = 1000
const off: [name: string, ms: number][] = [
  ['20 minutes behind', -20 * MINUTE],
  ['an hour behind', -HOUR],
  ['three years behind', -3 * YEAR],
  ['20 minutes ahead', 20 * MINUTE],
  ['an hour ahead', HOUR],
  ['three years ahead', 3 * YEAR],
]

/** `open`: a store over the same records at each call, as another process has it. */
function signsNobodyOut(place: () => Promise<() => SessionStore>): void {
  describe.each(inWhole(off, [off[1]!]))('an application whose clock is %s', (_, ms) => {
    test('signs nobody out, and nobody in for longer than the idle timeout', async () => {
      applicationIsOff(ms)
      await againIfSlow(IDLE, async (idleTimeout, pass) => {
        const open = await place()
        const started = () => createSessions({ store: open(), idleTimeout, lifetime: '1h' })
        const first = await started().open(undefined)
        const since = now()
        first.set('user', 'ada')
        const cookie = cookieHeader(await first.commit())
        expect(first.expiresIn).toBeGreaterThan(idleTimeout / 2)
        const record = await open().load(sessionKey(first.id))
        expect(Math.abs(record!.createdAt - since)).toBeLessThan(idleTimeout)
        expect(Math.abs(record!.expiresAt - since - 1.1 * idleTimeout)).toBeLessThan(idleTimeout)
        // For more than the idle timeout, by processes that know nothing of the server's clock yet.
        for (let used = 0; used < 4; used++) {
          await pass(idleTimeout / 4)
          const session = await started().open(cookie)
          expect(session.get('user')).toBe('ada')
          await session.commit()
        }
        await pass(idleTimeout * 1.1 + 100)
        expect((await started().open(cookie)).isNew).toBe(true)
      })
    })
  })
}

await describeWith('Redis', startRedis, ({ port }) => {
  signsNobodyOut(async () => {
    const { prefix } = onRedis(connect(port))
    return () => onRedis(connect(port), { prefix })
  })

  test('the first requests of a process ask for the time once', async () => {
    const { prefix } = onRedis(connect(port))
    const first = await createSessions({ store: onRedis(connect(port), { prefix }) }).open(undefined)
    first.set('user', 'ada')
    const cookie = cookieHeader(await first.commit())
    const sent: string[] = []
    const client = between(connect(port), (pass, command) => {
      sent.push(command)
      return pass()
    })
    const sessions = createSessions({ store: onRedis(client, { prefix }) })
    await Promise.all([1, 2, 3].map(() => sessions.open(cookie)))
    for (let page = 0; page < 3; page++) await (await sessions.open(cookie)).commit()
    expect(sent.filter((command) => command === 'evalsha')).toHaveLength(1)
    expect(sent.filter((command) => command === 'hgetall')).toHaveLength(6)
  })

  test('a machine that has slept, while its server did not, asks for the time again', async () => {
    const store = onRedis(connect(port))
    const sessions = createSessions({ store, idleTimeout: MINUTE })
    const first = await sessions.open(undefined)
    first.set('user', 'ada')
    const cookie = cookieHeader(await first.commit())
    // So that a use is noted.
    await store.save(sessionKey(first.id), { expiresAt: now() + MINUTE / 2 })
    // The monotonic clock stands still meanwhile: an hour in which others have used the session.
    vi.spyOn(performance, 'now').mockImplementation(() => perf() - HOUR)
    const session = await sessions.open(cookie)
    expect(session.get('user')).toBe('ada')
    await session.commit()
    const record = await store.load(sessionKey(first.id))
    expect(record!.expiresAt).toBeGreaterThan(now() + MINUTE * 0.9)
  })
})

await describeWith('PostgreSQL', startPostgres, ({ url }) => {
  describe.each(['pg', 'postgres.js'])('over %s', (driver) => {
    signsNobodyOut(async () => {
      const pool = driver === 'pg' ? pgPool(url) : postgresPool(url)
      const { table } = await openStore({ pool })
      const stores: SessionStore[] = []
      const more = await Promise.all(Array.from({ length: 12 }, () => openStore({ pool, table })))
      stores.push(...more.map(({ store }) => store))
      return () => stores.pop()!
    })
  })
})
