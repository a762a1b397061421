import { inspect } from 'node:util'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { expect, onTestFinished, test } from 'vitest'
import { MisuseError, StoreConfigError, StoreUnavailableError, UntornError } from '../../../src/index.ts'
import type { RedisClient, RedisStore } from '../../../src/redis.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startRedis } from '../../support/servers/redis.ts'
import { startRedisCluster } from '../../support/servers/redis-cluster.ts'
import { DRIVERS } from './clients.ts'
import { connect, openStore } from './on-redis.ts'

/** One whose server has every command under another name, and says what it was given with it. */
function renamed(client: RedisClient): RedisClient {
  const other = (command: string): string => `no_${command}`
  const all = client as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
  if (all.customCommand) {
    return {
      customCommand: ([command, ...rest]: string[], options?: object) =>
        all.customCommand!([other(command!), ...rest], options),
    }
  }
  if (all.call) return { call: (command, args) => all.call!(other(command), args) }
  return {
    isOpen: true,
    sendCommand: ([command, ...rest]: string[], options?: object) =>
      all.sendCommand!([other(command!), ...rest], options),
  }
}

const SECRET = 'Tr0ub4dor'

/** Every call, with a secret as each thing that it is given. */
function callsOf(store: RedisStore): (() => Promise<unknown>)[] {
  const key = newKey()
  const values = texts({ [SECRET]: SECRET })
  return [
    () => store.create(key, { ...newRecord(), values, owner: SECRET }),
    () => store.load(key),
    () => store.save(key, { set: values, delete: [`${SECRET}2`], owner: SECRET }),
    () => store.save(key, {}),
    () => store.exists(key),
    () => store.delete(key),
    async () => {
      for await (const _entry of store.byOwner(SECRET));
    },
  ]
}

