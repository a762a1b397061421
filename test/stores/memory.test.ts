import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { keyOfNoSession, type SessionKey, sessionKey } from '../../src/contract/key.ts'
import type { NewRecord } from '../../src/contract/record.ts'
import type { Progress } from '../../src/contract/store.ts'
import { InvalidOptionError, MisuseError, StoreUnavailableError } from '../../src/errors.ts'
import { type MemoryStore, memoryStore } from '../../src/memory.ts'

const HOUR = 3_600_000
const MANY = 50_000

const keys: SessionKey[] = []

/** The key of the nth session. */
function key(n: number): SessionKey {
  keys[n] ??= sessionKey(`session ${n}`)
  return keys[n]
}

const record = (expiresAt = Date.now() + HOUR): NewRecord => ({
  values: new Map([['user', '"ada"']]),
  createdAt: Date.now(),
  expiresAt,
  owner: 'ada',
})

const expired = (): NewRecord => record(Date.now() - HOUR)

function filled(count: number, store = memoryStore()): MemoryStore {
  for (let n = 0; n < count; n++) store.create(key(n), record())
  return store
}

let many: MemoryStore | undefined

/** Many sessions, for those who leave them as they are. */
function manyLeftAlone(): MemoryStore {
  many ??= filled(MANY)
  return many
}

/** How many sessions the store holds, the expired ones that nobody has met included. */
const held = async (store: MemoryStore) => (await store.clearExpired()).scanned

