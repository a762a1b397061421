import { appendFileSync, existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { keyOfNoSession } from '../../../src/contract/key.ts'
import { memoryStore } from '../../../src/memory.ts'
import type { SyncFileStore } from '../../../src/stores/file/file-store.ts'
import { encodeLine } from '../../../src/stores/file/journal/line.ts'
import { moving } from '../../../src/stores/over/moving/moving.ts'
import { startChild } from '../../support/child.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { journalPath, openStore } from './file-stores.ts'

const options = { onEvent: () => {} }

/** A store in which a process was killed that had just made the file of a session. */
async function withOrphan(): Promise<{ store: SyncFileStore; key: ReturnType<typeof newKey> }> {
  const store = openStore({ options })
  const key = newKey()
  const child = startChild(new URL('./children/stop-creating.ts', import.meta.url), store.directory, key)
  expect(await child.line()).toBe('made')
  child.process.kill('SIGKILL')
  await child.ended().catch(() => {})
  expect(readFileSync(journalPath(store, key))).toHaveLength(0)
  return { store, key }
}

describe('the key of a session whose creator was killed', () => {
  test('is free for whoever wants it, without a sweep', async () => {
    const { store, key } = await withOrphan()
    expect(store.load(key)).toBeUndefined()
    expect(await store.create(key, newRecord({ user: 'Ada' }))).toBe(true)
    expect(openStore({ directory: store.directory }).load(key)?.values).toEqual(texts({ user: 'Ada' }))
  })

  test('does not keep the session from being moved', async () => {
    const { store, key } = await withOrphan()
    const from = memoryStore()
    from.create(key, newRecord({ user: 'Ada' }))
    const saved = await moving({ from, to: store }).save(key, { set: texts({ seen: 1 }) })
    expect(saved).toMatchObject({ outcome: 'saved' })
    expect(store.load(key)?.values).toEqual(texts({ user: 'Ada', seen: 1 }))
    expect(from.exists(key)).toBe(false)
  })
})

describe('the key of an owner, whose file is damaged', () => {
  test('is free, so that they can sign in; that of a session is not, as nobody wants it again', async () => {
    const store = openStore({ options })
    const owner = keyOfNoSession('owner')
    for (const key of [owner, newKey()]) {
      await store.create(key, newRecord({ a: 1 }))
      const path = journalPath(store, key)
      writeFileSync(path, readFileSync(path).fill(0x20, 1, 2))
      const other = openStore({ directory: store.directory, options })
      expect(other.load(key)).toBeUndefined()
      expect(await other.create(key, newRecord({ b: 2 }))).toBe(key === owner)
      expect(other.load(key)?.values).toEqual(key === owner ? texts({ b: 2 }) : undefined)
    }
  })
})

describe('the key of a session that is over', () => {
  test('is free when it has expired, swept or not; who knew the former session meets the new one', async () => {
    const store = openStore({ options })
    const other = openStore({ directory: store.directory, options })
    const key = newKey()
    await store.create(key, newRecord({ old: 1 }, { expiresAt: Date.now() + 30 }))
    expect(other.exists(key)).toBe(true)
    await expect.poll(() => store.exists(key)).toBe(false)
    expect(await store.create(key, newRecord({ user: 'Ada' }))).toBe(true)
    expect(await other.save(key, { set: texts({ more: 1 }) })).toMatchObject({ outcome: 'saved' })
    expect(store.load(key)?.values).toEqual(texts({ user: 'Ada', more: 1 }))
    expect(await other.delete(key)).toBe(true)
    expect(store.load(key)).toBeUndefined()
  })

  test('is free a minute after its end, where the file was left; before, who ended it is about to remove it', async () => {
    const store = openStore({ options })
    const key = newKey()
    await store.create(key, newRecord({ old: 1 }))
    const path = journalPath(store, key)
    appendFileSync(path, encodeLine({ kind: 'end', id: 'dead.1' }))
    expect(await store.create(key, newRecord())).toBe(false)
    utimesSync(path, new Date(), new Date(Date.now() - 61_000))
    expect(await store.create(key, newRecord({ user: 'Ada' }))).toBe(true)
    expect(store.load(key)?.values).toEqual(texts({ user: 'Ada' }))
  })

  test('stays taken where its file is damaged: that is told, and kept for somebody to look at', async () => {
    const events: string[] = []
    const store = openStore({ options: { onEvent: ({ type }) => events.push(type) } })
    const key = newKey()
    await store.create(key, newRecord())
    const path = journalPath(store, key)
    writeFileSync(path, 'rubbish\n\n')
    expect(
      await openStore({
        directory: store.directory,
        options: { onEvent: ({ type }) => events.push(type) },
      }).create(key, newRecord()),
    ).toBe(false)
    expect(events).toEqual(['damaged-journal'])
    expect(existsSync(path)).toBe(true)
  })
})
