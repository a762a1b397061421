import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Progress } from '../../../src/contract/store.ts'
import { StoreUnavailableError } from '../../../src/errors.ts'
import type { FileStore } from '../../../src/stores/file/file-store.ts'
import type { Clock } from '../../../src/stores/file/files.ts'
import { encodeLine } from '../../../src/stores/file/journal/line.ts'
import { nodeClock } from '../../../src/stores/file/node-files.ts'
import { watchedFiles } from '../../support/faulty-files.ts'
import { newKey, newRecord } from '../../support/records.ts'
import { journalPath, openStore } from './file-stores.ts'

const TWO_MINUTES_AGO = new Date(Date.now() - 120_000)

async function createMany(store: FileStore, count: number, expiresIn: number) {
  const keys = Array.from({ length: count }, newKey)
  for (const key of keys) await store.create(key, newRecord({}, { expiresAt: Date.now() + expiresIn }))
  return keys
}

describe('a sweep', () => {
  test('removes the files of expired sessions, leaves the others, and tells how far it is', async () => {
    const store = openStore()
    const expired = await createMany(store, 30, -1)
    const live = await createMany(store, 20, 60_000)
    const progress: Progress[] = []
    const swept = await store.clearExpired({ onProgress: (done) => progress.push({ ...done }) })
    expect(swept).toEqual({ scanned: 50, removed: 30 })
    expect(expired.some((key) => existsSync(journalPath(store, key)))).toBe(false)
    expect(live.every((key) => store.exists(key))).toBe(true)
    expect(progress.at(-1)).toEqual({ done: 256, total: 256, scanned: 50, removed: 30 })
    expect(progress.map(({ done }) => done)).toEqual(Array.from({ length: 256 }, (_, n) => n + 1))
    expect(await store.clearExpired()).toEqual({ scanned: 20, removed: 0 })
  })

  test('removes an expired session that somebody has read in this millisecond', async () => {
    const now = Date.now()
    const store = openStore({ clock: { ...nodeClock, now: () => now } })
    const key = newKey()
    await store.create(key, newRecord({}, { expiresAt: now - 1 }))
    utimesSync(journalPath(store, key), (now + 0.9) / 1000, now / 1000)
    expect(await store.clearExpired()).toEqual({ scanned: 1, removed: 1 })
  })

  test('looks for sessions only in those of its folders that are there, and tells of all', async () => {
    const listed: unknown[] = []
    const store = openStore({ files: watchedFiles((call, args) => call === 'list' && listed.push(args[0])) })
    const [key] = await createMany(store, 1, 60_000)
    const folder = join(store.directory, key!.slice(0, 2))
    listed.length = 0
    const progress: Progress[] = []
    await store.clearExpired({ onProgress: (done) => progress.push({ ...done }) })
    expect(progress.at(-1)).toEqual({ done: 256, total: 256, scanned: 1, removed: 0 })
    for await (const [found] of store.records()) expect(found).toBe(key)
    expect(await store.count()).toBe(1)
    expect(listed).toEqual(Array.from({ length: 3 }, () => [store.directory, folder]).flat())
  })

  test.each(['sweep', 'listing', 'count'])(
    'a %s fails if the whole directory goes away under way',
    async (what) => {
      let [isWaiting, isAway] = [false, false]
      const isReached = (call: string, path: unknown): boolean =>
        what === 'count' ? call === 'list' && path !== store.directory : String(path).endsWith(key!.slice(2))
      const store: FileStore = openStore({
        files: watchedFiles((call, [path]) => {
          if (!isWaiting || isAway || !isReached(call, path)) return
          isAway = true
          renameSync(store.directory, `${store.directory}-away`)
        }),
      })
      const [key] = await createMany(store, 1, 60_000)
      isWaiting = true
      const all = async (): Promise<void> => {
        for await (const _ of store.records());
      }
      const work = { sweep: () => store.clearExpired(), listing: all, count: () => store.count() }[what]!
      await expect(work()).rejects.toThrow(StoreUnavailableError)
      renameSync(`${store.directory}-away`, store.directory)
    },
  )

  test('costs one look at the file for a live session, and no reading', async () => {
    const calls: string[] = []
    const store = openStore({ files: watchedFiles((call) => calls.push(call)) })
    await createMany(store, 10, 60_000)
    calls.length = 0
    await store.clearExpired()
    expect(calls.filter((call) => ['open', 'read', 'append'].includes(call))).toEqual([])
  })

  test('leaves a session that was extended between the look and the end, and one whose hint is wrong', async () => {
    const store = openStore()
    const soon = Date.now() + 60_000
    const key = newKey()
    await store.create(key, newRecord({}, { expiresAt: soon }))
    const sweeper = openStore({
      directory: store.directory,
      clock: { ...nodeClock, now: () => soon + 1 },
      files: watchedFiles((call, args) => {
        if (call !== 'append' || !String(args[1]).includes('"end"')) return
        void store.save(key, { expiresAt: Date.now() + 120_000 })
      }),
    })
    expect(await sweeper.clearExpired()).toEqual({ scanned: 1, removed: 0 })
    expect(store.exists(key)).toBe(true)

    const hinted = openStore()
    await hinted.create(key, newRecord())
    utimesSync(journalPath(hinted, key), 0, 0)
    expect(await hinted.clearExpired()).toEqual({ scanned: 1, removed: 0 })
    expect(hinted.exists(key)).toBe(true)
  })

  test('removes empty files and orphans of folds that are older than a minute, and no younger ones', async () => {
    const store = openStore()
    const [old, young] = [newKey(), newKey()]
    for (const key of [old, young]) {
      mkdirSync(dirname(journalPath(store, key)), { recursive: true, mode: 0o700 })
      writeFileSync(journalPath(store, key), '', { mode: 0o600 })
    }
    const orphan = join(dirname(journalPath(store, old)), `new-${'0'.repeat(24)}`)
    const fresh = join(dirname(journalPath(store, old)), `new-${'1'.repeat(24)}`)
    for (const path of [orphan, fresh]) writeFileSync(path, 'half a fold')
    for (const path of [journalPath(store, old), orphan]) utimesSync(path, TWO_MINUTES_AGO, TWO_MINUTES_AGO)
    await store.clearExpired()
    expect([journalPath(store, old), orphan].filter((path) => existsSync(path))).toEqual([])
    expect([journalPath(store, young), fresh].filter((path) => existsSync(path)).length).toBe(2)
  })

  test('makes a creator that slept for more than a minute take another key, instead of losing its session', async () => {
    let asleep = true
    const key = newKey()
    const store = openStore({
      files: watchedFiles((call) => {
        if (call !== 'append' || !asleep) return
        asleep = false
        sweepInAnotherProcess(store, key)
      }),
    })
    expect(await store.create(key, newRecord({ a: 1 }))).toBe(false)
    expect(asleep).toBe(false)
    expect(store.load(key)).toBeUndefined()
    expect(existsSync(journalPath(store, key))).toBe(false)
    expect(await store.create(newKey(), newRecord({ a: 1 }))).toBe(true)
  })

  test('leaves the session of a creator that woke up before the sweeper could claim its file', async () => {
    const key = newKey()
    const sweeper = openStore({
      files: watchedFiles((call) => {
        if (call !== 'append') return
        const now = Date.now()
        const base = {
          kind: 'base',
          format: 1,
          version: 0,
          created: now,
          expires: now + 60_000,
          values: [],
        } as const
        appendFileSync(journalPath(sweeper, key), encodeLine(base))
      }),
    })
    mkdirSync(dirname(journalPath(sweeper, key)), { recursive: true, mode: 0o700 })
    writeFileSync(journalPath(sweeper, key), '', { mode: 0o600 })
    utimesSync(journalPath(sweeper, key), TWO_MINUTES_AGO, TWO_MINUTES_AGO)
    await sweeper.clearExpired()
    expect(sweeper.exists(key)).toBe(true)
  })

  test('keeps a journal that does not begin with a record, for somebody to look at', async () => {
    const store = openStore({ options: { onEvent: () => {} } })
    const key = newKey()
    mkdirSync(dirname(journalPath(store, key)), { recursive: true, mode: 0o700 })
    writeFileSync(journalPath(store, key), '\n00000000{"kind":"base"}\nrubbish')
    utimesSync(journalPath(store, key), 0, 0)
    await store.clearExpired()
    expect(statSync(journalPath(store, key)).size).toBeGreaterThan(0)
    expect(store.load(key)).toBeUndefined()
  })

  test('removes what a delete left whose process died before the file was gone', async () => {
    let dead = false
    const store = openStore({
      options: { onEvent: () => {} },
      files: watchedFiles((call) => {
        if (call === 'unlink' && !dead) throw new Error('died')
      }),
    })
    const [key] = await createMany(store, 1, 60_000)
    expect(await store.delete(key!)).toBe(true)
    expect(store.exists(key!)).toBe(false)
    dead = true
    utimesSync(journalPath(store, key!), 0, 0)
    await store.clearExpired()
    expect(existsSync(journalPath(store, key!))).toBe(false)
  })

  test('can be ended early', async () => {
    const store = openStore()
    await createMany(store, 20, -1)
    const controller = new AbortController()
    const sweeping = store.clearExpired({ signal: controller.signal, onProgress: () => controller.abort() })
    await expect(sweeping).rejects.toMatchObject({ name: 'AbortError' })
    expect((await store.clearExpired()).removed).toBeGreaterThan(0)
  })

  test('in the background is left to the process that has just begun one', async () => {
    const directory = openStore().directory
    const [first, second] = [sweepingStore(directory), sweepingStore(directory)]
    await createMany(first.store, 20, -1)
    utimesSync(join(directory, 'untorn.json'), TWO_MINUTES_AGO, TWO_MINUTES_AGO)
    expect(await first.sweepInTurn()).toBeGreaterThan(0)
    expect(first.store.stats.swept).toBe(20)
    await createMany(first.store, 20, -1)
    expect(await second.sweepInTurn()).toBe(0)
    utimesSync(join(directory, 'untorn.json'), TWO_MINUTES_AGO, TWO_MINUTES_AGO)
    expect(await second.sweepInTurn()).toBeGreaterThan(0)
    expect(second.store.stats.swept).toBe(20)
  })

  test('is not kept from a process by a listing, or by a mark of the future', async () => {
    const { store, sweepInTurn } = sweepingStore(openStore().directory)
    await createMany(store, 5, -1)
    for await (const _ of store.byOwner('nobody'));
    const tomorrow = new Date(Date.now() + 86_400_000)
    utimesSync(join(store.directory, 'untorn.json'), tomorrow, tomorrow)
    expect(await sweepInTurn()).toBeGreaterThan(0)
    expect(store.stats.swept).toBe(5)
  })
})

/** A store whose background sweep runs when it is told to, and says how many shards it has listed. */
function sweepingStore(directory: string) {
  const later: (() => void)[] = []
  const clock: Clock = {
    ...nodeClock,
    later(_ms, call) {
      later.push(call)
      return () => {}
    },
  }
  let listed = 0
  const files = watchedFiles((call) => call === 'list' && listed++)
  const store = openStore({ directory, clock, files, options: { sweepEvery: 60_000 } })
  return {
    store,
    async sweepInTurn(): Promise<number> {
      listed = 0
      later.shift()!()
      while (later.length === 0) await nodeClock.pause(1) // it plans its next sweep when this one is over
      return listed
    },
  }
}

/** What the sweep of another process does with an empty file that is old enough. */
function sweepInAnotherProcess(store: FileStore, key: string): void {
  const path = journalPath(store, key)
  utimesSync(path, TWO_MINUTES_AGO, TWO_MINUTES_AGO)
  const script = `
    import { fileStore } from 'untorn/file'
    await fileStore(process.argv[1], { sweepEvery: 0 }).clearExpired()`
  execFileSync(process.execPath, ['--input-type=module', '-e', script, store.directory])
  expect(existsSync(path)).toBe(false)
}
