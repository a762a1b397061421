import { describe, expect, test } from 'vitest'
import { keyOfNoSession } from '../../src/contract/key.ts'
import { copySessions, verifySessions } from '../../src/copy.ts'
import type { SessionKey, SessionStore } from '../../src/index.ts'
import { type MemoryStore, memoryStore } from '../../src/memory.ts'
import { newKey, newRecord, texts } from '../support/records.ts'
import { fill } from './sessions.ts'

const COUNT = 40

/** Two stores with the same sessions, and the keys of these. */
async function copied() {
  const [from, to] = [memoryStore(), memoryStore()]
  const keys = [...(await fill(from, COUNT)).keys()]
  await copySessions({ from, to })
  return { from, to, keys }
}

const CLEAN = { newer: 0, ended: 0, different: 0, differences: [] }

describe('a comparison of two stores', () => {
  test('finds what is the same: each session is compared', async () => {
    const { from, to } = await copied()
    const found = await verifySessions({ from, to })
    expect(found).toMatchObject({ ...CLEAN, ok: true, from: COUNT, same: COUNT })
  })

  test('tells of a note that is not in the target, which is no session and counted as none', async () => {
    const { from, to } = await copied()
    const [one, other] = ['one', 'other'].map(keyOfNoSession) as [SessionKey, SessionKey]
    for (const key of [one, other]) from.create(key, newRecord({ at: 1 }))
    await copySessions({ from, to })
    expect(await verifySessions({ from, to })).toMatchObject({ ...CLEAN, ok: true, from: COUNT, others: 0 })
    to.delete(one)
    to.save(other, { set: texts({ at: 2 }) })
    from.save(other, { owner: 'ada' })
    const missing = { key: one.slice(0, 8), kind: 'missing', parts: [] }
    expect(await verifySessions({ from, to })).toMatchObject({
      ...{ ok: false, from: COUNT, same: COUNT, different: 0, others: 1, differences: [missing] },
    })
  })

  test('says how many the target has, where that can count', async () => {
    const { from, to } = await copied()
    expect(await verifySessions({ from, to: withCount(to, 41) })).toMatchObject({ from: COUNT, to: 41 })
    expect(await verifySessions({ from, to: withCount(to, undefined) })).toMatchObject({ to: undefined })
  })

  test.each<
    [string, (from: MemoryStore, to: MemoryStore, key: ReturnType<typeof newKey>) => unknown, object]
  >([
    ['is missing', (_, to, key) => to.delete(key), { kind: 'missing', parts: [] }],
    [
      'was changed in the source since',
      (from, _, key) => from.save(key, { set: texts({ a: 'new' }) }),
      { kind: 'behind', parts: ['version', 'values'] },
    ],
    [
      'expires earlier',
      (from, _, key) => from.save(key, { expiresAt: Date.now() + 99_999_999 }),
      { kind: 'behind', parts: ['expiresAt'] },
    ],
    [
      'has another owner',
      (_, to, key) => to.save(key, { owner: 'eve' }),
      { kind: 'different', parts: ['owner'] },
    ],
    [
      'has another value under the same version',
      (_, to, key) => replace(to, key, { values: texts({ a: 'damaged' }) }),
      { kind: 'different', parts: ['values'] },
    ],
    [
      'was created at another time',
      (_, to, key) => replace(to, key, { createdAt: 1 }),
      { kind: 'different', parts: ['createdAt'] },
    ],
    [
      'has lost a value and its version',
      (_, to, key) => replace(to, key, { values: new Map(), version: 0 }),
      { kind: 'behind', parts: ['version', 'values'] },
    ],
  ])('finds the one that %s', async (_, plant, deviation) => {
    const { from, to, keys } = await copied()
    const key = keys[20]!
    await plant(from, to, key)
    const found = await verifySessions({ from, to })
    expect(found.ok).toBe(false)
    expect(found.different).toBe(1)
    expect(found.differences).toEqual([{ key: key.slice(0, 8), ...deviation }])
    expect(found.same).toBe(COUNT - 1)
  })

  test('counts all differences, and lists a hundred', async () => {
    const from = memoryStore()
    await fill(from, 130)
    const found = await verifySessions({ from, to: memoryStore() })
    expect(found).toMatchObject({ ok: false, different: 130, from: 130 })
    expect(found.differences).toHaveLength(100)
  })

  test('what the target has more, and what is newer there, is no difference', async () => {
    const { from, to, keys } = await copied()
    to.save(keys[0]!, { set: texts({ a: 'newer' }) })
    to.create(newKey(), newRecord())
    const found = await verifySessions({ from, to })
    expect(found).toMatchObject({ ...CLEAN, ok: true, newer: 1, same: COUNT - 1 })
  })
})

