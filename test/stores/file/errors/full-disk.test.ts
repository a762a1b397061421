import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { SessionKey } from '../../../../src/contract/key.ts'
import { StoreConfigError, StoreUnavailableError } from '../../../../src/errors.ts'
import { fileStore } from '../../../../src/file.ts'
import { sessions } from '../../../../src/node.ts'
import { openPrepared, type SyncFileStore, type System } from '../../../../src/stores/file/file-store.ts'
import { systemHolders } from '../../../../src/stores/file/holder.ts'
import { nodeChance, nodeClock, nodeFiles } from '../../../../src/stores/file/node-files.ts'
import { nodeGround } from '../../../../src/stores/file/node-ground.ts'
import { runs } from '../../../adapters/support/application.ts'
import { ask, serve } from '../../../adapters/support/server.ts'
import { newKey, newRecord, texts } from '../../../support/records.ts'
import { fill, smallDisk } from './disks.ts'

afterEach(() => vi.restoreAllMocks())

const FULL = expect.objectContaining({
  code: 'UNTORN_STORE_UNAVAILABLE',
  message: expect.stringContaining('the disk is full: free some space'),
  cause: expect.objectContaining({ code: 'ENOSPC' }),
})

function opened(directory: string): SyncFileStore {
  const store = fileStore(directory, { sweepEvery: 0, onEvent: () => {} })
  onTestFinished(async () => await store.close())
  return store
}

const systemAt = (now: () => number): System => ({
  files: nodeFiles,
  ground: nodeGround,
  clock: { ...nodeClock, now },
  holders: systemHolders,
  chance: nodeChance,
})

/** Saves until the last page of the file is full too. @returns the last value that was acknowledged */
async function saveUntilFull(store: SyncFileStore, key: SessionKey): Promise<number> {
  for (let n = 1; ; n++) {
    try {
      await store.save(key, { set: texts({ n, text: 'x'.repeat(700) }) })
    } catch (error) {
      expect(error).toEqual(FULL)
      return n - 1
    }
  }
}

describe('a disk that is full', () => {
  test('fails what has to be written, by saying so; what was saved is there, and all goes on when there is space', async ({
    skip,
  }) => {
    const directory = smallDisk({ skip }, 256)
    const store = opened(directory)
    const [key, other] = [newKey(), newKey()]
    await store.create(key, newRecord({ user: 'Ada' }))
    await store.create(other, newRecord({ user: 'Eve' }))
    const before = opened(directory)
    const clear = fill(directory)
    const last = await saveUntilFull(store, key)

    // Twice, as a short write comes first and then the error.
    for (let n = 0; n < 2; n++)
      expect(() => store.save(key, { set: texts({ n: 'x'.repeat(5000) }) })).toThrow(FULL)
    expect(() => store.create(newKey(), newRecord({ user: 'Bob' }))).toThrow(FULL)
    for (const each of [store, before]) {
      expect(each.load(key)?.values.get('n')).toBe(last === 0 ? undefined : String(last))
      expect(each.load(key)?.values.get('user')).toBe('"Ada"')
      expect(each.exists(other)).toBe(true)
    }

    clear()
    expect(await store.save(key, { set: texts({ n: last + 1 }) })).toMatchObject({ outcome: 'saved' })
    expect(before.load(key)).toEqual(store.load(key))
    expect(before.load(key)?.values.get('n')).toBe(String(last + 1))
    expect(await store.create(newKey(), newRecord())).toBe(true)
    expect(await store.delete(other)).toBe(true)
    expect(namesIn(directory).filter((name) => name.startsWith('new-'))).toEqual([])
  })

  test('keeps nobody signed in: a sign-out needs no space, and is final in every process', async ({
    skip,
  }) => {
    const directory = smallDisk({ skip }, 128)
    const [store, other] = [opened(directory), opened(directory)]
    const key = newKey()
    await store.create(key, newRecord({ user: 'Ada' }))
    expect(other.exists(key)).toBe(true)
    const clear = fill(directory)
    await saveUntilFull(store, key)
    expect(await store.delete(key)).toBe(true)
    for (const each of [store, other, opened(directory)]) {
      expect(each.exists(key)).toBe(false)
      expect(await each.save(key, { set: texts({ n: 0 }) })).toEqual({ outcome: 'gone' })
      expect(await each.delete(key)).toBe(false)
    }
    expect(namesIn(directory)).toEqual([])
    clear()
    expect(other.exists(key)).toBe(false)
  })

  test('is made room on by a sweep, which needs none', async ({ skip }) => {
    const directory = smallDisk({ skip }, 128)
    let now = Date.now()
    const store = openPrepared(
      directory,
      { sweepEvery: 0, onEvent: () => {} },
      systemAt(() => now),
    )
    onTestFinished(async () => await store.close())
    fileStore(directory, { sweepEvery: 0 })
    const [key, live] = [newKey(), newKey()]
    await store.create(live, newRecord({ user: 'Eve' }, { expiresAt: now + 3_600_000 }))
    await store.create(key, newRecord({ user: 'Ada' }, { expiresAt: now + 60_000 }))
    fill(directory)
    await saveUntilFull(store, key)
    now += 120_001
    expect(() => store.load(key)).toThrow(FULL) // nobody is told that it is gone which may come back
    expect(await store.clearExpired()).toMatchObject({ removed: 1 })
    expect(store.load(key)).toBeUndefined()
    expect(await store.save(live, { set: texts({ n: 1 }) })).toMatchObject({ outcome: 'saved' })
  })

  test('is found out at start, before a visitor meets it', ({ skip }) => {
    const directory = smallDisk({ skip }, 64)
    fileStore(directory, { sweepEvery: 0 })
    const clear = fill(directory)
    const start = () => fileStore(directory, { sweepEvery: 0 })
    expect(start).toThrow(StoreConfigError)
    expect(start).toThrow(/the disk is full: free some space/)
    expect(readdirSync(directory).sort()).toEqual(['.gitkeep', 'untorn.json'])
    clear()
    expect(start).not.toThrow()
  })
})