async function errorOf(call: () => Promise<unknown>): Promise<UntornError> {
  const error = await call().then(
    () => expect.unreachable(),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(UntornError)
  const shown = inspect(error, { depth: 9, showHidden: true })
  expect(shown).not.toContain(SECRET)
  // A session's key has no place in a log either.
  expect(shown).not.toMatch(/[0-9a-f]{64}/)
  expect((error as Error).cause).toBeInstanceOf(Error)
  return error as UntornError
}

await describeWith(
  'an error of Redis says what to do, and holds nothing of what was sent',
  startRedis,
  ({ port }) => {
    const admin = () => connect(port)

    test('a command that the server does not have, over every driver', async () => {
      const redis = admin()
      await redis.call('acl', ['setuser', 'default', 'on', 'nopass', '~*', '+@all'])
      for (const [name, driver] of Object.entries(DRIVERS)) {
        const { client, close } = await driver(port)
        const store = openStore(renamed(client))
        for (const call of callsOf(store)) {
          const error = await errorOf(call)
          expect(error, name).toBeInstanceOf(StoreConfigError)
          expect(error.message).toContain('it lacks a command')
        }
        await close()
      }
    })

    test('a user without rights', async () => {
      await admin().call('acl', [
        'setuser',
        'weak',
        'on',
        `>${SECRET}`,
        '~nothing:*',
        '+@connection',
        '+info',
      ])
      const store = openStore(connect(port, { username: 'weak', password: SECRET }))
      for (const call of callsOf(store)) {
        const error = await errorOf(call)
        expect(error).toBeInstanceOf(StoreConfigError)
        expect(error.message).toMatch(/lacks rights: it needs EVALSHA/)
      }
    })

    test('a user with exactly the rights that are named', async () => {
      const rights = [
        'evalsha',
        'eval',
        'time',
        'exists',
        'hget',
        'hgetall',
        'hexists',
        'hset',
        'hdel',
        'pexpireat',
        'del',
        'scan',
      ]
      await admin().call('acl', [
        'setuser',
        'exact',
        'on',
        `>${SECRET}`,
        '~untorn-exact:*',
        ...rights.map((right) => `+${right}`),
        '+info',
      ])
      const store = openStore(connect(port, { username: 'exact', password: SECRET }), {
        prefix: 'untorn-exact:',
      })
      for (const call of callsOf(store)) await call()
      const weak = openStore(connect(port, { username: 'weak', password: SECRET }))
      const { message } = await errorOf(() => weak.load(newKey()))
      for (const right of rights) expect(message).toContain(right.toUpperCase())
    })

    test('a password that is wrong', async () => {
      const client = createClient({
        url: `redis://ada:${SECRET}@127.0.0.1:${port}`,
        socket: { reconnectStrategy: false },
      })
      client.on('error', () => {})
      await client.connect().catch(() => {})
      for (const call of callsOf(openStore(client))) await errorOf(call)
      const nobody = connect(port, { username: 'ada', password: SECRET, maxRetriesPerRequest: 0 })
      for (const call of callsOf(openStore(nobody))) await errorOf(call)
    })

    test('no memory left: nothing is changed, and what is there can be read', async () => {
      const redis = admin()
      const store = openStore(redis)
      const key = newKey()
      await store.create(key, newRecord({ a: 1, b: 1 }))
      await redis.config('SET', 'maxmemory', '1')
      try {
        const error = await errorOf(() => store.save(key, { set: texts({ a: 2 }), delete: ['b'] }))
        expect(error).toBeInstanceOf(StoreUnavailableError)
        expect(error.message).toContain('`maxmemory`')
        expect(await store.load(key)).toMatchObject({ version: 0, values: texts({ a: 1, b: 1 }) })
        expect((await errorOf(() => store.create(newKey(), newRecord()))).message).toContain('`maxmemory`')
      } finally {
        await redis.config('SET', 'maxmemory', '0')
      }
    })

    test('too few replicas', async () => {
      const redis = admin()
      const store = openStore(redis)
      await store.create(newKey(), newRecord())
      await redis.config('SET', 'min-replicas-to-write', '1')
      try {
        expect((await errorOf(() => store.create(newKey(), newRecord()))).message).toContain(
          '`min-replicas-to-write`',
        )
      } finally {
        await redis.config('SET', 'min-replicas-to-write', '0')
      }
    })

    test('a replica, which takes no changes', async () => {
      const redis = admin()
      const store = openStore(redis)
      await store.create(newKey(), newRecord())
      await redis.replicaof('127.0.0.1', 1)
      try {
        const error = await errorOf(() => store.create(newKey(), newRecord()))
        expect(error.message).toMatch(/it is a replica/)
      } finally {
        await redis.replicaof('NO', 'ONE')
      }
    })

    test('a client that was closed, or never connected', async () => {
      const never = createClient({ url: `redis://:${SECRET}@127.0.0.1:${port}` })
      for (const call of callsOf(openStore(never))) {
        expect((await errorOf(call)).message).toMatch(/connect it before the first request|does not answer/)
      }
      const closed = new Redis({ port, lazyConnect: true, password: SECRET })
      await closed.quit().catch(() => {})
      closed.disconnect()
      onTestFinished(() => closed.disconnect())
      for (const call of callsOf(openStore(closed, { deadline: '300ms' })))
        await errorOf(call).catch(() => {})
    })

    test('after the store was closed each call is a misuse, and the client is still open', async () => {
      const redis = admin()
      const store = openStore(redis)
      const listing = store.records()
      await store.create(newKey(), newRecord())
      await store.close()
      await store.close()
      await expect(listing.next()).rejects.toThrow(MisuseError)
      await expect(store.load(newKey())).rejects.toThrow(MisuseError)
      await expect(store.clearExpired()).rejects.toThrow(MisuseError)
      expect(() => store.records()).toThrow(MisuseError)
      expect(await redis.ping()).toBe('PONG')
    })
  },
)

await describeWith('a cluster', startRedisCluster, ({ masters }) => {
  test('whose node is taken for a server is said to be one', async () => {
    const store = openStore(connect(masters[0]!.port))
    const calls = Array.from({ length: 20 }, () => store.load(newKey()))
    const [refused] = (await Promise.allSettled(calls)).filter(({ status }) => status === 'rejected')
    const { reason } = refused as PromiseRejectedResult
    expect(reason).toBeInstanceOf(StoreConfigError)
    expect(String(reason)).toContain('one node of a cluster')
  })
})
