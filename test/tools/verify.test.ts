import { describe, expect, test } from 'vitest'
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

const CLEAN = { fewer: 0, newer: 0, ended: 0, different: 0, differences: [] }

describe('a comparison of two stores', () => {
  test.each([
    ['all', COUNT],
    [10, 10],
    [1000, COUNT],
    [0, 0],
    [undefined, COUNT],
  ] as const)('with a sample of %s finds what is the same', async (sample, compared) => {
    const { from, to } = await copied()
    const found = await verifySessions({ from, to, ...(sample !== undefined && { sample }) })
    expect(found).toEqual({ ...CLEAN, ok: true, from: COUNT, to: COUNT, compared, same: compared })
  })

  test('compares different ones by chance', async () => {
    const { from, to } = await copied()
    const met = new Set<string>()
    const load = to.load.bind(to)
    to.load = (key) => {
      met.add(key)
      return load(key)
    }
    for (let n = 0; n < 50; n++) await verifySessions({ from, to, sample: 10 })
    // Not to have met one of forty, each with a chance of one in four, fifty times: 2 in a hundred thousand.
    expect(met.size).toBeGreaterThan(COUNT - 5)
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
    const found = await verifySessions({ from, to, sample: 'all' })
    expect(found.ok).toBe(false)
    expect(found.different).toBe(1)
    expect(found.differences).toEqual([{ key: key.slice(0, 8), ...deviation }])
    expect(found.same).toBe(COUNT - 1)
  })

  test('counts all differences, and lists a hundred', async () => {
    const from = memoryStore()
    await fill(from, 130)
    const found = await verifySessions({ from, to: memoryStore(), sample: 'all' })
    expect(found).toMatchObject({ ok: false, different: 130, fewer: 130, from: 130, to: 0 })
    expect(found.differences).toHaveLength(100)
  })

  test('without a sample finds by the counts that sessions are missing', async () => {
    const { from, to, keys } = await copied()
    for (const key of keys.slice(0, 3)) to.delete(key)
    expect(await verifySessions({ from, to, sample: 0 })).toMatchObject({ ok: false, fewer: 3, compared: 0 })
  })

  test('what the target has more, and what is newer there, is no difference', async () => {
    const { from, to, keys } = await copied()
    to.save(keys[0]!, { set: texts({ a: 'newer' }) })
    to.create(newKey(), newRecord())
    const found = await verifySessions({ from, to, sample: 'all' })
    expect(found).toMatchObject({ ...CLEAN, ok: true, newer: 1, same: COUNT - 1, to: COUNT + 1 })
  })
})

describe('what happens while it compares', () => {
  /** The first load of a session from the source is followed by something. */
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
    onceLoaded(from, keys[5]!, () => {
      from.delete(keys[5]!)
      to.delete(keys[5]!)
    })
    const found = await verifySessions({ from, to, sample: 'all' })
    expect(found).toMatchObject({ ...CLEAN, ok: true, ended: 1, same: COUNT - 1 })
  })

  test('a session that differs and has changed in the source is loaded again', async () => {
    const { from, to, keys } = await copied()
    const key = keys[5]!
    to.delete(key)
    onceLoaded(from, key, () => from.save(key, { set: texts({ a: 'meanwhile' }) }))
    onceLoaded(to, key, () => to.create(key, from.load(key)!))
    expect(await verifySessions({ from, to, sample: 'all' })).toMatchObject({
      ...CLEAN,
      ok: true,
      same: COUNT,
    })
  })

  test('a session that changes at every load is none of the differences', async () => {
    const { from, to, keys } = await copied()
    const load = from.load.bind(from)
    from.load = (key) => {
      if (key === keys[5]) from.save(key, { set: texts({ a: Math.random() }) })
      return load(key)
    }
    expect(await verifySessions({ from, to, sample: 'all' })).toMatchObject({ ...CLEAN, ok: true, ended: 1 })
  })

  test('a session about to expire may be gone by the clock of the other server', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    from.create(newKey(), newRecord({}, { expiresAt: Date.now() + 4000 }))
    expect(await verifySessions({ from, to, sample: 1 })).toMatchObject({ different: 0, ended: 1 })
  })

  test('sessions that end between the two counts are not missing', async () => {
    const { from, to, keys } = await copied()
    const records = to.records.bind(to)
    to.records = () => {
      for (const key of keys.slice(0, 7)) {
        from.delete(key)
        to.delete(key)
      }
      return records()
    }
    expect(await verifySessions({ from, to, sample: 0 })).toMatchObject({ ok: true, fewer: 0, to: COUNT - 7 })
  })

  test('it can be ended', async () => {
    const { from, to } = await copied()
    const ending = new AbortController()
    const onProgress = ({ counted }: { counted: number }): void => {
      if (counted === 5) ending.abort(new Error('enough'))
    }
    await expect(verifySessions({ from, to, onProgress, signal: ending.signal })).rejects.toThrow('enough')
  })
})

test.each(['some', -1, 1.5])('a sample of %s is refused', async (sample) => {
  const options = { from: memoryStore(), to: memoryStore(), sample: sample as number }
  await expect(verifySessions(options)).rejects.toMatchObject({ option: 'sample' })
})

/** As no application could: a record in the place of another. */
async function replace(store: SessionStore, key: SessionKey, parts: object): Promise<void> {
  const record = (await store.load(key))!
  await store.delete(key)
  await store.create(key, { ...record, ...parts })
}
