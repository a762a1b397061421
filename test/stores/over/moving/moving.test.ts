import { describe, expect, test } from 'vitest'
import { keyOfNoSession, type SessionKey } from '../../../../src/contract/key.ts'
import type { SessionRecord } from '../../../../src/contract/record.ts'
import type { Progress, SessionStore } from '../../../../src/contract/store.ts'
import { run } from '../../../../src/contract/wait.ts'
import { InvalidOptionError, StoreBusyError, StoreConfigError } from '../../../../src/index.ts'
import { memoryStore } from '../../../../src/memory.ts'
import { moving } from '../../../../src/moving.ts'
import { isMarked } from '../../../../src/stores/over/moving/marks.ts'
import { move } from '../../../../src/stores/over/moving/move.ts'
import { PlainStore } from '../../../support/plain-store.ts'
import { newKey, newRecord, texts } from '../../../support/records.ts'

/** Two stores that note what is called. */
function stores() {
  const [from, to] = [new PlainStore(), new PlainStore()]
  return { from, to, old: moving({ from, to, writeTo: 'from' }), now: moving({ from, to }) }
}

function createdIn(store: SessionStore, values: Record<string, unknown> = { user: 'Ada' }): SessionKey {
  const key = newKey()
  expect(store.create(key, newRecord(values, { owner: 'ada' }))).toBe(true)
  return key
}

async function listed(
  listing: AsyncIterable<[SessionKey, SessionRecord]>,
): Promise<[SessionKey, SessionRecord][]> {
  const all: [SessionKey, SessionRecord][] = []
  for await (const each of listing) all.push(each)
  return all
}

/** The methods that were called, `to` with a capital. */
function callsOf({ from, to }: { from: PlainStore; to: PlainStore }, work: () => unknown): string[] {
  const all: string[] = []
  from.between = ({ method }) => all.push(method)
  to.between = ({ method }) => all.push(method.toUpperCase())
  work()
  return all
}

describe('a session is moved', () => {
  test('when it is first saved, with all it has', () => {
    const { from, to, now } = stores()
    const key = createdIn(from, { user: 'Ada', cart: [1] })
    const before = from.load(key) as SessionRecord
    const saved = now.save(key, { set: texts({ seen: true }) })
    expect(saved).toMatchObject({ outcome: 'saved' })
    expect(from.all()).toEqual([])
    const after = to.only()
    expect(after).toEqual({
      ...before,
      version: expect.any(Number),
      values: texts({ user: 'Ada', cart: [1], seen: true }),
    })
    expect(after.version).toBeGreaterThan(before.version)
  })

  test('not by a load, nor by a process that writes to from', async () => {
    const { from, to, old, now } = stores()
    const key = createdIn(from)
    await now.load(key)
    await now.exists(key)
    await old.save(key, { set: texts({ seen: true }) })
    expect(from.only().values).toEqual(texts({ user: 'Ada', seen: true }))
    expect(to.all()).toEqual([])
  })

  test('and is then used there by a process that writes to from, too', async () => {
    const { from, to, old, now } = stores()
    const key = createdIn(from)
    await now.save(key, {})
    expect(old.save(key, { set: texts({ seen: true }) })).toMatchObject({ outcome: 'saved' })
    expect(old.load(key)).toEqual(to.only())
    expect(from.all()).toEqual([])
  })

  test('so that a save which names its version in from is saved, if nothing has changed', () => {
    const { from, now } = stores()
    const key = createdIn(from)
    expect(now.save(key, { set: texts({ count: 1 }) }, { ifVersion: 0 })).toMatchObject({ outcome: 'saved' })
    expect(now.save(key, { set: texts({ count: 2 }) }, { ifVersion: 0 })).toMatchObject({
      outcome: 'conflict',
    })
  })

  test('and new ones are created where its process writes to', () => {
    const { from, to, old, now } = stores()
    createdIn(old, { in: 'from' })
    createdIn(now, { in: 'to' })
    expect(from.only().values).toEqual(texts({ in: 'from' }))
    expect(to.only().values).toEqual(texts({ in: 'to' }))
  })
})

