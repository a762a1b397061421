import { appendFileSync, unlinkSync, utimesSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { SessionKey } from '../../../../src/contract/key.ts'
import type { SyncFileStore } from '../../../../src/stores/file/file-store.ts'
import { systemHolders } from '../../../../src/stores/file/holder.ts'
import { encodeLine } from '../../../../src/stores/file/journal/line.ts'
import { watchedFiles } from '../../../support/faulty-files.ts'
import { newKey, newRecord, texts } from '../../../support/records.ts'
import { journalPath, openStore } from '../file-stores.ts'
import type { Call } from './faults.ts'
import { DEAD } from './stage.ts'

afterEach(() => vi.restoreAllMocks())

/** A system error as Node makes them, with the path in its message. */
function failure(code: string, syscall: string, path: unknown): Error {
  return Object.assign(new Error(`${code}: some reason, ${syscall} '${path}'`), { code, syscall, path })
}

describe('what a store that nobody listens to warns of', () => {
  const failing = new Map<Call, string>()
  afterEach(() => failing.clear())

  function warned() {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    const store = openStore({
      files: watchedFiles((call, [path]) => {
        const code = failing.get(call)
        if (code !== undefined) throw failure(code, call, path)
      }),
    })
    return { store, key: newKey(), warnings: () => warn.mock.calls.map(([text]) => String(text)) }
  }

  const fold = async (store: SyncFileStore, key: SessionKey) => {
    for (let n = 0; n < 60; n++) await store.save(key, { set: texts({ n, text: 'x'.repeat(1200) }) })
  }
  const remove = (store: SyncFileStore, key: SessionKey) => store.delete(key)
  const sweep = (store: SyncFileStore, key: SessionKey) => {
    utimesSync(journalPath(store, key), 0, 0)
    return store.clearExpired()
  }

  test.each([
    ['a fold', fold, 'create', 'ENOSPC', /could not be folded: the disk is full: free some space\.$/],
    [
      'a file',
      remove,
      'unlink',
      'EROFS',
      /could not be removed.*: the file system is read-only: .*writable\.$/,
    ],
    ['a sweep', sweep, 'open', 'EIO', /sweep of expired sessions failed: the device .*system log\.$/],
  ] as const)('%s that failed: what to do, and no key', async (_, act, call, code, expected) => {
    const { store, key, warnings } = warned()
    await store.create(key, newRecord())
    failing.set(call, code)
    await act(store, key)
    expect(warnings()[0]).toMatch(expected)
    for (const text of warnings()) expect(text).not.toMatch(/[0-9a-f]{62}/)
  })
})

test('each verb says what it could not do: to look for a session is not to load it', () => {
  let fails = false
  const store = openStore({
    files: watchedFiles((call, [path]) => {
      if (fails && call === 'open') throw failure('EIO', call, path)
    }),
  })
  const key = newKey()
  void store.create(key, newRecord())
  fails = true
  const other = `${key.slice(0, 2)}${newKey().slice(2)}` as SessionKey
  expect(() => store.load(other)).toThrow(/^Could not load a session in /)
  expect(() => store.exists(other)).toThrow(/^Could not look for a session in /)
  expect(() => store.save(other, { set: texts({ a: 1 }) })).toThrow(/^Could not save a session in /)
  expect(() => store.delete(other)).toThrow(/^Could not delete a session in /)
})

test('a fold whose new file was swept, as it waited for the device, writes another', async () => {
  let swept = 0
  const store = openStore({
    options: { durability: 'disk', onEvent: () => {} },
    holders: (name) => ({
      ...systemHolders(name),
      status: (holder) => (holder.store === DEAD.store ? 'dead' : 'self'),
    }),
    files: watchedFiles((call, [path]) => {
      if (call !== 'rename' || swept++ > 0) return
      unlinkSync(path as string)
    }),
  })
  const key = newKey()
  await store.create(key, newRecord({ a: 1 }))
  appendFileSync(journalPath(store, key), encodeLine({ kind: 'seal', id: 'dead.1', holder: DEAD }))
  expect(await store.save(key, { set: texts({ b: 2 }) })).toMatchObject({ outcome: 'saved' })
  expect(swept).toBe(2)
  expect(store.stats.takeOvers).toBe(1)
  expect(store.load(key)?.values).toEqual(texts({ a: 1, b: 2 }))
})
