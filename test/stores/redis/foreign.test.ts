import { expect, test } from 'vitest'
import { copySessions } from '../../../src/copy.ts'
import { StoreConfigError } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startRedis } from '../../support/servers/redis.ts'
import { connect, openStore } from './on-redis.ts'

await describeWith('what somebody else keeps under the prefix', startRedis, ({ port }) => {
  const client = () => connect(port)

  test('and is no hash fails each call with what to do, and no listing', async () => {
    const redis = client()
    const store = openStore(redis)
    const key = newKey()
    await redis.set(store.prefix + key, 'text')
    const another = newKey()
    await store.create(another, newRecord())
    for (const call of [
      () => store.load(key),
      () => store.save(key, {}),
      () => store.save(key, { set: texts({ a: 1 }) }),
      () => store.create(key, newRecord()),
      () => store.exists(key),
    ]) {
      await expect(call()).rejects.toThrow(StoreConfigError)
      await expect(call()).rejects.toThrow(/`prefix` of its own/)
    }
    const listed = []
    for await (const [each] of store.records()) listed.push(each)
    expect(listed).toEqual([another])
    expect(await redis.get(store.prefix + key)).toBe('text')
  })

  test('is what a copy says that it has left out; what is left of a session that was ended is nothing', async () => {
    const redis = client()
    const from = openStore(redis)
    const [text, later, ended, live] = [newKey(), newKey(), newKey(), newKey()]
    await redis.set(from.prefix + text, 'text')
    await redis.hset(from.prefix + later, { meta: '2 0 1 9999999999999', '.user': '"ada"' })
    for (const key of [ended, live]) await from.create(key, newRecord())
    await from.delete(ended)
    expect(await redis.hgetall(from.prefix + ended)).toHaveProperty('ended')
    const done = await copySessions({ from, to: memoryStore() })
    expect(done).toMatchObject({ seen: 1, copied: 1, unreadable: 2 })
    for (const key of [text, later]) {
      expect(done.notRead).toContainEqual(
        expect.stringContaining(`${from.prefix}${key.slice(0, 8)}..." is no session`),
      )
      expect(done.notRead.join()).not.toContain(key)
    }
  })

  const BAD: Record<string, string>[] = [
    { user: 'ada' },
    { '.user': '"ada"' },
    { meta: '' },
    { meta: '1 0 0' },
    { meta: '1 x 1 1' },
    { meta: '1 1 x 1' },
    { meta: '1 1 1 x' },
    { meta: '2 0 1 9999999999999', '.user': '"ada"' },
    { meta: 'half of a re' },
  ]

  test.each(BAD.map((hash) => [JSON.stringify(hash), hash] as const))(
    'or is the hash %s: it is no session, and is kept',
    async (_, hash) => {
      const redis = client()
      const store = openStore(redis)
      const key = newKey()
      await redis.hset(store.prefix + key, hash)
      expect(await store.load(key)).toBeUndefined()
      expect(await store.save(key, {})).toEqual({ outcome: 'gone' })
      expect(await store.save(key, { set: texts({ a: 1 }) })).toEqual({ outcome: 'gone' })
      expect(await store.save(key, { expiresAt: Date.now() + 1000 }, { ifVersion: 0 })).toEqual({
        outcome: 'gone',
      })
      expect(await store.create(key, newRecord())).toBe(false)
      for await (const _entry of store.records()) expect.unreachable()
      expect(await redis.hgetall(store.prefix + key)).toEqual(hash)
    },
  )

  test('is not listed: keys that are longer, shorter or have other letters', async () => {
    const redis = client()
    const store = openStore(redis, { prefix: 'a*[b]?\\c-^:' })
    const key = newKey()
    await store.create(key, newRecord())
    const hash = (await redis.hgetall(store.prefix + key)) as Record<string, string>
    for (const name of [`${key}0`, key.slice(1), key.toUpperCase(), `x${key}`])
      await redis.hset(store.prefix + name, hash)
    await redis.hset(`aXb?c:${key}`, hash)
    const listed = []
    for await (const [each] of store.records()) listed.push(each)
    expect(listed).toEqual([key])
  })

  test('finds a session as it is documented: fields with a dot, the owner, the times', async () => {
    const redis = client()
    const store = openStore(redis)
    const key = newKey()
    const expiresAt = Date.now() + 60_000
    await store.create(
      key,
      newRecord({ cart: ['apple'] }, { owner: 'ada', createdAt: 17, expiresAt, version: 4 }),
    )
    const name = store.prefix + key
    expect(await redis.hget(name, '.cart')).toBe('["apple"]')
    expect(await redis.hget(name, 'owner')).toBe('ada')
    expect(await redis.hget(name, 'meta')).toMatch(new RegExp(`^1 4 17 ${expiresAt} \\S{17}$`))
    expect(await redis.hlen(name)).toBe(3)
    // The last millisecond in which it is there.
    expect(await redis.call('pexpiretime', name)).toBe(expiresAt - 1)
    await store.save(key, { delete: ['cart'], owner: null })
    expect(await redis.hkeys(name)).toEqual(['meta'])
    await store.save(key, { expiresAt: Number.MAX_VALUE })
    expect(await store.load(key)).toMatchObject({ version: 5, expiresAt: Number.MAX_VALUE })
  })
})
