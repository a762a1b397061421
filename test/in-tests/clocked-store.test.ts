import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { fileStore } from '../../src/file.ts'
import { createSessions, type SessionStore } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { newKey, newRecord } from '../../src/testing/samples.ts'
import { clockedStore, cookieFor, readSession } from '../../src/testing.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { delayedStore } from '../testing/delayed-store.ts'
import { testConformance } from '../testing/run-cases.ts'

const reopen = 'nobody else has its clock'

describe('a store with a clock to turn keeps every promise', () => {
  testConformance({ open: () => clockedStore(memoryStore()), without: { reopen } })
})

describe.concurrent('so does one whose clock was turned, and that answers later', () => {
  const open = () => {
    const store = clockedStore(delayedStore(memoryStore()))
    // The suite goes by the clock of this process: just enough that this one is another.
    store.advance('1ms')
    return store
  }
  testConformance({ open, without: { reopen } })
})

describe.each<[kind: string, make: () => SessionStore]>([
  ['memory', memoryStore],
  ['a store that answers later', () => delayedStore(memoryStore())],
  ['files', () => fileStore(temporaryDirectory())],
])('over %s', (_, make) => {
  function site() {
    const store = clockedStore(make())
    onTestFinished(async () => store.close())
    const sessions = createSessions<{ user: string; code: string }>({
      store,
      idleTimeout: '30m',
      lifetime: '1d',
    })
    return { store, sessions }
  }

  test('a session is over when its idle timeout is, and use extends it', async () => {
    const { store, sessions } = site()
    const [used, unused] = [
      await cookieFor(sessions, { user: 'ada' }),
      await cookieFor(sessions, { user: 'eve' }),
    ]
    store.advance('29m')
    const session = await sessions.open(used, { secure: false })
    expect(session.get('user')).toBe('ada')
    await session.commit()
    // A use is noted for a tenth of it, so that it ends that much later at the most.
    store.advance('5m')
    expect([await readSession(sessions, used), await readSession(sessions, unused)]).toEqual([
      { user: 'ada' },
      undefined,
    ])
  })

  test('its lifetime ends it however much it is used', async () => {
    const { store, sessions } = site()
    const cookie = await cookieFor(sessions, { user: 'ada' })
    for (let hours = 0; hours < 24; hours += 0.25) {
      const session = await sessions.open(cookie, { secure: false })
      expect(session.get('user'), `${hours}`).toBe('ada')
      await session.commit()
      store.advance('15m')
    }
    expect(await readSession(sessions, cookie)).toBe(undefined)
  })

  test('a value with an expiry, and a fresh sign-in', async () => {
    const { store, sessions } = site()
    const cookie = await cookieFor(sessions, { user: 'ada' }, { owner: 'ada' })
    const session = await sessions.open(cookie, { secure: false })
    session.set('code', '1234', { expiresIn: '5m' })
    await session.commit()
    session.requireFresh('10m')
    store.advance('6m')
    expect(await readSession(sessions, cookie)).toEqual({ user: 'ada' })
    store.advance('5m')
    const later = await sessions.open(cookie, { secure: false })
    expect(() => later.requireFresh('10m')).toThrow(
      expect.objectContaining({ code: 'UNTORN_FRESH_LOGIN_REQUIRED' }),
    )
  })

  test('what has expired is gone for every call, and its key is free', async () => {
    const { store } = site()
    const [key, other] = [newKey(), newKey()]
    const now = await store.now()
    const record = (minutes: number, owner: string) => ({
      ...newRecord(),
      owner,
      expiresAt: now + minutes * 60_000,
    })
    const keysOf = async (records: AsyncIterable<[string, unknown]>) => {
      const keys = []
      for await (const [key] of records) keys.push(key)
      return keys
    }
    await store.create(key, record(10, 'ada'))
    await store.create(other, record(30, 'ada'))
    expect(await store.create(key, record(10, 'ada'))).toBe(false)
    store.advance('11m')
    expect(await store.load(key)).toBe(undefined)
    expect([await keysOf(store.records()), await keysOf(store.byOwner!('ada'))]).toEqual([[other], [other]])
    expect(await store.create(key, record(20, 'eve'))).toBe(true)
    store.advance('10m')
    expect(await store.save(key, { set: new Map([['a', '1']]) })).toMatchObject({ outcome: 'gone' })
    expect([await store.exists(key), await store.delete(key)]).toEqual([false, false])
    await store.create(key, record(22, 'eve'))
    store.advance('2m')
    expect(await store.clearExpired()).toMatchObject({ removed: 1 })
    expect(await store.count!()).toBe(1)
  })

  test('beside a Date that stands still', async () => {
    const { store, sessions } = site()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    onTestFinished(() => void vi.useRealTimers())
    const cookie = await cookieFor(sessions, { user: 'ada' })
    store.advance('34m')
    expect(await readSession(sessions, cookie)).toBe(undefined)
  })
})

test('without it a fake Date does the same to memory and files', async () => {
  for (const store of [memoryStore(), fileStore(temporaryDirectory())]) {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const sessions = createSessions({ store, idleTimeout: '30m' })
    const cookie = await cookieFor(sessions, { user: 'ada' })
    vi.setSystemTime(Date.now() + 34 * 60_000)
    expect(await readSession(sessions, cookie)).toBe(undefined)
    vi.useRealTimers()
    await store.close()
  }
})

test('misuse', () => {
  const store = clockedStore(memoryStore())
  for (const wrong of [5, -1000, '1 fortnight', undefined])
    expect(() => store.advance(wrong as never)).toThrow(
      expect.objectContaining({ code: 'UNTORN_INVALID_OPTION' }),
    )
  expect(() => clockedStore({} as never)).toThrow(
    expect.objectContaining({ code: 'UNTORN_INVALID_OPTION', option: 'store' }),
  )
})
