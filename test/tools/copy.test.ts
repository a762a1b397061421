import { describe, expect, test, vi } from 'vitest'
import { keyOfNoSession } from '../../src/contract/key.ts'
import type { SessionStore } from '../../src/contract/store.ts'
import { type CopyProgress, copySessions, verifySessions } from '../../src/copy.ts'
import { fileStore } from '../../src/file.ts'
import { memoryStore } from '../../src/memory.ts'
import { moving } from '../../src/moving.ts'
import { pendingCopy, sealWith } from '../../src/stores/over/moving/marks.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { newKey, newRecord, texts } from '../support/records.ts'
import { contentsOf, fill } from './sessions.ts'

const NONE: CopyProgress = {
  ...{ seen: 0, copied: 0, updated: 0, same: 0, kept: 0, expired: 0 },
  ...{ refused: 0, refusals: [], unreadable: 0, notRead: [] },
}

/** A store with some of its verbs replaced. */
function withVerbs(store: SessionStore, verbs: Partial<SessionStore>): SessionStore {
  const bound = (name: keyof SessionStore) => (store[name] as (...args: unknown[]) => unknown).bind(store)
  const names = ['create', 'load', 'save', 'exists', 'delete', 'clearExpired', 'records', 'close'] as const
  return { ...Object.fromEntries(names.map((name) => [name, bound(name)])), ...verbs } as SessionStore
}

describe('sessions that are copied', () => {
  test('are there as they were: values, version, times and owner; the source stays as it is', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    const before = await fill(from, 100)
    expect(await copySessions({ from, to })).toEqual({ ...NONE, seen: 100, copied: 100 })
    expect(await contentsOf(to)).toEqual(before)
    expect(await contentsOf(from)).toEqual(before)
  })

  test('have with them what is no session, which is counted nowhere', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    await fill(from, 5)
    const note = keyOfNoSession('a note')
    from.create(note, newRecord({ at: 1 }))
    let told = 0
    const done = await copySessions({ from, to, onProgress: () => told++ })
    expect(done).toEqual({ ...NONE, seen: 5, copied: 5 })
    expect(told).toBe(5)
    expect(to.load(note)).toEqual(from.load(note))
    expect(await verifySessions({ from, to })).toMatchObject({ ok: true, from: 5, to: 5 })
  })

  test('are no more than are live', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    const [live, expired] = [newKey(), newKey()]
    from.create(live, newRecord())
    const record = newRecord({}, { version: 0 }) as ReturnType<typeof newRecord> & { version: number }
    // As a store may list it that looked at the clock a moment before.
    const late = withVerbs(from, {
      async *records() {
        yield* from.records()
        yield [expired, { ...record, expiresAt: Date.now() - 1 }]
      },
    })
    const done = await copySessions({ from: late, to })
    expect(done).toEqual({ ...NONE, seen: 2, copied: 1, expired: 1 })
    expect([...(await contentsOf(to)).keys()]).toEqual([live])
  })

  test('a second time are found to be there', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    const before = await fill(from, 30)
    await copySessions({ from, to })
    const save = vi.spyOn(to, 'save')
    expect(await copySessions({ from, to })).toEqual({ ...NONE, seen: 30, same: 30 })
    expect(save).not.toHaveBeenCalled()
    expect(await contentsOf(to)).toEqual(before)
  })

  test('from the store that `moving` makes are those of both', async () => {
    const [from, to, copy] = [memoryStore(), memoryStore(), memoryStore()]
    const both = new Map([...(await fill(from, 5)), ...(await fill(to, 5))])
    await copySessions({ from: moving({ from, to }), to: copy })
    expect(await contentsOf(copy)).toEqual(both)
  })
})

describe('a session that the target can’t take', () => {
  const why = 'Invalid argument `record.owner`: it has more than 5 bytes.'

  /** A memory store in which owners are short. */
  function picky(): SessionStore {
    const store = memoryStore()
    const create: SessionStore['create'] = (key, record) => {
      if ((record.owner ?? '').length > 5)
        throw Object.assign(new TypeError(why), { code: 'UNTORN_INVALID_ARGUMENT' })
      return store.create(key, record)
    }
    return withVerbs(store, { create: async (key, record) => create(key, record) })
  }

  test('is left out, counted and named, and the others are copied', async () => {
    const [from, to] = [memoryStore(), picky()]
    const keys = Array.from({ length: 120 }, newKey)
    for (const key of keys) from.create(key, newRecord({ a: 1 }, { owner: 'somebody' }))
    from.create(newKey(), newRecord({ a: 1 }, { owner: 'ada' }))
    const told: CopyProgress[] = []
    const done = await copySessions({ from, to, onProgress: (now) => told.push(now) })
    expect(done).toMatchObject({ ...NONE, seen: 121, copied: 1, refused: 120, refusals: expect.anything() })
    expect(done.refusals).toHaveLength(100)
    const named = keys.slice(0, 100).map((key) => ({ key: key.slice(0, 8), why }))
    expect(done.refusals.map(({ key }) => key).sort()).toEqual(named.map(({ key }) => key).sort())
    expect(new Set(done.refusals.map(({ why }) => why))).toEqual(new Set([why]))
    expect(told.at(-1)).toEqual(done)
    expect(await verifySessions({ from, to })).toMatchObject({ ok: false, different: 120, same: 1 })
  })

  test('is no reason to go on where it is the store that fails', async () => {
    const from = memoryStore()
    from.create(newKey(), newRecord())
    for (const failure of [new TypeError('undefined is not a function'), new Error('down')]) {
      const to = withVerbs(memoryStore(), { create: () => Promise.reject(failure) })
      await expect(copySessions({ from, to })).rejects.toBe(failure)
    }
  })
})