/** How often the event loop came round while something was under way. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0
  let working = true
  const count = () => {
    turns++
    if (working) setImmediate(count)
  }
  setImmediate(count)
  await work.finally(() => (working = false))
  return turns
}

async function listAll(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const _ of items) count++
  return count
}

test('every answer about one session is there at once', () => {
  const store = memoryStore()
  expect(store.loadsAtOnce).toBe(true)
  expect(store.create(key(1), record())).toBe(true)
  expect(store.load(key(1))?.version).toBe(0)
  expect(store.save(key(1), { delete: ['user'] }).outcome).toBe('saved')
  expect(store.exists(key(1))).toBe(true)
  expect(store.delete(key(1))).toBe(true)
  expect(store.close()).toBeUndefined()
})

test('an id in place of a key is refused by an error that says what to pass and does not quote it', () => {
  const id = 'kJ8-vYQxW3u5mQm0s1Zy7n2aVb_4cDeF6gHiJkLmNoP'
  const load = () => memoryStore().load(id as SessionKey)
  expect(load).toThrow(TypeError)
  expect(load).toThrow(/lower-case hex SHA-256 that `sessionKey\(id\)` returns/)
  expect(load).not.toThrow(new RegExp(id.slice(0, 8)))
})

describe('an expired session is removed when it is met', () => {
  const meetings: Record<string, (store: MemoryStore) => unknown> = {
    load: (store) => store.load(key(1)),
    save: (store) => store.save(key(1), {}),
    exists: (store) => store.exists(key(1)),
    delete: (store) => store.delete(key(1)),
    records: (store) => listAll(store.records()),
    byOwner: (store) => listAll(store.byOwner('ada')),
  }
  for (const [verb, meet] of Object.entries(meetings)) {
    test(`by ${verb}`, async () => {
      const store = memoryStore()
      store.create(key(1), expired())
      await meet(store)
      expect(await held(store)).toBe(0)
    })
  }
})

describe('memory stays bounded', () => {
  test('where nobody sweeps, new sessions clear away what has expired', async () => {
    const store = memoryStore()
    for (let n = 0; n < 20_000; n++) store.create(key(n), expired())
    expect(await held(store)).toBeLessThanOrEqual(1000)
  })

  test('the clearing away goes round and round, whatever was created and deleted on the way', async () => {
    const store = filled(1500)
    for (let round = 1; round <= 10; round++) {
      for (let n = 0; n < 1500; n++) store.save(key(1500 * (round - 1) + n), { expiresAt: 0 })
      for (let n = 0; n < 1500; n++) store.create(key(1500 * round + n), record())
    }
    expect(await held(store)).toBeLessThan(4500)
    expect(await listAll(store.records())).toBe(1500)
  })

  test('without maxSessions there is no limit', () => {
    expect(filled(5000).exists(key(4999))).toBe(true)
  })

  test('a full store refuses a new session and signs nobody out', async () => {
    const store = filled(3, memoryStore({ maxSessions: 3 }))
    expect(() => store.create(key(3), record())).toThrow(StoreUnavailableError)
    expect(() => store.create(key(3), record())).toThrow(/holds 3 live sessions.*`maxSessions`/)
    expect(await listAll(store.records())).toBe(3)
    expect(store.exists(key(3))).toBe(false)
  })

  test('the notes that ids were replaced take no room from sessions, and are bounded by the same number', () => {
    const store = filled(2, memoryStore({ maxSessions: 3 }))
    const note = (n: number) => keyOfNoSession(`replaced ${n}`)
    for (const n of [0, 1, 2]) expect(store.create(note(n), record())).toBe(true)
    expect(store.create(key(2), record())).toBe(true)
    expect(() => store.create(key(3), record())).toThrow(/holds 3 live sessions/)
    expect(() => store.create(note(3), record())).toThrow(
      /holds 3 records that are no sessions.*Raise the option/,
    )
    store.save(note(0), { expiresAt: 0 })
    expect(store.create(note(3), record())).toBe(true)
    store.delete(note(1))
    store.delete(note(1))
    store.save(note(2), { delete: ['user'] })
    expect(store.create(note(4), record())).toBe(true)
    expect(() => store.create(note(5), record())).toThrow(StoreUnavailableError)
    store.delete(key(0))
    expect(store.create(key(3), record())).toBe(true)
  })

  test('a full store still saves the sessions that it has', () => {
    const store = filled(3, memoryStore({ maxSessions: 3 }))
    expect(store.save(key(0), { delete: ['user'] }).outcome).toBe('saved')
    expect(store.create(key(0), record())).toBe(false)
  })

  test('a full store has room again when a session is deleted, has expired or is ended', () => {
    const store = filled(3, memoryStore({ maxSessions: 3 }))
    store.delete(key(0))
    expect(store.create(key(3), record())).toBe(true)
    store.save(key(1), { expiresAt: 0 })
    expect(store.create(key(4), expired())).toBe(true)
    expect(store.create(key(5), record())).toBe(true)
    expect(() => store.create(key(6), record())).toThrow(StoreUnavailableError)
    for (const live of [2, 3, 5]) expect(store.exists(key(live))).toBe(true)
  })

  test('a full store finds room for each session that expires, and again after it found none', () => {
    const store = filled(3, memoryStore({ maxSessions: 3 }))
    for (let n = 0; n < 3; n++) {
      expect(() => store.create(key(10 + n), record())).toThrow(StoreUnavailableError)
      store.save(key(n), { expiresAt: Date.now() })
      expect(store.create(key(10 + n), record())).toBe(true)
    }
  })

  test('a full store has room when a session expires that was still alive at its last look', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const store = filled(2, memoryStore({ maxSessions: 4 }))
    const expiresAt = Date.now() + 300
    store.create(key(2), record(expiresAt))
    store.create(key(3), expired())
    // Takes the place of the expired one, which makes the store look through all that it has.
    store.create(key(4), record())
    expect(() => store.create(key(5), record())).toThrow(StoreUnavailableError)
    vi.setSystemTime(expiresAt + 1)
    expect(store.create(key(5), record())).toBe(true)
  })

  test.each([null, 5, { maxSesions: 5 }])('memoryStore(%j) is an invalid option', (options) => {
    expect(() => memoryStore(options as never)).toThrow(InvalidOptionError)
  })

  for (const maxSessions of [0, -1, 1.5, Number.NaN, '10' as unknown as number]) {
    test(`maxSessions: ${typeof maxSessions} ${maxSessions} is an invalid option`, () => {
      expect(() => memoryStore({ maxSessions })).toThrow(InvalidOptionError)
    })
  }
})

describe('a sweep of many sessions', () => {
  test('lets requests through', async () => {
    expect(await turnsDuring(manyLeftAlone().clearExpired())).toBeGreaterThan(0)
  })

  test('reports its progress on the way', async () => {
    const reports: Progress[] = []
    await manyLeftAlone().clearExpired({ onProgress: (report) => reports.push(report) })
    expect(reports.length).toBeGreaterThan(1)
    expect(reports.at(-1)).toEqual({ done: MANY, total: MANY, scanned: MANY, removed: 0 })
    expect(reports[0]!.done).toBeLessThan(MANY)
  })

  test('goes by what each session is when its turn comes', async () => {
    const store = filled(MANY)
    let ended = false
    const onProgress = () => {
      if (!ended) store.save(key(MANY - 1), { expiresAt: 0 })
      ended = true
    }
    expect((await store.clearExpired({ onProgress })).removed).toBe(1)
  })

  test('ends, though new sessions come all the time', async () => {
    const store = filled(MANY)
    let next = MANY
    const { scanned } = await store.clearExpired({
      onProgress: () => {
        for (let n = 0; n < 1000 && next < 2 * MANY; n++) store.create(key(next++), record())
      },
    })
    expect(scanned).toBe(MANY)
  })

  test('stops midway when it is aborted, and can be taken up again', async () => {
    const store = filled(MANY)
    for (let n = 0; n < MANY; n += 2) store.save(key(n), { expiresAt: 0 })
    const reason = new Error('shutting down')
    const aborter = new AbortController()
    const reports: Progress[] = []
    const sweep = store.clearExpired({
      signal: aborter.signal,
      onProgress: (report) => {
        reports.push(report)
        aborter.abort(reason)
      },
    })
    await expect(sweep).rejects.toBe(reason)
    expect(reports).toHaveLength(1)
    expect(reports[0]!.removed).toBeGreaterThan(0)
    expect((await store.clearExpired()).removed).toBe(MANY / 2 - reports[0]!.removed)
  })

  test('stops at a signal that comes from outside, while it waits', async () => {
    const reason = new Error('shutting down')
    const aborter = new AbortController()
    const sweep = manyLeftAlone().clearExpired({ signal: aborter.signal })
    setImmediate(() => aborter.abort(reason))
    await expect(sweep).rejects.toBe(reason)
  })
})

test('a list of many sessions lets requests through', async () => {
  const store = manyLeftAlone()
  expect(await turnsDuring(listAll(store.records()))).toBeGreaterThan(0)
  expect(await turnsDuring(listAll(store.byOwner('nobody')))).toBeGreaterThan(0)
})

test('a list shows each session as it is when its turn comes', async () => {
  const store = filled(2)
  const versions: number[] = []
  for await (const [, { version }] of store.records()) {
    versions.push(version)
    store.save(key(1), { delete: ['user'] })
  }
  expect(versions).toEqual([0, 1])
})

describe('after close', () => {
  const calls: Record<string, (store: MemoryStore) => unknown> = {
    create: (store) => store.create(key(1), record()),
    load: (store) => store.load(key(0)),
    save: (store) => store.save(key(0), {}),
    exists: (store) => store.exists(key(0)),
    delete: (store) => store.delete(key(0)),
    clearExpired: (store) => store.clearExpired(),
    records: (store) => listAll(store.records()),
    byOwner: (store) => listAll(store.byOwner('ada')),
  }
  for (const [verb, call] of Object.entries(calls)) {
    test(`${verb} says that the store is closed, not that nobody is signed in`, async () => {
      const store = filled(1)
      store.close()
      await expect(async () => call(store)).rejects.toThrow(MisuseError)
    })
  }

  test('a sweep that was under way says so', async () => {
    const store = filled(MANY)
    const sweep = store.clearExpired()
    store.close()
    await expect(sweep).rejects.toThrow(MisuseError)
  })

  test('a list that was under way says so, even at its end', async () => {
    const store = filled(1)
    const list = async () => {
      for await (const _ of store.records()) store.close()
    }
    await expect(list).rejects.toThrow(MisuseError)
  })
})