describe('what happens while it compares', () => {
  /** Once a session was met in the listing of a store, something happens. */
  function onceMet(store: MemoryStore, key: string, then: () => unknown): void {
    const records = store.records.bind(store)
    store.records = async function* () {
      for await (const [each, record] of records()) {
        if (each === key) then()
        yield [each, record]
      }
    }
  }

  /** The first load of a session from a store is followed by something. */
  function onceLoaded(store: MemoryStore, key: string, then: () => unknown): void {
    const load = store.load.bind(store)
    let done = false
    store.load = (each) => {
      const record = load(each)
      if (each === key && !done) {
        done = true
        then()
      }
      return record
    }
  }

  test('a session that ends in both is no loss', async () => {
    const { from, to, keys } = await copied()
    onceMet(from, keys[5]!, () => {
      from.delete(keys[5]!)
      to.delete(keys[5]!)
    })
    const found = await verifySessions({ from, to })
    expect(found).toMatchObject({ ...CLEAN, ok: true, ended: 1, same: COUNT - 1 })
  })

  test('a session that differs and has changed in the source is loaded again', async () => {
    const { from, to, keys } = await copied()
    const key = keys[5]!
    to.delete(key)
    onceMet(from, key, () => from.save(key, { set: texts({ a: 'meanwhile' }) }))
    onceLoaded(to, key, () => to.create(key, from.load(key)!))
    expect(await verifySessions({ from, to })).toMatchObject({
      ...CLEAN,
      ok: true,
      same: COUNT,
    })
  })

  test('a session that changes at every load is none of the differences', async () => {
    const { from, to, keys } = await copied()
    from.save(keys[5]!, { set: texts({ a: 'new' }) })
    const load = from.load.bind(from)
    from.load = (key) => {
      if (key === keys[5]) from.save(key, { set: texts({ a: Math.random() }) })
      return load(key)
    }
    expect(await verifySessions({ from, to })).toMatchObject({ ...CLEAN, ok: true, ended: 1 })
  })

  test('a session about to expire may be gone by the clock of the other server', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    from.create(newKey(), newRecord({}, { expiresAt: Date.now() + 4000 }))
    expect(await verifySessions({ from, to })).toMatchObject({ different: 0, ended: 1 })
  })

  test('it can be ended', async () => {
    const { from, to } = await copied()
    const ending = new AbortController()
    const onProgress = ({ compared }: { compared: number }): void => {
      if (compared === 5) ending.abort(new Error('enough'))
    }
    await expect(verifySessions({ from, to, onProgress, signal: ending.signal })).rejects.toThrow('enough')
  })
})

/** A store with a count, or without one. */
function withCount(store: MemoryStore, count: number | undefined): SessionStore {
  return Object.assign(store, { count: count === undefined ? undefined : () => count }) as SessionStore
}

/** As no application could: a record in the place of another. */
async function replace(store: SessionStore, key: SessionKey, parts: object): Promise<void> {
  const record = (await store.load(key))!
  await store.delete(key)
  await store.create(key, { ...record, ...parts })
}
