import { describe, expect, test } from 'vitest'
import type { SessionStore } from '../../src/contract/store.ts'
import { fileStore } from '../../src/file.ts'
import { memoryStore } from '../../src/memory.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { newKey, newRecord, texts } from '../support/records.ts'

/** Each opens a store, and another object over the same data where it can have one. */
const stores: Record<string, () => [SessionStore, SessionStore]> = {
  memoryStore: () => {
    const store = memoryStore()
    return [store, store]
  },
  fileStore: () => {
    const directory = temporaryDirectory()
    return [fileStore(directory, { sweepEvery: 0 }), fileStore(directory, { sweepEvery: 0 })]
  },
}

describe.each(Object.entries(stores))('a record that comes from another store: %s', (_name, open) => {
  test('begins at the version that it had there, and rises from it', async () => {
    const [here, there] = open()
    const key = newKey()
    expect(await here.create(key, newRecord({ views: 1 }, { version: 41 }))).toBe(true)
    expect((await there.load(key))?.version).toBe(41)
    const change = { set: new Map([['views', '2']]) }
    expect(await there.save(key, change, { ifVersion: 0 })).toMatchObject({ outcome: 'conflict' })
    const saved = await there.save(key, change, { ifVersion: 41 })
    expect(saved).toMatchObject({ outcome: 'saved', record: { version: 42, values: texts({ views: 2 }) } })
    expect((await here.load(key))?.version).toBe(42)
    await here.close()
    await there.close()
  })

  test('without a version begins at 0', async () => {
    const [here, there] = open()
    const key = newKey()
    await here.create(key, newRecord())
    expect((await there.load(key))?.version).toBe(0)
    await here.close()
    await there.close()
  })
})