describe('a session that is in the target with another state', () => {
  async function twice(
    change: (from: SessionStore, to: SessionStore, key: ReturnType<typeof newKey>) => unknown,
  ) {
    const [from, to] = [memoryStore(), memoryStore()]
    const key = newKey()
    from.create(key, newRecord({ a: 1, b: 2 }, { version: 5, owner: 'ann' }))
    await copySessions({ from, to })
    await change(from, to, key)
    const kept = to.load(key)
    const done = await copySessions({ from, to })
    return { done, source: from.load(key)!, target: to.load(key)!, kept: kept! }
  }
  const UPDATED = { ...NONE, seen: 1, updated: 1 }
  const KEPT = { ...NONE, seen: 1, kept: 1 }

  test('an older one is brought up to date, its version too', async () => {
    const { done, source, target } = await twice(async (from, _, key) => {
      await from.save(key, { set: texts({ b: 3, c: 4 }) })
      await from.save(key, { delete: ['a'] })
      await from.save(key, { set: texts({ d: 5 }), expiresAt: Date.now() + 99_999_999, owner: null })
    })
    expect(done).toEqual(UPDATED)
    expect(target).toEqual(source)
    expect(target).toMatchObject({ version: 8, values: texts({ b: 3, c: 4, d: 5 }) })
  })

  test('one with the same values and a lower version gets the version: a later change there is newer', async () => {
    const { done, source, target } = await twice(async (from, _, key) => {
      await from.save(key, { set: texts({ a: 9 }) })
      await from.save(key, { set: texts({ a: 1 }) })
    })
    expect(done).toEqual(UPDATED)
    expect(target).toEqual(source)
  })

  test('one that was extended in the source, with the version it had, is extended', async () => {
    const { done, source, target } = await twice((from, _, key) =>
      from.save(key, { expiresAt: Date.now() + 99_999_999 }),
    )
    expect(done).toEqual(UPDATED)
    expect(target).toEqual(source)
  })

  test.each([
    ['a newer one', { set: texts({ a: 'newer' }) }],
    ['one that was extended there', { expiresAt: Date.now() + 99_999_999 }],
    ['one of another owner, of which nothing says whether it is newer', { owner: 'bob' }],
  ])('%s is kept', async (_, change) => {
    const { done, target, kept } = await twice((_, to, key) => to.save(key, change))
    expect(done).toEqual(KEPT)
    expect(target).toEqual(kept)
  })

  test('one with other values under the same version is kept', async () => {
    const { done, target, kept } = await twice(async (from, to, key) => {
      await from.save(key, { set: texts({ a: 'here' }) })
      await to.save(key, { set: texts({ a: 'there' }) })
    })
    expect(done).toEqual(KEPT)
    expect(target).toEqual(kept)
  })

  test('one that is changed there meanwhile is looked at again', async () => {
    const { done, target } = await twice(async (from, to, key) => {
      await from.save(key, { set: texts({ a: 2 }) })
      const { save } = to
      vi.spyOn(to, 'save').mockImplementationOnce(async (...args) => {
        await save.call(to, key, { set: texts({ a: 'meanwhile' }) })
        await save.call(to, key, { set: texts({ a: 'again' }) })
        return save.apply(to, args)
      })
    })
    expect(done).toEqual(KEPT)
    expect(target.values.get('a')).toBe('"again"')
  })

  test('one that is deleted there meanwhile is copied', async () => {
    const { done, source, target } = await twice(async (from, to, key) => {
      await from.save(key, { set: texts({ a: 2 }) })
      vi.spyOn(to, 'save').mockImplementationOnce(async () => {
        await to.delete(key)
        return { outcome: 'gone' }
      })
    })
    expect(done).toEqual({ ...NONE, seen: 1, copied: 1 })
    expect(target).toEqual(source)
  })
})

test('one that has expired there since, as the source extended it, is copied again', async () => {
  const from = memoryStore()
  const to = fileStore(temporaryDirectory(), { sweepEvery: 0 })
  const key = newKey()
  const record = newRecord({ a: 1 }, { version: 3 })
  // A file that is still there, of a session that is over.
  await to.create(key, { ...record, expiresAt: Date.now() - 1000 })
  from.create(key, record)
  expect(await copySessions({ from, to })).toEqual({ ...NONE, seen: 1, copied: 1 })
  expect(await to.load(key)).toEqual({ ...record, version: 3 })
  await to.close()
})

