import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { redisStore } from '../../../src/redis.ts'
import { writeOf } from '../../../src/stores/redis/writes.ts'
import { collect } from '../../../src/testing/samples.ts'
import { storeConformance } from '../../../src/testing.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startRedis } from '../../support/servers/redis.ts'
import { startTcpProxy } from '../../support/tcp-proxy.ts'
import { DRIVERS, type Opened } from './clients.ts'
import { between, connect, openStore } from './on-redis.ts'

type Script = () => Promise<unknown>

await describeWith('a command that comes to Redis twice', startRedis, ({ port }) => {
  describe.concurrent('each script, the second of which is answered', () => {
    let opened: Opened
    beforeAll(async () => {
      opened = await DRIVERS.ioredis!(port)
    })
    afterAll(() => opened.close())

    const { call } = {
      call: (command: string, args: string[]) => (opened.client as { call: Call }).call(command, args),
    }
    type Call = (command: string, args: string[]) => Promise<unknown>
    const twice = {
      call: async (command: string, args: string[]) => {
        if (command === 'evalsha' || command === 'eval') await call(command, args)
        return call(command, args)
      },
    }
    const over = (prefix: string) => redisStore({ client: twice, prefix })
    const cases = storeConformance({
      open: () => over(`${randomUUID()}:`),
      reopen: (store) => over(store.prefix),
      without: { sweep: 'Redis removes expired sessions by itself' },
    })
    // A repeat is answered with the session as it is now, not as the first one made it.
    const others = /given the record that it made|of one value/
    const wanted = cases.filter(
      ({ title }) => /^(version|nothing lost|whole|exactly once)/.test(title) && !others.test(title),
    )
    test('are enough', () => expect(wanted.length).toBeGreaterThan(80))
    for (const { title, run, skip } of wanted) test.skipIf(skip !== undefined)(title, run)
  })

  /** A store, and each script that it ran, to be run once more. */
  const recorded = () => {
    const scripts: Script[] = []
    const client = between(connect(port), (pass, command) => {
      if (command === 'evalsha') scripts.push(pass)
      return pass()
    })
    const store = openStore(client)
    return { store, scripts }
  }

  test('is answered as the first was, and changes nothing', async () => {
    const { store, scripts } = recorded()
    const key = newKey()
    await store.create(key, newRecord({ count: 0 }))
    await store.save(key, { set: texts({ count: 1 }) }, { ifVersion: 0 })
    const first = scripts.at(-1)!
    await store.save(key, { set: texts({ count: 2 }), delete: ['other'] }, { ifVersion: 1 })
    const [outcome, , fields] = (await first()) as [string, number, string[]]
    expect(outcome).toBe('saved')
    expect(fields[fields.indexOf('.count') + 1]).toBe('2')
    expect(await store.load(key)).toMatchObject({ version: 2, values: texts({ count: 2 }) })
  })

  test('does not bring back a session that was deleted in between', async () => {
    const { store, scripts } = recorded()
    const key = newKey()
    await store.create(key, newRecord())
    await store.save(key, { set: texts({ count: 1 }) })
    await store.delete(key)
    const [creation, save, deletion] = scripts.slice(-3) as [Script, Script, Script]
    expect(await save()).toMatchObject(['gone', expect.any(Number)])
    expect(await creation()).toMatchObject(['taken', expect.any(Number)])
    expect(await deletion()).toMatchObject(['saved', expect.any(Number)])
    expect(await store.load(key)).toBeUndefined()
    expect(await store.exists(key)).toBe(false)
  })

  test.each(['deleted', 'ended by a save'] as const)(
    'changes nothing in a new session under the key of one that was %s in between',
    async (how) => {
      const { store, scripts } = recorded()
      const key = newKey()
      await store.create(key, newRecord({ count: 0 }))
      await store.save(key, { set: texts({ count: 1 }) })
      if (how === 'deleted') await store.delete(key)
      else await store.save(key, { expiresAt: 0 })
      expect(await store.create(key, newRecord({ user: 'eve' }))).toBe(true)
      const made = await store.load(key)
      expect(made).toMatchObject({ version: 0, values: texts({ user: 'eve' }) })
      for (const script of scripts.slice(-4)) {
        expect(await script()).toContain('saved')
        expect(await store.load(key)).toEqual(made)
      }
      expect(await store.delete(key)).toBe(true)
      for (const script of scripts.slice(-5)) await script()
      expect(await store.load(key)).toBeUndefined()
    },
  )

  test('keeps the key of a session with more writes than are remembered, until none can come again', async () => {
    const { store, scripts } = recorded()
    const key = newKey()
    await store.create(key, newRecord())
    const creation = scripts.at(-1)!
    for (let n = 0; n < 70; n++) await store.save(key, { set: texts({ n }) })
    await store.delete(key)
    expect(await store.create(key, newRecord())).toBe(false)
    expect(await creation()).toMatchObject(['taken', expect.any(Number)])
    expect(await store.load(key)).toBeUndefined()
  })

  test('keeps the key of a session that a process of an earlier release has deleted', async () => {
    const client = connect(port)
    const store = openStore(client)
    const key = newKey()
    const mark = `1 0 0 0 ${writeOf('deletion00', Date.now() + 60_000)}`
    await client.hset(store.prefix + key, 'ended', mark)
    expect(await store.create(key, newRecord())).toBe(false)
    expect(await store.delete(key)).toBe(false)
    expect(await store.load(key)).toBeUndefined()
  })

  test('keeps the key from a session that would be over before it can come', async () => {
    const { store, scripts } = recorded()
    const key = newKey()
    await store.create(key, newRecord({ count: 0 }))
    await store.delete(key)
    const [creation] = scripts.slice(-2) as [Script]
    expect(await store.create(key, newRecord({}, { expiresAt: Date.now() + 50 }))).toBe(false)
    await delay(60)
    await creation()
    expect(await store.load(key)).toBeUndefined()
  })

  test('of the end of a session, and of what came before it, is answered as the first was, and ends in nothing', async () => {
    const { store, scripts } = recorded()
    const key = newKey()
    await store.create(key, newRecord({ user: 'ada' }))
    const ended = await store.save(key, { expiresAt: 0 }, { ifVersion: 0 })
    expect(ended).toMatchObject({ outcome: 'saved', record: { version: 0, expiresAt: 0 } })
    const [creation, end] = scripts.slice(-2) as [Script, Script]
    const [outcome, , fields] = (await end()) as [string, number, string[]]
    expect(outcome).toBe('saved')
    expect(fields[fields.indexOf('.user') + 1]).toBe('"ada"')
    expect(await creation()).toMatchObject(['taken', expect.any(Number)])
    expect(await store.load(key)).toBeUndefined()
    expect(await store.save(key, { set: texts({ user: 'eve' }) })).toEqual({ outcome: 'gone' })
    expect(await collect(store.records())).toEqual([])
  })

  test('that comes when it is void already is still known for one', async () => {
    const scripts: string[][] = []
    const client = connect(port)
    const store = openStore(
      {
        call: (command: string, args: string[]) => {
          if (command === 'evalsha') scripts.push(args)
          return client.call(command, args)
        },
      },
      { deadline: 60_000 },
    )
    const key = newKey()
    await store.create(key, newRecord({ count: 0 }))
    await store.save(key, { set: texts({ count: 1 }) }, { ifVersion: 0 })
    const [sha, keys, name, write, , ...rest] = scripts.at(-1)!
    const tooLate = [sha!, keys!, name!, write!, '1', ...rest]
    expect(await client.call('evalsha', tooLate)).toMatchObject([
      'saved',
      expect.any(Number),
      expect.anything(),
    ])
    // Tried anew, it becomes void later.
    const again = [
      sha!,
      keys!,
      name!,
      writeOf(write!.slice(0, 10), Date.now() + 90_000),
      `${Date.now() + 90_000}`,
    ]
    expect(await client.call('evalsha', [...again, ...rest])).toMatchObject([
      'saved',
      expect.any(Number),
      expect.anything(),
    ])
    expect(await store.load(key)).toMatchObject({ version: 1 })
  })

  test('is remembered for no longer than it can come again, and never in great numbers', async () => {
    const client = connect(port)
    const store = openStore(client, { deadline: 20_000 })
    const key = newKey()
    await store.create(key, newRecord())
    for (let n = 0; n < 100; n++) await store.save(key, { set: texts({ n }) })
    const meta = async () => String(await client.hget(store.prefix + key, 'meta')).split(' ')
    expect((await meta()).length).toBe(4 + 64)
    expect((await meta()).join(' ').length).toBeLessThan(1200)
    const [, version, createdAt, expiresAt] = await meta()
    const longAgo = Array.from({ length: 40 }, (_, n) => writeOf(`earlier${n + 100}`, Date.now() - 60_000))
    await client.hset(store.prefix + key, 'meta', [1, version, createdAt, expiresAt, ...longAgo].join(' '))
    await store.save(key, { set: texts({ n: -1 }) })
    expect((await meta()).length).toBe(4 + 1)
  })

  test.each(['before', 'within', 'after'] as const)(
    'by a driver whose connection breaks %s it: ioredis sends it again, and it is saved once',
    async (when) => {
      const proxy = await startTcpProxy(port)
      try {
        const client = connect(proxy.port)
        const store = openStore(client, { deadline: 30_000 })
        const key = newKey()
        await store.create(key, newRecord({ count: 0 }))
        const isScript = (chunk: Buffer) => chunk.includes('evalsha')
        for (let count = 1; count <= 5; count++) {
          const cut = proxy.cutOnce({ when, request: isScript })
          const saved = await store.save(key, { set: texts({ count }) }, { ifVersion: count - 1 })
          await cut
          expect(saved).toMatchObject({
            outcome: 'saved',
            record: { version: count, values: texts({ count }) },
          })
        }
        const another = newKey()
        const cut = proxy.cutOnce({ when, request: isScript })
        expect(await store.create(another, newRecord())).toBe(true)
        await cut
        expect(await store.load(another)).toMatchObject({ version: 0 })
      } finally {
        await proxy.close()
      }
    },
  )
})
