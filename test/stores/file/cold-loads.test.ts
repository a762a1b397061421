import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { isPromise } from '../../../src/contract/wait.ts'
import { openFileStore } from '../../../src/stores/file/file-store.ts'
import type { Files } from '../../../src/stores/file/files.ts'
import { nodeFiles } from '../../../src/stores/file/node-files.ts'
import { newKey, newRecord } from '../../support/records.ts'

describe("coldLoads: 'pool'", () => {
  const directory = mkdtempSync(join(tmpdir(), 'untorn-test-'))
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  /** A store that is told `files`, and what it asked the system for, in order. */
  function opened(files: Partial<Files> = {}) {
    const calls: string[] = []
    const seen = <Name extends 'warm' | 'open'>(name: Name): Files[Name] =>
      ((path: string) => {
        calls.push(name)
        return (files[name] ?? nodeFiles[name])(path)
      }) as Files[Name]
    const store = openFileStore(
      directory,
      { coldLoads: 'pool', sweepEvery: 0 },
      { files: { ...nodeFiles, warm: seen('warm'), open: seen('open') } },
    )
    return { store, calls }
  }

  async function stored() {
    const key = newKey()
    const { store } = opened()
    await store.create(key, newRecord({ a: 1 }))
    await store.close()
    return key
  }

  test('reads a file through the thread pool before it is opened, and answers at once from then on', async () => {
    const key = await stored()
    const { store, calls } = opened()
    expect(store.loadsAtOnce).toBe(false)
    const first: unknown = store.load(key)
    expect(isPromise(first)).toBe(true)
    expect(calls).toEqual(['warm'])
    expect(await first).toMatchObject({ version: 0 })
    expect(calls).toEqual(['warm', 'open'])
    expect(store.load(key)).toMatchObject({ version: 0 })
    expect(store.exists(key)).toBe(true)
    expect(calls).toEqual(['warm', 'open'])
  })

  test('leaves the event loop to others for as long as the disk takes', async () => {
    const key = await stored()
    let disk = () => {}
    const { store } = opened({ warm: () => new Promise((resolve) => (disk = resolve)) })
    const waiting = store.exists(key) as unknown as Promise<boolean>
    const turns = await new Promise((resolve) => setImmediate(() => resolve('others had their turn')))
    expect(turns).toBe('others had their turn')
    disk()
    expect(await waiting).toBe(true)
  })

  test('finds a session that is not there absent, and what can not be read ahead by the load itself', async () => {
    const key = await stored()
    const { store, calls } = opened({ warm: () => Promise.reject(new Error('EIO')) })
    expect(await store.load(newKey())).toBeUndefined()
    expect(await store.load(key)).toMatchObject({ version: 0 })
    expect(calls).toEqual(['warm', 'open', 'warm', 'open'])
  })

  test('is waited for by close(), and finds what it was asked for', async () => {
    const key = await stored()
    let disk = () => {}
    const { store } = opened({ warm: () => new Promise((resolve) => (disk = resolve)) })
    const waiting = store.load(key)
    let closed = false
    const closing = Promise.resolve(store.close()).then(() => {
      closed = true
    })
    await new Promise(setImmediate)
    expect(closed).toBe(false)
    expect(() => store.load(key)).toThrow('closed')
    disk()
    await closing
    expect(await waiting).toMatchObject({ version: 0 })
    expect(store.stats.open).toBe(0)
  })

  test('reads a file once for all who wait for it, and few files at a time', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, stored))
    let under = 0
    let most = 0
    const { store, calls } = opened({
      warm: async (path) => {
        most = Math.max(most, ++under)
        await nodeFiles.warm(path)
        under--
      },
    })
    const found = await Promise.all([...keys, ...keys].map((key) => store.load(key)))
    expect(found.every((record) => record?.version === 0)).toBe(true)
    expect(calls.filter((call) => call === 'warm')).toHaveLength(20)
    expect(most).toBe(3)
    await store.close()
  })

  test('reads journals that are longer than one read', async () => {
    const key = newKey()
    const { store } = opened()
    await store.create(key, newRecord({ long: 'x'.repeat(200_000) }))
    await store.close()
    const again = opened().store
    expect((await again.load(key))?.values.get('long')).toHaveLength(200_002)
    await again.close()
  })
})