describe('what a visitor gets while the disk is full', () => {
  test('in Express: the error handler, no half session and no cookie; then the session as it was', async ({
    skip,
  }) => {
    const directory = smallDisk({ skip }, 128)
    const store = fileStore(directory, { sweepEvery: 0, onEvent: () => {} })
    const { visitor, errors } = await runs(
      (app) => {
        app.get('/login', (req, res) => {
          req.session.user = 'x'.repeat(5000)
          res.send('hello')
        })
        app.get('/more', (req, res) => {
          req.session.views = (req.session.views ?? 0) + 1
          req.session.user = 'y'.repeat(5000)
          res.send('more')
        })
      },
      { store },
    )
    onTestFinished(async () => await store.close())
    const [known, stranger] = [visitor(), visitor()]
    expect(await known.get('/login')).toMatchObject({ text: 'hello' })
    const clear = fill(directory)
    expect(await known.get('/more')).toMatchObject({
      text: 'failed: UNTORN_STORE_UNAVAILABLE',
      setCookies: [],
    })
    expect(await stranger.get('/login')).toMatchObject({
      text: 'failed: UNTORN_STORE_UNAVAILABLE',
      setCookies: [],
    })
    expect(await known.json('/session')).toEqual({ user: 'x'.repeat(5000) })
    expect(errors).toEqual([FULL, FULL])
    clear()
    expect(await known.get('/more')).toMatchObject({ text: 'more' })
    expect(await known.json('/session')).toEqual({ user: 'y'.repeat(5000), views: 1 })
    expect(await stranger.get('/login')).toMatchObject({ text: 'hello' })
  })

  test('on node:http: a status 503 that tells nothing, and then the session as it was', async ({ skip }) => {
    const directory = smallDisk({ skip }, 128)
    const store = fileStore(directory, { sweepEvery: 0, onEvent: () => {} })
    onTestFinished(async () => await store.close())
    const events: unknown[] = []
    const withSession = sessions({ store, onEvent: (event) => events.push(event) })
    const port = await serve(
      withSession((req, res) => {
        req.session.set('text', 'x'.repeat(5000))
        res.end('saved')
      }),
    )
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    const clear = fill(directory)
    const answer = await ask(port)
    expect(answer).toMatchObject({ status: 503, setCookies: [] })
    expect(answer.text).not.toContain(directory)
    expect(events).toContainEqual({ type: 'error', error: expect.any(StoreUnavailableError) })
    expect(String(warn.mock.calls[0]?.[0])).toContain('the disk is full: free some space')
    clear()
    expect(await ask(port)).toMatchObject({ status: 200, text: 'saved' })
  })
})

const namesIn = (directory: string): string[] => {
  const shards = readdirSync(directory, { withFileTypes: true }).filter((each) => each.isDirectory())
  return shards.flatMap(({ name }) => readdirSync(join(directory, name)))
}
