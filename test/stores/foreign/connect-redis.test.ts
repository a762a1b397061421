import { createClient } from 'redis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sessionKey } from '../../../src/contract/key.ts'
import { InvalidOptionError, StoreUnavailableError } from '../../../src/errors.ts'
import { type ConnectRedisStoreOptions, connectRedisStore } from '../../../src/formats.ts'
import { reservedKeys } from '../../../src/values/data.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startRedis } from '../../support/servers/redis.ts'
import { between, connect } from '../redis/on-redis.ts'
import { byId, dataOf, listed } from './listed.ts'

const HOUR = 3_600_000

const text = (values: object, maxAge: number | null = HOUR): string => {
  const expires = maxAge === null ? null : new Date(Date.now() + maxAge).toISOString()
  return JSON.stringify({ cookie: { originalMaxAge: maxAge, expires, httpOnly: true, path: '/' }, ...values })
}

await describeWith('sessions of connect-redis', startRedis, ({ port }) => {
  /** A client of the server, without anything in it. */
  async function empty() {
    const client = connect(port)
    await client.flushall()
    return client
  }

  function open(client: ConnectRedisStoreOptions['client'], options: Partial<ConnectRedisStoreOptions> = {}) {
    const source = connectRedisStore({ client, onEvent() {}, onUnreadable() {}, ...options })
    onTestFinished(() => source.close())
    return source
  }

  test('are read, and live as long as Redis keeps them', async () => {
    const client = await empty()
    await client.set('sess:one', text({ user: 'Ada' }), 'PX', 2 * HOUR)
    const source = open(client)
    const record = await byId(source, 'one')
    expect(dataOf(record)).toEqual({
      user: 'Ada',
      [reservedKeys.cookie]: { originalMaxAge: HOUR, httpOnly: true, path: '/' },
    })
    expect(record!.expiresAt).toBe(Number(await client.call('PEXPIRETIME', 'sess:one')))
    expect(Math.abs(record!.createdAt - Date.now())).toBeLessThan(60_000)
    expect(await byId(source, 'one')).toEqual(record)
    expect(await byId(source, 'two')).toBeUndefined()
    expect(Math.abs((await source.now!()) - Date.now())).toBeLessThan(60_000)
  })

  test('are read by node-redis, too, and where the driver has a prefix of its own', async () => {
    const client = await empty()
    await client.set('shop:sess:one', text({ user: 'Ada' }), 'PX', HOUR)
    const nodeRedis = createClient({ url: `redis://127.0.0.1:${port}` })
    nodeRedis.on('error', () => {})
    await nodeRedis.connect()
    onTestFinished(() => nodeRedis.destroy())
    for (const source of [
      open(nodeRedis as never, { prefix: 'shop:sess:' }),
      open(connect(port, { keyPrefix: 'shop:' })),
    ]) {
      expect(dataOf(await byId(source, 'one'))).toMatchObject({ user: 'Ada' })
      expect([...(await listed(source)).records.keys()]).toEqual([sessionKey('one')])
    }
  })

  test('that Redis keeps for ever live for the ttl', async () => {
    const client = await empty()
    await client.set('sess:one', text({}, null))
    const { expiresAt } = (await byId(open(client, { ttl: 60 }), 'one'))!
    expect(Math.abs(expiresAt - Date.now() - 60_000)).toBeLessThan(10_000)
  })

  test('are listed, each once, and nothing else', async () => {
    const client = await empty()
    for (let n = 0; n < 450; n++) await client.set(`sess:id-${n}`, text({ n }), 'PX', HOUR)
    await client.set('other', 'x')
    await client.set('sess*', 'x')
    const { records, unreadable } = await listed(open(client))
    expect([records.size, unreadable]).toEqual([450, []])
    expect(dataOf(records.get(sessionKey('id-7')))).toMatchObject({ n: 7 })
  })

  test('of @fastify/session are read without what it keeps for itself', async () => {
    const client = await empty()
    const fastify = {
      cookie: { expires: null, originalMaxAge: null, sameSite: null, secure: true, path: '/' },
    }
    await client.set(
      'sess:one',
      JSON.stringify({ ...fastify, sessionId: 'one', encryptedSessionId: 'one.x', n: 1 }),
    )
    expect(dataOf(await byId(open(client), 'one'))).toEqual({
      n: 1,
      [reservedKeys.cookie]: { originalMaxAge: null, secure: true, path: '/' },
    })
  })

  test('that are none are told of, and the others read', async () => {
    const client = await empty()
    await client.set('sess:good', text({ n: 1 }), 'PX', HOUR)
    await client.set('sess:large', `"${'x'.repeat(128 * 1024)}"`)
    await client.set('sess:noisy', Buffer.from([0xff, 0xfe, 0, 1]))
    await client.set('sess:cut', text({ n: 1 }).slice(0, -1))
    await client.set('sess:forged', text({ 'untorn:sign-in': 'x' }))
    await client.lpush('sess:list', 'x')
    await client.set('sess:../x', text({}))
    const told: string[] = []
    const source = open(client, { onUnreadable: ({ message }) => void told.push(message) })
    const { records, unreadable } = await listed(source)
    expect([...records.keys()]).toEqual([sessionKey('good')])
    expect(unreadable).toHaveLength(6)
    for (const id of ['large', 'noisy', 'cut', 'forged', 'list']) {
      expect(await byId(source, id), id).toBeUndefined()
      expect(unreadable.join()).not.toContain(id)
    }
    expect(told).toHaveLength(5)
    for (const id of ['../x', '*', '', 'a b', 'a\0', '\ud800']) expect(await byId(source, id)).toBeUndefined()
    expect(told).toHaveLength(5)
  })

  test('that are too large are not even sent', async () => {
    const client = await empty()
    await client.set('sess:large', 'x'.repeat(1024 * 1024))
    let most = 0
    const watched = between(client, async (pass) => {
      const reply = await pass()
      most = Math.max(most, JSON.stringify(reply).length)
      return reply
    })
    expect(await byId(open(watched), 'large')).toBeUndefined()
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThan(1000)
  })

  test('are left as they are', async () => {
    const client = await empty()
    await client.set('sess:one', text({ n: 1 }), 'PX', HOUR)
    const before = [await client.get('sess:one'), await client.call('PEXPIRETIME', 'sess:one')]
    const source = open(client)
    await byId(source, 'one')
    await listed(source)
    expect([await client.get('sess:one'), await client.call('PEXPIRETIME', 'sess:one')]).toEqual(before)
    expect(await client.keys('*')).toEqual(['sess:one'])
  })

  test('can be looked for in an outage, which is told', async () => {
    const client = connect(port, { maxRetriesPerRequest: 0 })
    const source = open(client, { deadline: '300ms' })
    client.disconnect()
    await expect(byId(source, 'one')).rejects.toThrow(StoreUnavailableError)
    await source.close()
    await expect(byId(source, 'one')).rejects.toMatchObject({ code: 'UNTORN_MISUSE' })
  })
})

describe('what is refused', () => {
  const client = { call: async () => undefined }

  test.each<[string, object]>([
    ['client', { client: {} }],
    ['prefix', { client, prefix: 1 }],
    ['ttl', { client, ttl: 0 }],
    ['deadline', { client, deadline: 5 }],
    ['prefixes', { client, prefixes: 'x' }],
  ])('the option %s', (option, options) => {
    expect(() => connectRedisStore(options as never)).toThrow(InvalidOptionError)
    expect(() => connectRedisStore(options as never)).toThrow(`\`${option}\``)
  })
})