describe('it costs', () => {
  test('one call for a load and a save, once a session has moved', () => {
    const all = stores()
    const key = createdIn(all.to)
    expect(callsOf(all, () => all.now.load(key))).toEqual(['LOAD'])
    expect(callsOf(all, () => all.now.save(key, { set: texts({ a: 1 }) }))).toEqual(['SAVE'])
    expect(callsOf(all, () => all.now.exists(key))).toEqual(['LOAD'])
  })

  test('one call for a load of a session in from, and two for a save, in a process that writes there', () => {
    const all = stores()
    const key = createdIn(all.from)
    expect(callsOf(all, () => all.old.load(key))).toEqual(['load'])
    expect(callsOf(all, () => all.old.save(key, { set: texts({ a: 1 }) }))).toEqual(['load', 'save'])
    expect(callsOf(all, () => all.old.save(key, { set: texts({ a: 2 }) }, { ifVersion: 1 }))).toEqual([
      'save',
    ])
  })

  test('as many calls as are documented for the others', () => {
    const all = stores()
    const key = createdIn(all.from)
    expect(callsOf(all, () => all.now.load(key))).toEqual(['LOAD', 'load'])
    expect(callsOf(all, () => all.now.load(newKey()))).toEqual(['LOAD', 'load', 'LOAD'])
    const first = callsOf(all, () => all.now.save(key, { set: texts({ a: 1 }) }))
    expect(first).toEqual(['SAVE', 'load', 'save', 'CREATE', 'save', 'SAVE', 'delete', 'SAVE'])
    expect(callsOf(all, () => all.now.create(newKey(), newRecord()))).toEqual(['exists', 'CREATE'])
    expect(callsOf(all, () => all.now.delete(key))).toEqual(['load', 'SAVE', 'DELETE'])
    const other = createdIn(all.from)
    expect(callsOf(all, () => all.now.delete(other))).toEqual(['load', 'save', 'delete'])
  })
})

/** A move that ended before each of its calls, as by the death of its process. */
async function* interruptedMoves() {
  for (let calls = 1; ; calls++) {
    const all = stores()
    const key = createdIn(all.from)
    let left = calls
    const dies = (): void => {
      if (left-- === 0) throw new Error('dead')
    }
    all.from.between = dies
    all.to.between = dies
    let over = false
    try {
      await run(move(all, key))
      over = true
    } catch (error) {
      expect(error).toMatchObject({ message: 'dead' })
    }
    all.from.between = all.to.between = () => {}
    if (over) return
    yield { ...all, key }
  }
}

describe('after a process has died amid a move', () => {
  test('a session is listed once, as it was, and without marks', async () => {
    let moments = 0
    for await (const { old, now, key } of interruptedMoves()) {
      moments++
      for (const store of [old, now]) {
        const all = await listed(store.records())
        expect(all.map(([each]) => each)).toEqual([key])
        expect(all[0]![1]).toMatchObject({ values: texts({ user: 'Ada' }), owner: 'ada' })
        expect(store.load(key)).toEqual(all[0]![1])
      }
    }
    expect(moments).toBe(5)
  })

  test('the next save finishes it, and a mover of all sessions removes what is left', async () => {
    for await (const { from, to, now, old, key } of interruptedMoves()) {
      expect(now.save(key, { set: texts({ seen: true }) })).toMatchObject({ outcome: 'saved' })
      expect(old.load(key)).toEqual(to.only())
      await run(move({ from, to }, key))
      expect(from.all()).toEqual([])
      expect(to.only().values).toEqual(texts({ user: 'Ada', seen: true }))
    }
  })

  test('a delete ends it, and says so once', async () => {
    for await (const { from, to, now, old, key } of interruptedMoves()) {
      expect(now.delete(key)).toBe(true)
      expect([...from.all(), ...to.all()]).toEqual([])
      expect(old.delete(key)).toBe(false)
    }
  })
})

