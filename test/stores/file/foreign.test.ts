import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { SessionKey } from '../../../src/contract/key.ts'
import { copySessions, verifySessions } from '../../../src/copy.ts'
import { memoryStore } from '../../../src/memory.ts'
import { moving } from '../../../src/moving.ts'
import type { FileStoreEvent } from '../../../src/stores/file/events.ts'
import type { FileStoreOptions } from '../../../src/stores/file/options.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { newKey, newRecord } from '../../support/records.ts'
import { NOBODY, withoutRoot } from './errors/disks.ts'
import { journalPath, openStore } from './file-stores.ts'

const OWNER = 'ada'
const isRoot = process.geteuid?.() === 0

/** What somebody may put where a session's file would be. */
const FILES: Record<string, (path: string) => void> = {
  'a link': (path) => symlinkSync('/dev/zero', path),
  'a link that leads nowhere': (path) => symlinkSync(`${path}.gone`, path),
  'a directory': (path) => mkdirSync(path),
  'a FIFO': (path) => void execFileSync('mkfifo', [path]),
  ...(isRoot && {
    'a device that never ends': (path: string) => void execFileSync('mknod', [path, 'c', '1', '5']),
    'a file of another user': (path: string) => {
      writeFileSync(path, '', { mode: 0o600 })
      chownSync(path, NOBODY, NOBODY)
    },
  }),
}

/** And where a shard would be. */
const SHARDS: Record<string, (path: string) => void> = {
  'a link': (path) => symlinkSync(temporaryDirectory(), path),
  'a file': (path) => writeFileSync(path, ''),
  ...(isRoot && {
    'a directory of another user': (path: string) => {
      mkdirSync(path, { mode: 0o700 })
      chownSync(path, NOBODY, NOBODY)
    },
  }),
}

async function keysIn(list: AsyncIterable<[SessionKey, unknown]>): Promise<SessionKey[]> {
  const keys: SessionKey[] = []
  for await (const [key] of list) keys.push(key)
  return keys.sort()
}

/** A store with some sessions, and beside one of them, in the same shard, what `put` makes; opened anew since. */
async function planted(put: (path: string) => void, options?: FileStoreOptions) {
  const first = openStore()
  const sessions = [newKey(), newKey(), newKey()].sort()
  for (const key of sessions) await first.create(key, newRecord({}, { owner: OWNER }))
  const key = `${sessions[1]!.slice(0, 2)}${newKey().slice(2)}` as SessionKey
  put(journalPath(first, key))
  const told: FileStoreEvent[] = []
  const onEvent = (event: FileStoreEvent): void => void told.push(event)
  const store = openStore({ directory: first.directory, options: { onEvent, ...options } })
  return { store, key, sessions, told }
}

const foreign = (file: string): object => ({ type: 'foreign-file', file, error: expect.any(Error) })
const label = (key: SessionKey): string => `${key.slice(0, 2)}/${key.slice(2, 8)}...`

describe.each(Object.entries(FILES))('%s in the place of a session', (_, put) => {
  test('is told of, once in each listing, and keeps none from the sessions beside it', async () => {
    const { store, key, sessions, told } = await planted(put)
    const event = foreign(label(key))
    expect(await keysIn(store.records())).toEqual(sessions)
    expect(told).toEqual([event])
    expect(await keysIn(store.byOwner(OWNER))).toEqual(sessions)
    expect(told).toEqual([event, event])
    expect(await keysIn(moving({ from: store, to: memoryStore() }).records())).toEqual(sessions)
    expect(told).toEqual([event, event, event])
    expect(await store.count()).toBe(4) // by names alone
  })

  test('keeps no sweep from what has expired', async () => {
    const { store, key, told } = await planted(put)
    const old = newKey()
    await store.create(old, newRecord({}, { expiresAt: Date.now() + 2 }))
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect((await store.clearExpired()).removed).toBe(1)
    for (const event of told) expect(event).toEqual(foreign(label(key)))
  })

  test('is what a copy says that it has left out, and goes on', async () => {
    const { store: from, sessions } = await planted(put)
    const to = memoryStore()
    expect(await copySessions({ from, to })).toMatchObject({
      ...{ seen: 3, copied: 3, unreadable: 1 },
      notRead: [expect.stringMatching(/is not a journal of this store.*move it away/)],
    })
    expect(await verifySessions({ from, to })).toMatchObject({ ok: true, same: 3 })
    expect(await keysIn(to.records())).toEqual(sessions)
  })

  test.each(['sync', 'pool'] as const)(
    'is refused before it is read, with coldLoads %s',
    async (coldLoads) => {
      const { store, key, sessions } = await planted(put, { coldLoads })
      const load = async (of: SessionKey): Promise<unknown> => await store.load(of)
      await expect(load(key)).rejects.toThrow(/is not a journal of this store/)
      for (const each of sessions) expect(await load(each)).toMatchObject({ owner: OWNER })
    },
  )
})

describe.each(Object.entries(SHARDS))('%s in the place of a shard', (_, put) => {
  test('is told of and passed by: by listings, counts, sweeps and copies', async () => {
    const first = openStore()
    const key = newKey()
    await first.create(key, newRecord({}, { owner: OWNER }))
    const shard = key.startsWith('00') ? '01' : '00'
    const told: FileStoreEvent[] = []
    const store = openStore({ directory: first.directory, options: { onEvent: (event) => told.push(event) } })
    put(join(first.directory, shard)) // one that is there before is refused at start

    expect(await keysIn(store.records())).toEqual([key])
    expect(await keysIn(store.byOwner(OWNER))).toEqual([key])
    expect(await store.count()).toBe(1)
    expect(await store.clearExpired()).toEqual({ scanned: 1, removed: 0 })
    expect(told).toEqual(Array.from({ length: 4 }, () => foreign(shard)))
    expect(await copySessions({ from: store, to: memoryStore() })).toMatchObject({ copied: 1, unreadable: 1 })
  })
})

describe('what may be a session, and is refused,', () => {
  test('ends a listing, which must not say that there is nothing: a hard link, a shard that others may write', async () => {
    const { store, sessions } = await planted(() => {})
    const path = journalPath(store, sessions[0]!)
    execFileSync('ln', [path, `${store.directory}/backup`])
    await expect(keysIn(store.byOwner(OWNER))).rejects.toThrow(/hard link/)
    rmSync(`${store.directory}/backup`)
    const fresh = openStore({ directory: store.directory })
    chmodSync(dirname(path), 0o777)
    await expect(keysIn(fresh.byOwner(OWNER))).rejects.toThrow(/chmod -R go-w/)
  })
})

test.skipIf(!isRoot)('a file of another user that it may not open is told of in the same way', async () => {
  const directory = temporaryDirectory()
  chownSync(directory, NOBODY, NOBODY)
  const told: FileStoreEvent[] = []
  const onEvent = (event: FileStoreEvent): void => void told.push(event)
  const store = withoutRoot(() => openStore({ directory, options: { onEvent } }))
  const key = newKey()
  const other = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}` as SessionKey
  await withoutRoot(() => store.create(key, newRecord()))
  writeFileSync(journalPath(store, other), '', { mode: 0o600 })
  expect(() => withoutRoot(() => store.load(other))).toThrow(/is not a journal of this store/)
  expect(await withoutRoot(() => keysIn(store.records()))).toEqual([key])
  expect(told).toEqual([foreign(label(other))])
})