test('a target that takes no key, and has nothing under it, ends the copy', async () => {
  const from = memoryStore()
  await fill(from, 1)
  const to = withVerbs(memoryStore(), { create: () => false })
  await expect(copySessions({ from, to })).rejects.toMatchObject({ code: 'UNTORN_STORE_BUSY' })
})

describe('a copy that does not come to its end', () => {
  test('ends between two sessions where it is told to, and is taken up by the next', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    const before = await fill(from, 50)
    const ending = new AbortController()
    let last = NONE
    const onProgress = (done: CopyProgress): void => {
      last = done
      if (done.seen === 20) ending.abort(new Error('enough'))
    }
    const options = { from, to, concurrency: 3, onProgress, signal: ending.signal }
    await expect(copySessions(options)).rejects.toThrow('enough')
    expect((await contentsOf(to)).size).toBe(last.seen)
    expect(last.seen).toBeLessThan(50)
    expect(await copySessions({ from, to })).toEqual({
      ...{ ...NONE, seen: 50 },
      ...{ same: last.seen, copied: 50 - last.seen },
    })
    expect(await contentsOf(to)).toEqual(before)
  })

  test('begins nothing with a signal that is aborted already', async () => {
    const from = memoryStore()
    await fill(from, 1)
    const to = memoryStore()
    await expect(copySessions({ from, to, signal: AbortSignal.abort('no') })).rejects.toBe('no')
    expect((await contentsOf(to)).size).toBe(0)
  })

  test('ends with the error of a store, after what was under way, and has told of all that it did', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    await fill(from, 50)
    let creations = 0
    let underWay = 0
    const failing = withVerbs(to, {
      async create(key, record) {
        underWay++
        await Promise.resolve()
        try {
          if (++creations === 20) throw new Error('the disk is full')
          return to.create(key, record)
        } finally {
          underWay--
        }
      },
    })
    let last = NONE
    const copying = copySessions({ from, to: failing, concurrency: 4, onProgress: (done) => (last = done) })
    await expect(copying).rejects.toThrow('the disk is full')
    expect(underWay).toBe(0)
    expect((await contentsOf(to)).size).toBe(last.copied)
    expect(last.copied).toBeGreaterThan(10)
    expect(creations).toBeLessThan(30)
  })

  test('works on as many at the same time as it is told, and no more', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    await fill(from, 40)
    let most = 0
    let underWay = 0
    const slow = withVerbs(to, {
      async create(key, record) {
        most = Math.max(most, ++underWay)
        await new Promise(setImmediate)
        underWay--
        return to.create(key, record)
      },
    })
    await copySessions({ from, to: slow, concurrency: 5 })
    expect(most).toBe(5)
  })
})

test('stores that answer at once leave the process its other work', async () => {
  const [from, to] = [memoryStore(), memoryStore()]
  await fill(from, 3000)
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  // Each takes a moment of the processor, without a wait.
  const busy = withVerbs(to, {
    create(key, record) {
      for (const end = performance.now() + 0.05; performance.now() < end; );
      return to.create(key, record)
    },
  })
  await copySessions({ from, to: busy })
  clearInterval(timer)
  expect(turns).toBeGreaterThan(0)
})

describe('is refused', () => {
  test.each([
    ['no options', undefined, 'options'],
    ['an unknown option', { from: memoryStore(), to: memoryStore(), sample: 1 }, 'sample'],
    ['something that is no store', { from: {}, to: memoryStore() }, 'from'],
    ['no target', { from: memoryStore() }, 'to'],
    ['a concurrency of nothing', { from: memoryStore(), to: memoryStore(), concurrency: 0 }, 'concurrency'],
  ])('%s', async (_, options, option) => {
    const error = { code: 'UNTORN_INVALID_OPTION', option }
    await expect(copySessions(options as never)).rejects.toMatchObject(error)
  })

  test('the same store twice', async () => {
    const store = memoryStore()
    await expect(copySessions({ from: store, to: store })).rejects.toMatchObject({ option: 'to' })
  })

  test('a store out of which sessions are being moved, or into which', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    const key = newKey()
    from.create(key, newRecord({ a: 1 }))
    const sealing = from.save(key, sealWith({ version: 0, attempts: 1 }))
    const misuse = { code: 'UNTORN_MISUSE' }
    await expect(copySessions({ from, to })).rejects.toMatchObject(misuse)
    expect((await contentsOf(to)).size).toBe(0)
    if (sealing.outcome !== 'saved') throw new Error('It was not sealed.')
    to.create(key, pendingCopy(sealing.record, { version: 0, attempts: 1 }))
    const plain = memoryStore()
    plain.create(key, newRecord({ a: 1 }))
    await expect(copySessions({ from: plain, to })).rejects.toMatchObject(misuse)
  })
})