describe('of two processes that create one record, in a store each', () => {
  // Sessions are not asked for: nobody draws an id twice.
  const key = keyOfNoSession('a note')

  test.each(['from', 'to'] as const)(
    'the one that has looked before the other creates it, and creates it afterwards in `%s`, takes it back',
    (side) => {
      const { from, to, old, now } = stores()
      const held = side === 'from' ? from : to
      const [late, first] = side === 'from' ? [old, now] : [now, old]
      let firstCreates: unknown
      held.between = ({ method }) => {
        if (method !== 'create') return
        held.between = () => {}
        firstCreates = first.create(key, newRecord({ by: 'the first' }))
      }
      expect([late.create(key, newRecord({ by: 'the late one' })), firstCreates]).toEqual([false, true])
      expect(held.load(key)).toBeUndefined()
      for (const store of [old, now])
        expect(store.load(key)).toMatchObject({ values: texts({ by: 'the first' }) })
    },
  )
})

test('a session that moves while sessions are listed is met once', async () => {
  const { from, old, now } = stores()
  const keys = Array.from({ length: 20 }, () => createdIn(from))
  for (const store of [old, now]) {
    const met: SessionKey[] = []
    for await (const [key] of store.records()) {
      met.push(key)
      await now.save(keys[(met.length * 7) % keys.length]!, { set: texts({ seen: true }) })
    }
    expect(met.sort()).toEqual([...keys].sort())
  }
})

test('a sweep of both reports one progress, to the end', async () => {
  const [from, to] = [memoryStore(), memoryStore()]
  const past = { createdAt: 1, expiresAt: 2 }
  for (const store of [from, to]) store.create(newKey(), newRecord({}, past))
  const reports: Progress[] = []
  const swept = await moving({ from, to }).clearExpired({ onProgress: (each) => reports.push({ ...each }) })
  expect(swept).toEqual({ scanned: 2, removed: 2 })
  expect(reports.at(-1)).toEqual({ done: 2000, total: 2000, scanned: 2, removed: 2 })
})

test('what one of the stores can not do, both can not', () => {
  const [from, to] = [memoryStore(), memoryStore()]
  expect(moving({ from, to }).loadsAtOnce).toBe(true)
  expect(moving({ from, to }).byOwner).toBeDefined()
  const other = new PlainStore()
  expect(moving({ from, to: other }).loadsAtOnce).toBe(false)
  expect(moving({ from, to: other }).byOwner).toBeUndefined()
})

test('closing it closes both, and fails where one of them does', async () => {
  const { from, to, now } = stores()
  await now.close()
  expect([from.closed, to.closed]).toEqual([true, true])
  const error = new Error('not closed')
  const failing = Object.assign(new PlainStore(), { close: () => Promise.reject(error) })
  const other = new PlainStore()
  await expect(moving({ from: failing, to: other }).close()).rejects.toBe(error)
  expect(other.closed).toBe(true)
})

