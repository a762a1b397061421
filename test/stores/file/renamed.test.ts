import { copyFileSync, mkdirSync, readFileSync, renameSync, utimesSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { SessionKey } from '../../../src/contract/key.ts'
import type { FileStoreEvent } from '../../../src/stores/file/events.ts'
import type { SyncFileStore } from '../../../src/stores/file/file-store.ts'
import { nodeClock } from '../../../src/stores/file/node-files.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { journalPath, openStore } from './file-stores.ts'

const HOUR = 3_600_000

/** A store, and what it tells. */
function observed(more: Parameters<typeof openStore>[0] = {}): {
  store: SyncFileStore
  told: FileStoreEvent[]
} {
  const told: FileStoreEvent[] = []
  return { told, store: openStore({ ...more, options: { onEvent: (event) => told.push(event) } }) }
}

/** Puts one session's file under the name of another, as somebody with rights to the directories above can. */
function rename(store: SyncFileStore, from: SessionKey, to: SessionKey, put = renameSync): void {
  mkdirSync(dirname(journalPath(store, to)), { recursive: true, mode: 0o700 })
  put(journalPath(store, from), journalPath(store, to))
}

async function listed(store: SyncFileStore): Promise<SessionKey[]> {
  const keys: SessionKey[] = []
  for await (const [key] of store.records()) keys.push(key)
  return keys
}

const damaged = (key: SessionKey): object => ({
  type: 'damaged-journal',
  file: `${key.slice(0, 2)}/${key.slice(2, 8)}...`,
  lines: 0,
  whole: true,
})

describe("a session's file that somebody has renamed", () => {
  test.each([
    ['as it was created', async () => {}],
    [
      'that was saved since',
      async (store: SyncFileStore, key: SessionKey) => void (await store.save(key, { set: texts({ n: 1 }) })),
    ],
    [
      'that was folded since',
      async (store: SyncFileStore, key: SessionKey) => {
        const text = 'x'.repeat(10_000)
        for (let n = 0; n < 10; n++) await store.save(key, { set: texts({ text: text + n }) })
        expect(store.stats.folds).toBe(1)
      },
    ],
  ])("is nobody's session, %s", async (_, use) => {
    const { store: writer } = observed()
    const [admin, mine] = [newKey(), newKey()]
    await writer.create(admin, newRecord({ user: 'admin' }))
    await use(writer, admin)
    rename(writer, admin, mine)

    const { store, told } = observed({ directory: writer.directory })
    expect(store.load(mine)).toBeUndefined()
    expect(told).toEqual([damaged(mine)])
    expect(store.exists(mine)).toBe(false)
    expect(await store.save(mine, { set: texts({ n: 2 }) })).toEqual({ outcome: 'gone' })
    expect(await store.delete(mine)).toBe(false)
    expect(await listed(store)).toEqual([])
    expect(await store.create(mine, newRecord())).toBe(false) // it stays, for somebody to look at
  })

  test('is not one for a process that has used the session of that name until then', async () => {
    const { store, told } = observed()
    const [admin, mine] = [newKey(), newKey()]
    await store.create(admin, newRecord({ user: 'admin' }))
    await store.create(mine, newRecord({ user: 'eve' }))
    expect(store.load(mine)?.values).toEqual(texts({ user: 'eve' }))
    rename(store, admin, mine)

    expect(store.load(mine)).toBeUndefined()
    expect(await store.save(mine, { set: texts({ n: 1 }) })).toEqual({ outcome: 'gone' })
    expect(told[0]).toEqual(damaged(mine))
  })

  test('is left where it is by a sweep, which goes past it, and by no fold made a session', async () => {
    const { store, told } = observed({ clock: { ...nodeClock, now: () => Date.now() + 2 * HOUR } })
    const [old, mine, other] = [newKey(), newKey(), newKey()]
    const early = openStore({ directory: store.directory })
    for (const key of [old, other]) await early.create(key, newRecord())
    rename(early, old, mine)
    utimesSync(journalPath(store, mine), 0, 0)
    const bytes = readFileSync(journalPath(store, mine))

    expect(await store.clearExpired()).toEqual({ scanned: 2, removed: 1 })
    expect(told).toEqual([damaged(mine)])
    expect(readFileSync(journalPath(store, mine))).toEqual(bytes)
  })

  test('is a session again under its own name, and in a backup that was put back', async () => {
    const { store, told } = observed()
    const [key, mine] = [newKey(), newKey()]
    await store.create(key, newRecord({ user: 'ada' }))
    rename(store, key, mine, copyFileSync)
    const { store: later } = observed({ directory: store.directory })
    expect(later.load(mine)).toBeUndefined()
    rename(store, mine, key)
    expect(later.load(key)?.values).toEqual(texts({ user: 'ada' }))
    onTestFinished(() => expect(told).toEqual([]))
  })
})
