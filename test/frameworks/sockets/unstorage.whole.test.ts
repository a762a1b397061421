import { setTimeout as delay } from 'node:timers/promises'
import { createStorage, prefixStorage } from 'unstorage'
import { describe, expect, test } from 'vitest'
import type { SessionStore } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { untornDriver } from '../../../src/unstorage.ts'
import { STORES } from '../../sockets/stores.ts'

const over = (store: SessionStore) => {
  const driver = untornDriver({ store })
  return { driver, storage: createStorage({ driver }) }
}

describe.each(Object.entries(STORES))('unstorage over %s', (_, make) => {
  test('every kind of value comes back as it was', async () => {
    const { storage } = over(make())
    const values: Record<string, unknown> = {
      text: 'some text',
      json: '{"a": 1,  "b":[2]}',
      number: 42,
      none: null,
      yes: true,
      list: [1, { two: 2 }],
      object: { a: 1, b: { c: 'd' }, 'untorn:text': 'a name of its own' },
      plain: { a: 1, 2: 'two', __proto__x: [] },
      empty: {},
      'no text': '',
    }
    for (const [key, value] of Object.entries(values)) await storage.setItem(key, value as object)
    for (const [key, value] of Object.entries(values)) {
      const expected = typeof value === 'string' && value.startsWith('{') ? JSON.parse(value) : value
      expect([key, await storage.getItem(key)]).toEqual([key, expected === '' ? '' : expected])
    }
  })

  test('raw bytes come back as they were', async () => {
    const { storage } = over(make())
    const bytes = new Uint8Array([0, 1, 254, 255])
    await storage.setItemRaw('bytes', bytes)
    expect(new Uint8Array((await storage.getItemRaw('bytes'))!)).toEqual(bytes)
  })

  test('an item is there, is changed, is removed, is there again', async () => {
    const { storage } = over(make())
    expect(await storage.hasItem('k')).toBe(false)
    expect(await storage.getItem('k')).toBeNull()
    await storage.setItem('k', { a: 1, b: 2 })
    expect(await storage.hasItem('k')).toBe(true)
    await storage.setItem('k', { b: 3 })
    expect(await storage.getItem('k')).toEqual({ b: 3 })
    await storage.setItem('k', 'a text')
    expect(await storage.getItem('k')).toBe('a text')
    await storage.removeItem('k')
    expect(await storage.getItem('k')).toBeNull()
    await storage.removeItem('k')
    await storage.setItem('k', { c: 1 })
    expect(await storage.getItem('k')).toEqual({ c: 1 })
  })

  test('an item that was removed elsewhere can be set by whoever has not read it', async () => {
    const store = make()
    const [here, there] = [over(store).storage, over(store).storage]
    await here.setItem('k', 1)
    await there.removeItem('k')
    await new Promise<void>((done) => setImmediate(done))
    await here.removeItem('k')
    await here.setItem('k', 2)
    expect(await there.getItem('k')).toBe(2)
  })

  test('keys of any length and with any sign are listed by their base, and cleared by it', async () => {
    const { driver, storage } = over(make())
    const long = `a:${'x'.repeat(500)}`
    for (const key of ['a:1', 'a:b:2', long, 'ab', 'ü:%']) await storage.setItem(key, key)
    expect((await storage.getKeys()).sort()).toEqual(['a:1', 'a:b:2', long, 'ab', 'ü:%'].sort())
    expect((await storage.getKeys('a')).sort()).toEqual(['a:1', 'a:b:2', long].sort())
    await driver.clear('a:')
    expect((await storage.getKeys()).sort()).toEqual(['ab', 'ü:%'].sort())
    await storage.clear()
    expect(await storage.getKeys()).toEqual([])
  })

  test('mounted twice with names of their own, neither sees the other in one store', async () => {
    const store = make()
    const storage = createStorage()
    storage.mount('one', untornDriver({ store, app: 'one' }))
    storage.mount('two', untornDriver({ store, app: 'two' }))
    await storage.setItem('one:k', 1)
    await storage.setItem('two:k', 2)
    expect(await storage.getItem('one:k')).toBe(1)
    expect((await storage.getKeys()).sort()).toEqual(['one:k', 'two:k'])
    await prefixStorage(storage, 'one').clear()
    expect(await storage.getKeys()).toEqual(['two:k'])
  })

  test('a time to live is in seconds, and metadata tells it', async () => {
    const { storage } = over(make())
    await storage.setItem('short', 1, { ttl: 0.05 })
    await storage.setItem('long', 1, { ttl: 100 })
    expect((await storage.getMeta('long')).ttl).toBeGreaterThan(98)
    await delay(100)
    expect(await storage.getItem('short')).toBeNull()
    expect(await storage.getItem('long')).toBe(1)
    await storage.setItem('short', 2)
    expect(await storage.getItem('short')).toBe(2)
    await expect(storage.setItem('k', 1, { ttl: '5m' })).rejects.toMatchObject({
      code: 'UNTORN_INVALID_ARGUMENT',
    })
  })

  test('two requests that set different values keep both', async () => {
    const { storage } = over(make())
    await storage.setItem('k', { a: 0, b: 0, gone: 0 })
    const request = async (change: (item: Record<string, unknown>) => void) => {
      const item = (await storage.getItem<Record<string, unknown>>('k'))!
      await delay(30)
      change(item)
      await storage.setItem('k', item)
    }
    await Promise.all([
      request((item) => (item.a = 1)),
      request((item) => (item.b = 1)),
      request((item) => delete item.gone),
      request((item) => (item.c = 1)),
    ])
    expect(await storage.getItem('k')).toEqual({ a: 1, b: 1, c: 1 })
  })

  test('also where functions of their own read and write, within a request', async () => {
    const { driver, storage } = over(make())
    await storage.setItem('k', { a: 0, b: 0 })
    const read = async () => {
      await delay(1)
      return (await storage.getItem<Record<string, unknown>>('k'))!
    }
    const request = (name: string) =>
      driver.within(async () => {
        const item = await read()
        await delay(20)
        await storage.setItem('k', { ...item, [name]: 1 })
      })
    await Promise.all([request('a'), request('b'), request('c')])
    expect(await storage.getItem('k')).toEqual({ a: 1, b: 1, c: 1 })
  })

  test('what was removed while a request had it is not brought back', async () => {
    const store = make()
    const [here, there] = [over(store).storage, over(store).storage]
    await here.setItem('k', { a: 1 })
    const item = (await here.getItem<object>('k'))!
    await there.removeItem('k')
    await here.setItem('k', { ...item, b: 1 })
    expect(await here.getItem('k')).toBeNull()
    await here.setItem('k', { anew: 1 })
    expect(await here.getItem('k')).toEqual({ anew: 1 })
  })
})

test('a storage that is disposed of closes its store', async () => {
  const store = memoryStore()
  let closed = false
  const close = store.close.bind(store)
  store.close = () => {
    closed = true
    return close()
  }
  await over(store).storage.dispose()
  expect(closed).toBe(true)
})
