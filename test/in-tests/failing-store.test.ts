import { describe, expect, test } from 'vitest'
import { StoreBusyError, StoreUnavailableError } from '../../src/errors.ts'
import { createSessions, type SessionStore } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { minimalStore } from '../../src/testing/minimal-store.ts'
import { newKey, newRecord } from '../../src/testing/samples.ts'
import { cookieFor, failingStore, type StoreCall } from '../../src/testing.ts'
import { delayedStore } from '../testing/delayed-store.ts'
import { failing, testConformance } from '../testing/run-cases.ts'

const reopen = 'nobody else sees the memory of this process'

describe('a store that is not told to fail keeps every promise', () =>
  testConformance({ open: () => failingStore(memoryStore()), without: { reopen } }))

describe('one that fails is noticed by the conformance suite', () => {
  const CALLS: StoreCall[] = [
    'create',
    'load',
    'save',
    'exists',
    'delete',
    'clearExpired',
    'records',
    'byOwner',
    'count',
  ]

  test.each(CALLS)('%s', async (call) => {
    const open = () => {
      const store = failingStore(memoryStore())
      store.fail(call)
      return store
    }
    expect(await failing({ open, without: { reopen } })).not.toEqual([])
  })

  test('where its answers are lost, though all is carried out', async () => {
    const open = () => {
      const store = failingStore(memoryStore())
      store.fail('save', { carriedOut: true, times: 1 })
      return store
    }
    expect(await failing({ open, without: { reopen } })).not.toEqual([])
  })
})

describe.each<[kind: string, make: () => SessionStore]>([
  ['that answers at once', memoryStore],
  ['that answers later', () => delayedStore(memoryStore())],
])('a store %s', (kind, make) => {
  const key = newKey()
  const isSync = kind.endsWith('at once')

  /** What a call threw, or rejected with, as the store behind it would. */
  async function errorOf(call: () => unknown): Promise<unknown> {
    let answer: unknown
    try {
      answer = call()
    } catch (error) {
      expect(isSync).toBe(true)
      return error
    }
    return Promise.resolve(answer).then(
      () => undefined,
      (error) => {
        expect(isSync).toBe(false)
        return error
      },
    )
  }

  test('fails as often as it is told, with the error of real ones', async () => {
    const store = failingStore(make())
    store.fail('load', { times: 2 })
    store.fail('save', { error: 'busy' })
    const errors = []
    for (let n = 0; n < 3; n++) errors.push(await errorOf(() => store.load(key)))
    expect(errors).toEqual([expect.any(StoreUnavailableError), expect.any(StoreUnavailableError), undefined])
    expect(errors[0]).not.toBe(errors[1])
    for (let n = 0; n < 3; n++)
      expect(await errorOf(() => store.save(key, {}))).toBeInstanceOf(StoreBusyError)
    expect(store.calls).toMatchObject({ load: 3, save: 3, create: 0 })
  })

  test('works again once it is healed, of one call or of all', async () => {
    const store = failingStore(make())
    const own = new Error('my own')
    store.fail(['load', 'exists', 'delete'], { error: own })
    expect(await errorOf(() => store.load(key))).toBe(own)
    store.heal('load')
    expect(await errorOf(() => store.load(key))).toBe(undefined)
    expect(await errorOf(() => store.exists(key))).toBe(own)
    store.heal()
    expect([await store.exists(key), await store.delete(key)]).toEqual([false, false])
  })

  test('loses the answer of what it has carried out, or does nothing', async () => {
    const store = failingStore(make())
    store.fail('create', { times: 1 })
    expect(await errorOf(() => store.create(key, newRecord()))).toBeInstanceOf(StoreUnavailableError)
    expect(await store.exists(key)).toBe(false)
    store.fail('create', { times: 1, carriedOut: true })
    expect(await errorOf(() => store.create(key, newRecord()))).toBeInstanceOf(StoreUnavailableError)
    expect(await store.exists(key)).toBe(true)
  })

  test('a listing fails where it is read', async () => {
    const store = failingStore(make())
    store.fail('records')
    const listing = store.records()[Symbol.asyncIterator]()
    await expect(listing.next()).rejects.toBeInstanceOf(StoreUnavailableError)
  })

  test('an application meets it: nothing is saved, and it is tried again', async () => {
    const store = failingStore(make())
    const sessions = createSessions<{ views: number }>({ store })
    const cookie = await cookieFor(sessions, { views: 1 })
    store.fail('save', { times: 1 })
    const session = await sessions.open(cookie, { secure: false })
    session.increment('views')
    await expect((async () => session.save())()).rejects.toMatchObject({ status: 503 })
    await session.commit()
    expect((await sessions.open(cookie, { secure: false })).get('views')).toBe(2)
  })
})

test('it can do what the store behind it can, and no more', () => {
  const store = failingStore(minimalStore())
  expect(['byOwner', 'count', 'now', 'loadsAtOnce'].filter((name) => name in store)).toEqual(
    ['byOwner', 'count', 'now', 'loadsAtOnce'].filter((name) => name in minimalStore()),
  )
})

test('misuse', () => {
  const store = failingStore(memoryStore())
  const invalid = (option: string) => expect.objectContaining({ code: 'UNTORN_INVALID_OPTION', option })
  expect(() => store.fail('lod' as never)).toThrow(invalid('call'))
  expect(() => store.heal('lod' as never)).toThrow(invalid('call'))
  expect(() => store.fail('load', { time: 1 } as never)).toThrow(invalid('time'))
  expect(() => store.fail('load', { times: 0 })).toThrow(invalid('times'))
  expect(() => store.fail('load', { error: 'gone' as never })).toThrow(invalid('error'))
  expect(() => store.fail('load', { carriedOut: 1 as never })).toThrow(invalid('carriedOut'))
  for (const wrong of [undefined, {}, memoryStore])
    expect(() => failingStore(wrong as never)).toThrow(invalid('store'))
})
