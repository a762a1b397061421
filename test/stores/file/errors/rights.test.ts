import { chmodSync, chownSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { SessionKey } from '../../../../src/contract/key.ts'
import { StoreConfigError } from '../../../../src/errors.ts'
import { fileStore } from '../../../../src/file.ts'
import type { FileStoreEvent } from '../../../../src/stores/file/events.ts'
import type { SyncFileStore } from '../../../../src/stores/file/file-store.ts'
import { temporaryDirectory } from '../../../support/directory.ts'
import { newKey, newRecord, texts } from '../../../support/records.ts'
import { journalPath, openStore } from '../file-stores.ts'
import { NOBODY, readOnly, smallDisk, withoutRoot } from './disks.ts'

const unavailable = (cause: string, advice: string) =>
  expect.objectContaining({
    code: 'UNTORN_STORE_UNAVAILABLE',
    message: expect.stringContaining(advice),
    cause: expect.objectContaining({ code: cause }),
  })

/** A store of a user that has no more rights than its files give. */
function opened(directory: string, events: FileStoreEvent[] = []): SyncFileStore {
  const options = { sweepEvery: 0, onEvent: (event: FileStoreEvent) => void events.push(event) }
  const store = withoutRoot(() => fileStore(directory, options))
  onTestFinished(async () => await store.close())
  return store
}

function directoryOfItsOwn(): string {
  const directory = temporaryDirectory()
  if (process.geteuid?.() === 0) chownSync(directory, NOBODY, NOBODY)
  return directory
}

describe('a store that has lost its rights', () => {
  const FORBIDDEN = unavailable('EACCES', 'see to the owner and the mode of the directory')

  test('to a shard: new sessions are refused, others are saved and deleted all the same', async () => {
    const events: FileStoreEvent[] = []
    const store = opened(directoryOfItsOwn(), events)
    const key = newKey()
    const sibling = `${key.slice(0, 2)}${newKey().slice(2)}` as SessionKey
    await withoutRoot(() => store.create(key, newRecord({ user: 'Ada' })))
    const shard = dirname(journalPath(store, key))
    chmodSync(shard, 0o500)

    expect(() => withoutRoot(() => store.create(sibling, newRecord()))).toThrow(FORBIDDEN)
    for (let n = 0; n < 100; n++) {
      const saved = withoutRoot(() => store.save(key, { set: texts({ n, text: 'x'.repeat(1000) }) }))
      expect(saved).toMatchObject({ outcome: 'saved' })
    }
    expect(events[0]).toMatchObject({ type: 'fold-failed', error: { code: 'EACCES' } })
    expect(withoutRoot(() => opened(store.directory).load(key))?.values.get('n')).toBe('99')
    expect(withoutRoot(() => store.delete(key))).toBe(true)
    expect(events.at(-1)).toMatchObject({ type: 'file-left', error: { code: 'EACCES' } })
    expect(withoutRoot(() => store.exists(key))).toBe(false)
    expect(withoutRoot(() => opened(store.directory).exists(key))).toBe(false)

    chmodSync(shard, 0o700)
    expect(withoutRoot(() => store.create(sibling, newRecord()))).toBe(true)
    await withoutRoot(() => store.clearExpired())
    expect(existsSync(journalPath(store, key))).toBe(false)
    expect(existsSync(journalPath(store, sibling))).toBe(true)
  })

  test('to a file: the session can not be used, and is not taken for one that is over', async () => {
    const store = opened(directoryOfItsOwn())
    const key = newKey()
    await withoutRoot(() => store.create(key, newRecord({ user: 'Ada' })))
    chmodSync(journalPath(store, key), 0o000)
    const other = opened(store.directory)
    for (const verb of verbsOf(other, key)) expect(() => withoutRoot(verb)).toThrow(FORBIDDEN)
    chmodSync(journalPath(store, key), 0o600)
    expect(withoutRoot(() => other.load(key))).toEqual(withoutRoot(() => store.load(key)))
  })
})

describe('a file system that has become read-only', () => {
  const READ_ONLY = unavailable('EROFS', 'mount it writable')

  test('is an error that says so, and at start a refusal', async ({ skip }) => {
    const directory = smallDisk({ skip }, 256)
    const key = newKey()
    const first = fileStore(directory, { sweepEvery: 0 })
    await first.create(key, newRecord({ user: 'Ada' }))
    await first.close()
    const store = fileStore(directory, { sweepEvery: 0 })
    onTestFinished(async () => await store.close())
    readOnly(directory)
    for (const verb of verbsOf(store, key)) expect(verb).toThrow(READ_ONLY)
    expect(() => store.create(newKey(), newRecord())).toThrow(READ_ONLY)
    await expect(store.clearExpired()).rejects.toEqual(READ_ONLY)
    expect(() => fileStore(directory)).toThrow(StoreConfigError)
    expect(() => fileStore(directory)).toThrow(/mount it writable/)
  })
})

describe('a directory that is removed under a store that runs', () => {
  const GONE = unavailable('ENOENT', 'the directory is gone: restore it')

  test('is an error for every verb, and not a world where nobody is signed in', async () => {
    const store = openStore()
    const [key, unknown] = [newKey(), newKey()]
    await store.create(key, newRecord())
    rmSync(store.directory, { recursive: true })
    for (const verb of [...verbsOf(store, key), ...verbsOf(store, unknown)]) expect(verb).toThrow(GONE)
    expect(() => store.create(unknown, newRecord())).toThrow(GONE)
    await expect(store.clearExpired()).rejects.toEqual(GONE)
    await expect(store.records()[Symbol.asyncIterator]().next()).rejects.toEqual(GONE)
    await expect(store.byOwner('Ada')[Symbol.asyncIterator]().next()).rejects.toEqual(GONE)
  })

  test('has its sessions back when it is, and is a new one when somebody makes that', async () => {
    const store = openStore()
    const [key, later] = [newKey(), newKey()]
    await store.create(key, newRecord({ user: 'Ada' }))
    const other = openStore({ directory: store.directory })
    renameSync(store.directory, `${store.directory}.moved`)
    expect(() => other.load(key)).toThrow(GONE)
    expect(await store.save(key, { set: texts({ cart: [1] }) })).toMatchObject({ outcome: 'saved' }) // its file is open
    renameSync(`${store.directory}.moved`, store.directory)
    expect(other.load(key)?.values).toEqual(texts({ user: 'Ada', cart: [1] }))

    rmSync(store.directory, { recursive: true })
    fileStore(store.directory, { sweepEvery: 0 })
    for (const each of [store, other]) expect(each.load(key)).toBeUndefined()
    expect(await store.create(later, newRecord())).toBe(true)
    expect(other.exists(later)).toBe(true)
    expect(readdirSync(store.directory).sort()).toEqual([later.slice(0, 2), 'untorn.json'].sort())
    expect(readdirSync(join(store.directory, later.slice(0, 2)))).toEqual([later.slice(2)])
  })
})

/** What can be asked for a session that may be there. */
function verbsOf(store: SyncFileStore, key: SessionKey): (() => unknown)[] {
  return [
    () => store.load(key),
    () => store.exists(key),
    () => store.save(key, { set: texts({ a: 1 }) }),
    () => store.save(key, { set: texts({ a: 1 }) }, { ifVersion: 0 }),
    () => store.save(key, {}),
    () => store.delete(key),
  ]
}
