import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { SessionKey } from '../../../src/contract/key.ts'
import { fileStore } from '../../../src/file.ts'
import type { FileStoreEvent } from '../../../src/stores/file/events.ts'
import type { SyncFileStore } from '../../../src/stores/file/file-store.ts'
import type { FileStoreOptions } from '../../../src/stores/file/options.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { watchedFiles } from '../../support/faulty-files.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { smallDisk } from './errors/disks.ts'
import { journalPath, openStore } from './file-stores.ts'

afterEach(() => vi.restoreAllMocks())

/** What cleaners do: all files, or the directories too that are empty then. */
const CLEANERS = {
  'find -type f -delete': (directory: string) => void find(directory, '-type', 'f', '-delete'),
  'systemd-tmpfiles': (directory: string) => void find(directory, '-mindepth', '1', '-delete'),
}

const find = (...args: string[]): Buffer => execFileSync('find', args)

const manifestIn = (directory: string): unknown =>
  JSON.parse(readFileSync(join(directory, 'untorn.json'), 'utf8'))

function openedWith(durability: 'process' | 'disk', directory = temporaryDirectory()) {
  const events: FileStoreEvent[] = []
  const options = { durability, onEvent: (event: FileStoreEvent) => void events.push(event) }
  return { store: openStore({ directory, options }), events, directory }
}

/** A key in another shard than the others. */
const keyIn = (shard: string): SessionKey => `${shard}${newKey().slice(2)}` as SessionKey

describe.each(Object.entries(CLEANERS))('while an application runs, %s', (_, clean) => {
  test.each(['process', 'disk'] as const)(
    "signs visitors out, and is no error: with '%s' every verb goes on, with files open or not",
    async (durability) => {
      const { store, events, directory } = openedWith(durability)
      const other = openedWith(durability, directory).store
      const [open, closed, unknown] = [keyIn('aa'), keyIn('aa'), keyIn('bb')]
      for (const key of [open, closed]) await store.create(key, newRecord({ user: 'Ada' }))
      expect(other.load(open)).toBeDefined()
      clean(directory)
      for (const each of [other, store]) {
        for (const key of [open, closed, unknown]) {
          expect(each.load(key)).toBeUndefined()
          expect(each.exists(key)).toBe(false)
          expect(await each.save(key, { set: texts({ a: 1 }) })).toMatchObject({ outcome: 'gone' })
          expect(await each.delete(key)).toBe(false)
        }
      }
      expect(manifestIn(directory)).toMatchObject({ format: 1 })
      clean(directory)
      for (const key of [open, unknown]) expect(await store.create(key, newRecord())).toBe(true)
      expect(other.exists(open) && other.exists(unknown)).toBe(true)
      expect(await other.count()).toBe(2)
      await other.clearExpired()
      expect(manifestIn(directory)).toMatchObject({ format: 1 })
      expect(events.map(({ type }) => type)).not.toContain('sweep-failed')
    },
  )

  test('is told, with what to do about it', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    const store = openStore()
    await store.create(keyIn('aa'), newRecord())
    clean(store.directory)
    store.load(keyIn('bb'))
    store.load(keyIn('cc'))
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      expect.stringMatching(/untorn\.json had been removed.*keep it away, or move the directory/),
    ])
    expect(warn.mock.calls[0]![0]).toContain(store.directory)
  })

  test('does not keep the next start from working, beside others or not', async () => {
    const { store, directory } = openedWith('process')
    await store.create(newKey(), newRecord())
    clean(directory)
    const events: FileStoreEvent[] = []
    const key = newKey()
    const next = openStore({ directory, options: { onEvent: (event) => void events.push(event) } })
    expect(await next.create(key, newRecord())).toBe(true)
    expect(store.exists(key)).toBe(true)
    expect(manifestIn(directory)).toMatchObject({ format: 1 })
  })
})

