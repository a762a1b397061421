import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { fileStore } from '../../../../src/file.ts'
import type { FileStoreEvent } from '../../../../src/stores/file/events.ts'
import type { SyncFileStore } from '../../../../src/stores/file/file-store.ts'
import { reasonOf } from '../../../../src/stores/file/system-error.ts'
import { newKey, newRecord, texts } from '../../../support/records.ts'
import { fill, smallDisk } from './disks.ts'

const NO_INODES = /the file system has space left, but no inodes.*remove files, or use one with more/

function opened(directory: string, events: FileStoreEvent[] = []): SyncFileStore {
  const store = fileStore(directory, { sweepEvery: 0, onEvent: (event) => void events.push(event) })
  onTestFinished(async () => await store.close())
  return store
}

/** Makes files until there can be no more. */
function useUp(directory: string): void {
  for (let n = 0; ; n++) {
    try {
      writeFileSync(join(directory, `untorn.json.${n}`), '') // names that are in nobody's way
    } catch {
      return
    }
  }
}

describe('a file system that has no inodes left, and space', () => {
  test('says so at a new session, a fold and a start; who has a session changes it and signs out', async ({
    skip,
  }) => {
    const directory = smallDisk({ skip }, 4096, 40)
    const events: FileStoreEvent[] = []
    const store = opened(directory, events)
    const key = newKey()
    await store.create(key, newRecord({ user: 'Ada' }))
    useUp(directory)
    expect(() => store.create(newKey(), newRecord())).toThrow(
      expect.objectContaining({
        code: 'UNTORN_STORE_UNAVAILABLE',
        message: expect.stringMatching(NO_INODES),
        cause: expect.objectContaining({ code: 'ENOSPC' }),
      }),
    )
    for (let n = 0; n < 100; n++) {
      const saved = await store.save(key, { set: texts({ n, text: 'x'.repeat(1000) }) })
      expect(saved).toMatchObject({ outcome: 'saved' })
    }
    const failed = events.find((event) => event.type === 'fold-failed')
    expect(reasonOf((failed as { error: unknown }).error)).toMatch(NO_INODES)
    expect(() => fileStore(directory)).toThrow(NO_INODES)
    expect(await store.delete(key)).toBe(true)
    expect(readdirSync(join(directory, key.slice(0, 2)))).toEqual([])
    // The inode is free when the removed file is closed, which the thread pool does.
    const next = `${key.slice(0, 2)}${newKey().slice(2)}` as typeof key
    await expect.poll(() => store.create(next, newRecord())).toBe(true)
  })

  test('a disk that is full is called full all the same', async ({ skip }) => {
    const directory = smallDisk({ skip }, 256)
    const store = opened(directory)
    const key = newKey()
    await store.create(key, newRecord())
    fill(directory)
    expect(() => store.create(newKey(), newRecord())).toThrow(/the disk is full: free some space/)
  })

  test('so is one that has neither', async ({ skip }) => {
    const directory = smallDisk({ skip }, 256, 40)
    const store = opened(directory)
    fill(directory)
    useUp(directory)
    expect(() => store.create(newKey(), newRecord())).toThrow(/the disk is full: free some space/)
  })
})