describe('it refuses', () => {
  const { from, to } = stores()

  test.each([
    ['no options', undefined, 'options'],
    ['no from', { to }, 'from'],
    ['what is no store', { from, to: {} }, 'to'],
    ['one store twice', { from, to: from }, 'to'],
    ['a store that moves', { from: moving({ from, to }), to: new PlainStore() }, 'from'],
    ['another side', { from, to, writeTo: 'both' }, 'writeTo'],
    ['another option', { from, to, write: 'to' }, 'write'],
  ])('%s', (_, options, option) => {
    const call = () => moving(options as never)
    expect(call).toThrow(InvalidOptionError)
    expect(call).toThrow(expect.objectContaining({ option }))
  })

  test('to move a session to a store that has another one under its key', async () => {
    const all = stores()
    const key = createdIn(all.from)
    await all.to.create(key, newRecord({ user: 'Eve' }))
    expect(() => run(move(all, key))).toThrow(StoreBusyError)
    // The mark does no harm to the one that is there.
    expect(all.now.load(key)).toMatchObject({ values: texts({ user: 'Eve' }) })
  })

  test('to move to a store that does not keep versions', () => {
    const from = new PlainStore()
    const to = new PlainStore()
    const forgetful = new Proxy(to, {
      get: (store, name) =>
        name === 'create'
          ? (key: SessionKey, { version: _, ...record }: SessionRecord) => store.create(key, record)
          : typeof store[name as keyof PlainStore] === 'function'
            ? (store[name as keyof PlainStore] as () => unknown).bind(store)
            : store[name as keyof PlainStore],
    })
    const store = moving({ from, to: forgetful })
    const key = createdIn(from)
    expect(() => store.save(key, { set: texts({ seen: true }) })).toThrow(StoreConfigError)
    expect(isMarked(from.only())).toBe(true)
  })

  test('what a move the other way has left', () => {
    for (const mark of ['untorn:sealed', 'untorn:pending']) {
      const { from, to, now } = stores()
      const there = mark === 'untorn:sealed' ? to : from
      const key = createdIn(there)
      there.plant(key, mark, '{"version":0,"attempt":1,"attempts":1}')
      expect(() => now.load(key)).toThrow(StoreConfigError)
      expect(() => now.save(key, { expiresAt: Date.now() + 1 })).toThrow(StoreConfigError)
    }
  })

  test('to guess what the mark of a later release means', () => {
    const { from, now } = stores()
    const key = createdIn(from)
    from.plant(key, 'untorn:sealed', '"secret text"')
    const call = () => now.load(key)
    expect(call).toThrow(StoreConfigError)
    expect(call).not.toThrow(/secret/)
  })
})

test.each(['from', 'to'] as const)(
  'what is given to one that writes to `%s` is the caller’s again at once',
  async (writeTo) => {
    // Each call comes after others.
    const async = (store: SessionStore) => {
      const slow = new PlainStore()
      slow.exists = async (key) => store.exists(key)
      slow.load = async (key) => store.load(key)
      slow.create = async (key, record) => store.create(key, record)
      slow.save = async (key, change, options) => store.save(key, change, options)
      slow.delete = async (key) => store.delete(key)
      return slow
    }
    const from = memoryStore()
    const store = moving({ from: async(from), to: async(memoryStore()), writeTo })
    const key = newKey()
    const record = { ...newRecord(), values: texts({ n: 1 }) }
    const creating = store.create(key, record)
    record.values.set('n', '666')
    expect(await creating).toBe(true)
    expect((await store.load(key))?.values).toEqual(texts({ n: 1 }))
    const old = createdIn(from, { n: 1 })
    const change = { set: texts({ n: 2 }), delete: ['nothing'] }
    const saving = store.save(old, change)
    change.set.set('n', '666')
    change.delete.push('n')
    expect(await saving).toMatchObject({ outcome: 'saved' })
    expect((await store.load(old))?.values).toEqual(texts({ n: 2 }))
  },
)

describe('what stores may have beside the sessions', () => {
  test('the id is given to both, for those that find a session by it', () => {
    const { from, to, old, now } = stores()
    const given: unknown[] = []
    for (const store of [from, to]) {
      Object.assign(store, {
        load(_key: SessionKey, options: unknown) {
          given.push(options)
        },
      })
    }
    for (const store of [old, now]) store.load(newKey(), { id: 'its id' })
    expect(given).toEqual(Array.from({ length: 5 }, () => ({ id: 'its id' })))
  })

  test('the time is that of the store that is written to', async () => {
    const { from, to, old, now } = stores()
    expect(Math.abs((await now.now()) - Date.now())).toBeLessThan(60_000)
    Object.assign(from, { now: () => 1 })
    Object.assign(to, { now: async () => 2 })
    expect(old.now()).toBe(1)
    expect(await now.now()).toBe(2)
  })

  test('a count is that of both, and there where both can count', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    createdIn(from)
    createdIn(to)
    expect(await moving({ from, to }).count!()).toBe(2)
    expect(moving({ from, to: new PlainStore() }).count).toBeUndefined()
  })
})