test('only the manifest was removed: every session is there, the next start makes it again and says so', async () => {
  const { store, directory } = openedWith('process')
  const [key, later] = [newKey(), newKey()]
  await store.create(key, newRecord({ user: 'Ada' }))
  rmSync(join(directory, 'untorn.json'))
  const events: FileStoreEvent[] = []
  const next = openStore({ directory, options: { onEvent: (event) => void events.push(event) } })
  expect(events).toEqual([{ type: 'manifest-restored', directory }])
  expect(next.load(key)?.values).toEqual(texts({ user: 'Ada' }))
  rmSync(join(directory, 'untorn.json'))
  expect(await next.clearExpired()).toMatchObject({ scanned: 1, removed: 0 })
  expect(store.load(key)?.values).toEqual(texts({ user: 'Ada' }))
  expect(await store.create(later, newRecord())).toBe(true)
})

test('a sweep in the background finds no manifest, makes it again and sweeps', async () => {
  const events: FileStoreEvent[] = []
  const store = openStore({ options: { sweepEvery: '20ms', onEvent: (event) => void events.push(event) } })
  const manifest = join(store.directory, 'untorn.json')
  rmSync(manifest)
  await expect.poll(() => existsSync(manifest)).toBe(true)
  await store.close()
  expect(events.map(({ type }) => type)).toEqual(['manifest-restored'])
})

test('a manifest that can not be written now keeps nobody from their session', async () => {
  let full = false
  const store = openStore({
    files: watchedFiles((call) => {
      if (full && call === 'create') throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
    }),
  })
  const key = keyIn('aa')
  await store.create(key, newRecord({ user: 'Ada' }))
  rmSync(join(store.directory, 'untorn.json'))
  full = true
  expect(store.load(keyIn('bb'))).toBeUndefined()
  expect(store.load(key)).toBeDefined()
  full = false
  store.load(keyIn('bb'))
  expect(readdirSync(store.directory)).toContain('untorn.json')
})

test('on a full disk, where no manifest can be made, a sweep makes room all the same', async () => {
  let full = false
  const events: FileStoreEvent[] = []
  const open = (sweepEvery: NonNullable<FileStoreOptions['sweepEvery']>, directory?: string) =>
    openStore({
      ...(directory && { directory }),
      options: { sweepEvery, onEvent: (event) => void events.push(event) },
      files: watchedFiles((call) => {
        if (full && call === 'create') throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
      }),
    })
  const store = open(0)
  const expired = async () => {
    full = false
    await store.create(newKey(), newRecord({}, { expiresAt: Date.now() + 2 }))
    await new Promise((resolve) => setTimeout(resolve, 10))
    rmSync(join(store.directory, 'untorn.json'), { force: true })
    full = true
  }
  await expired()
  expect(await store.clearExpired()).toEqual({ scanned: 1, removed: 1 })
  const other = open('20ms', store.directory)
  await expired()
  await expect.poll(() => other.stats.swept).toBe(1)
  expect(events.filter(({ type }) => type === 'sweep-failed')).toEqual([])
})

describe('without a manifest a directory is refused that has something of somebody else in it', () => {
  test.each([
    ['beside the shards', 'thesis.txt'],
    ['in a shard', 'aa/thesis.txt'],
    ['in the place of a shard', 'ab'],
  ])('%s', async (_, path) => {
    const { store, directory } = openedWith('process')
    await store.create(keyIn('aa'), newRecord())
    await store.close()
    rmSync(join(directory, 'untorn.json'))
    writeFileSync(join(directory, path), 'text')
    expect(() => fileStore(directory)).toThrow(
      expect.objectContaining({ code: 'UNTORN_STORE_CONFIG', message: expect.stringContaining(path) }),
    )
    expect(readdirSync(directory)).not.toContain('untorn.json')
  })

  test.each([
    ['a copy', (key: string) => `${key.slice(0, 2)}/${key.slice(2)}.bak`],
    ['what rsync writes to', (key: string) => `${key.slice(0, 2)}/.${key.slice(2)}.Xy1Zw2`],
    ['a file beside the shards', (key: string) => key.slice(2)],
  ])('and the message names no whole key: %s', (_, place) => {
    const directory = temporaryDirectory()
    const key = newKey()
    mkdirSync(join(directory, key.slice(0, 2)), { mode: 0o700 })
    writeFileSync(join(directory, place(key)), 'text')
    expect(() => fileStore(directory)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(key.slice(12, 40)) }),
    )
  })
})

