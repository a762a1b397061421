import { describe, expect, test } from 'vitest'
import { keyOfNoSession } from '../../src/contract/key.ts'
import { copySessions } from '../../src/copy.ts'
import { fileStore } from '../../src/file.ts'
import { memoryStore } from '../../src/memory.ts'
import { type MoveProgress, moveSessions, moving } from '../../src/moving.ts'
import { pendingCopy, sealWith } from '../../src/stores/over/moving/marks.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { newKey, newRecord, texts } from '../support/records.ts'
import { contentsOf, fill } from './sessions.ts'

describe('sessions that are moved', () => {
  test('are in the target with all they have, and no more in the source', async () => {
    const from = fileStore(temporaryDirectory(), { sweepEvery: 0 })
    const to = memoryStore()
    const before = await fill(from, 60)
    expect(await moveSessions({ from, to })).toEqual({
      moved: 60,
      ended: 0,
      passes: 2,
      left: 0,
      unreadable: 0,
      notRead: [],
    })
    expect((await contentsOf(from)).size).toBe(0)
    const after = await contentsOf(to)
    expect(after.size).toBe(60)
    for (const [key, { version, ...rest }] of before) {
      const { version: now, ...others } = after.get(key)!
      expect(others).toEqual(rest)
      expect(now).toBeGreaterThan(version)
    }
    await from.close()
  })

  test('have with them what is no session, which is counted nowhere', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    await fill(from, 5)
    const note = keyOfNoSession('a note')
    from.create(note, newRecord({ at: 1 }))
    expect(await moveSessions({ from, to })).toEqual({
      moved: 5,
      ended: 0,
      passes: 2,
      left: 0,
      unreadable: 0,
      notRead: [],
    })
    expect(from.load(note)).toBeUndefined()
    expect(to.load(note)?.values).toEqual(texts({ at: 1 }))
  })

  test('of which none is left, are not said to be all while something else is', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    // Somebody still writes to the source alone.
    const note = () => from.create(keyOfNoSession(`${Math.random()}`), newRecord())
    note()
    const { left } = await moveSessions({ from, to, onProgress: note })
    expect(left).toBeGreaterThan(0)
  })

  test('are moved on by the next call where one was ended', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    await fill(from, 60)
    const ending = new AbortController()
    let last: MoveProgress | undefined
    const onProgress = (done: MoveProgress): void => {
      last = done
      if (done.moved === 20) ending.abort(new Error('enough'))
    }
    await expect(moveSessions({ from, to, onProgress, signal: ending.signal })).rejects.toThrow('enough')
    const { moved } = last!
    expect(moved).toBeLessThan(60)
    expect(await moveSessions({ from, to })).toMatchObject({ moved: 60 - moved, left: 0 })
    expect((await contentsOf(to)).size).toBe(60)
  })

  test('keep every change of an application that goes on meanwhile', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    const application = moving({ from, to })
    const keys = Array.from({ length: 20 }, () => newKey())
    for (const key of keys) from.create(key, newRecord({ count: 0 }))
    let over = false
    const counted = new Map(keys.map((key) => [key, 0]))
    const counting = keys.map(async (key) => {
      while (!over || counted.get(key)! < 20) {
        const { version, values } = (await application.load(key))!
        const change = { set: texts({ count: Number(values.get('count')) + 1 }) }
        const { outcome } = await application.save(key, change, { ifVersion: version })
        if (outcome === 'saved') counted.set(key, counted.get(key)! + 1)
        await new Promise(setImmediate)
      }
    })
    expect(await moveSessions({ from, to })).toMatchObject({ left: 0 })
    over = true
    await Promise.all(counting)
    for (const key of keys) expect(to.load(key)!.values).toEqual(texts({ count: counted.get(key) }))
    expect((await contentsOf(from)).size).toBe(0)
  })

  test('that are created in the source again and again end in a report of what is left', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    let passes = -1
    const onProgress = (done: MoveProgress): void => {
      if (done.passes > passes) from.create(newKey(), newRecord())
      passes = done.passes
    }
    from.create(newKey(), newRecord())
    const done = await moveSessions({ from, to, onProgress })
    expect(done).toMatchObject({ passes: 5, left: 1 })
  })
})

describe('a copy that a process left pending when it died', () => {
  function leftPending() {
    const [from, to] = [memoryStore(), memoryStore()]
    const key = newKey()
    from.create(key, newRecord({ a: 1 }, { version: 7 }))
    const seal = { version: 7, attempts: 1 }
    const sealed = from.save(key, sealWith(seal))
    if (sealed.outcome !== 'saved') throw new Error('It was not sealed.')
    to.create(key, pendingCopy(sealed.record, seal))
    return { from, to, key }
  }

  test('becomes the session where that is still in the source', async () => {
    const { from, to, key } = leftPending()
    expect(await moveSessions({ from, to })).toMatchObject({ moved: 1, left: 0 })
    expect(to.load(key)!.values).toEqual(texts({ a: 1 }))
    expect(from.load(key)).toBeUndefined()
  })

  test('is removed where the session has ended since: nobody is signed in again', async () => {
    const { from, to, key } = leftPending()
    from.delete(key)
    expect(await moveSessions({ from, to })).toMatchObject({ moved: 0, left: 0 })
    expect(to.load(key)).toBeUndefined()
  })
})

describe('is refused', () => {
  test('the store that `moving` makes', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    const both = moving({ from, to })
    await expect(moveSessions({ from, to: both })).rejects.toMatchObject({ option: 'to' })
    await expect(moveSessions({ from: both, to })).rejects.toMatchObject({ option: 'from' })
  })

  test('a target that sessions were copied to before', async () => {
    const [from, to] = [memoryStore(), memoryStore()]
    await fill(from, 1)
    await copySessions({ from, to })
    await expect(moveSessions({ from, to })).rejects.toMatchObject({ code: 'UNTORN_STORE_BUSY' })
  })
})