describe('a directory that is gone is a failure in every process, and no world where nobody is signed in', () => {
  const GONE = expect.objectContaining({
    code: 'UNTORN_STORE_UNAVAILABLE',
    message: expect.stringContaining('the directory is gone: restore it'),
  })

  async function expectGone(store: SyncFileStore, key: SessionKey): Promise<void> {
    expect(() => store.load(key)).toThrow(GONE)
    expect(() => store.exists(key)).toThrow(GONE)
    expect(() => store.save(key, { set: texts({ a: 1 }) })).toThrow(GONE)
    expect(() => store.delete(key)).toThrow(GONE)
    expect(() => store.create(newKey(), newRecord())).toThrow(GONE)
    expect(() => store.create(keyIn(key.slice(0, 2)), newRecord())).toThrow(GONE)
    await expect(store.count()).rejects.toEqual(GONE)
    await expect(store.clearExpired()).rejects.toEqual(GONE)
    await expect(store.records()[Symbol.asyncIterator]().next()).rejects.toEqual(GONE)
  }

  test('moved away, with an empty one in its place: nothing is made in that', async () => {
    const { store, directory } = openedWith('process')
    const other = openedWith('process', directory).store
    const key = newKey()
    await store.create(key, newRecord({ user: 'Ada' }))
    await store.close()
    const third = openedWith('process', directory).store
    expect(third.exists(keyIn(key.slice(0, 2)))).toBe(false)
    renameSync(directory, `${directory}.moved`)
    mkdirSync(directory, { mode: 0o700 })
    // It knows the shard, and takes it for one that is only to be made again.
    expect(() => third.create(keyIn(key.slice(0, 2)), newRecord())).toThrow(GONE)
    for (const each of [other, third]) await expectGone(each, key)
    expect(readdirSync(directory)).toEqual([])
    rmdirSync(directory)
    renameSync(`${directory}.moved`, directory)
    for (const each of [other, third]) expect(each.load(key)?.values).toEqual(texts({ user: 'Ada' }))
  })

  test('unmounted: what is below the mount is another directory', async ({ skip }) => {
    const disk = smallDisk({ skip }, 512)
    const { store } = openedWith('process', disk)
    const key = newKey()
    await store.create(key, newRecord())
    const other = openedWith('process', disk).store
    execFileSync('umount', ['--lazy', disk])
    try {
      await expectGone(other, key)
      expect(readdirSync(disk)).toEqual([])
      // Its file is open, and leads to the file system that was taken away.
      expect(store.load(key)).toBeDefined()
      await store.close()
    } finally {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'untorn-test', disk])
    }
  })
})

test('a shard that was made anew has its name synced again', async () => {
  const synced: string[] = []
  const store = openStore({
    options: { durability: 'disk', onEvent: () => {} },
    files: watchedFiles((call, [path]) => {
      if (call === 'syncDirectory') synced.push(path as string)
    }),
  })
  await store.create(keyIn('aa'), newRecord())
  find(store.directory, '-mindepth', '1', '-delete')
  synced.length = 0
  const key = keyIn('aa')
  await store.create(key, newRecord())
  expect(synced).toContain(store.directory)
  expect(readdirSync(join(store.directory, 'aa'))).toEqual([key.slice(2)])
  expect(journalPath(store, key)).toContain('/aa/')
})

test("with 'disk' a sign-out after a failed sync is none the worse for a cleaner that was there first", async () => {
  let fails = false
  const store = openStore({
    options: { durability: 'disk', onEvent: () => {} },
    files: watchedFiles((call) => {
      if (fails && (call === 'sync' || call === 'create'))
        throw Object.assign(new Error('EIO'), { code: 'EIO' })
    }),
  })
  const key = keyIn('aa')
  await store.create(key, newRecord())
  fails = true
  await expect(async () => await store.save(key, { set: texts({ a: 1 }) })).rejects.toThrow('Could not save')
  fails = false
  find(store.directory, '-mindepth', '1', '-delete')
  expect(await store.delete(key)).toBe(false)
  expect(store.exists(key)).toBe(false)
})
