import { appendFileSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { copySessions } from '../../../src/copy.ts'
import { StoreUnavailableError } from '../../../src/errors.ts'
import { checkDirectory } from '../../../src/file.ts'
import { memoryStore } from '../../../src/memory.ts'
import type { Files } from '../../../src/stores/file/files.ts'
import { encodeLine } from '../../../src/stores/file/journal/line.ts'
import { nodeFiles } from '../../../src/stores/file/node-files.ts'
import type { FileStoreOptions } from '../../../src/stores/file/options.ts'
import { systemError, watchedFiles } from '../../support/faulty-files.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { journalPath, openStore } from './file-stores.ts'

const quiet = { onEvent: () => {} }

describe('a broken journal', () => {
  test('a torn line at the end is no change, and the next save starts a fresh line', async () => {
    const store = openStore({ options: quiet })
    const key = newKey()
    await store.create(key, newRecord({ a: 1 }))
    const line = encodeLine({ kind: 'change', id: 'x', at: Date.now(), set: ['b', '2'] })
    for (let length = 1; length < line.length; length++) {
      appendFileSync(journalPath(store, key), line.subarray(0, length))
      expect(store.load(key)?.values).toEqual(texts({ a: length }))
      expect(await store.save(key, { set: texts({ a: length + 1 }) })).toMatchObject({ outcome: 'saved' })
      expect(store.load(key)?.values).toEqual(texts({ a: length + 1 }))
    }
    const fresh = openStore({ directory: store.directory, options: quiet })
    expect(fresh.load(key)).toEqual(store.load(key))
  })

  test('a damaged line is skipped, counted and reported; the rest is used, and nothing is deleted', async () => {
    const first = openStore()
    const key = newKey()
    await first.create(key, newRecord({ a: 1 }))
    await first.save(key, { set: texts({ b: 2 }) })
    await first.save(key, { set: texts({ c: 3 }) })
    const path = journalPath(first, key)
    const bytes = readFileSync(path)
    const middle = bytes.indexOf('"b"')
    bytes[middle + 1] = 0x7a
    writeFileSync(path, bytes)
    const events: unknown[] = []
    const store = openStore({
      directory: first.directory,
      options: { onEvent: (event) => events.push(event) },
    })
    expect(store.load(key)?.values).toEqual(texts({ a: 1, c: 3 }))
    store.load(key)
    expect(store.stats.damagedLines).toBe(1)
    expect(events).toEqual([
      { type: 'damaged-journal', file: `${key.slice(0, 2)}/${key.slice(2, 8)}...`, lines: 1, whole: false },
    ])
    expect(readFileSync(path)).toEqual(bytes)
  })

  test('without a whole record in its first line it is no session, for any verb, and is kept', async () => {
    const store = openStore({ options: quiet })
    for (const damage of ['first byte', 'half', 'rubbish']) {
      const key = newKey()
      await store.create(key, newRecord({ a: 1 }))
      const path = journalPath(store, key)
      const bytes = readFileSync(path)
      if (damage === 'half') truncateSync(path, bytes.length >> 1)
      else writeFileSync(path, damage === 'rubbish' ? 'rubbish\n\n' : bytes.fill(0x20, 1, 2))
      const other = openStore({ directory: store.directory, options: quiet })
      expect(other.load(key)).toBeUndefined()
      expect(await other.save(key, { set: texts({ b: 2 }) })).toEqual({ outcome: 'gone' })
      expect(await other.delete(key)).toBe(false)
      await other.clearExpired()
      expect(statSync(path).size).toBeGreaterThan(0)
      // A part of a line is what a creator leaves that was killed: nobody was ever told that this is a session.
      expect(await other.create(key, newRecord({ mine: 1 }))).toBe(damage === 'half')
      expect(other.load(key)?.values).toEqual(damage === 'half' ? texts({ mine: 1 }) : undefined)
    }
  })

  test('a session whose only line is damaged is told of by each who meets it, as what can be read of none is', async () => {
    const store = openStore({ options: quiet })
    const key = newKey()
    await store.create(key, newRecord({ name: 'Ada' }))
    const path = journalPath(store, key)
    const bytes = readFileSync(path)
    bytes[bytes.indexOf('Ada')] = 0x61
    writeFileSync(path, bytes)
    const told: unknown[] = []
    const onEvent = (event: unknown): void => void told.push(event)
    const { directory } = store
    const from = openStore({ directory, options: { onEvent } })
    const file = `${key.slice(0, 2)}/${key.slice(2, 8)}...`
    const event = { type: 'damaged-journal', file, lines: 0, whole: true }
    expect(from.load(key)).toBeUndefined()
    expect(told).toEqual([event])
    expect(await copySessions({ from, to: memoryStore() })).toMatchObject({
      ...{ seen: 0, unreadable: 1 },
      notRead: [expect.stringMatching(/damaged.*put it back from a backup/)],
    })
    expect(await checkDirectory(directory)).toEqual([expect.objectContaining({ code: 'no-session' })])
    utimesSync(path, 0, 0) // no hint any more that the sweep need not read it, and nobody writes to it
    await from.clearExpired()
    expect(told).toEqual([event, event, event])
    expect(readFileSync(path)).toEqual(bytes)
    expect(await checkDirectory(directory)).toEqual([expect.objectContaining({ code: 'no-session' })])
  })

  test('cut by somebody while it is in use, it is read again from its start', async () => {
    const store = openStore({ options: quiet })
    const key = newKey()
    await store.create(key, newRecord({ a: 1 }))
    const size = statSync(journalPath(store, key)).size
    await store.save(key, { set: texts({ b: 2 }) })
    truncateSync(journalPath(store, key), size)
    expect(store.load(key)?.values).toEqual(texts({ a: 1 }))
  })
})

describe('errors of the system', () => {
  test('a full disk at a save is an error with its cause, the session stays as it was, and the next save works', async () => {
    for (const written of [undefined, 0, 1, 20]) {
      let full = false
      const store = openStore({
        files: {
          ...nodeFiles,
          append(fd, bytes) {
            if (!full) return nodeFiles.append(fd, bytes)
            if (written === undefined) throw systemError('ENOSPC')
            // What a disk does that has a little space left: a part now, the error at the next try.
            const left = statSync(journalPath(store, key)).size < size + written ? written : 0
            if (left === 0) throw systemError('ENOSPC')
            return nodeFiles.append(fd, bytes.subarray(0, left))
          },
        },
      })
      const key = newKey()
      await store.create(key, newRecord({ a: 1 }))
      const { size } = statSync(journalPath(store, key))
      full = true
      expect(() => store.save(key, { set: texts({ a: 2 }) })).toThrow(StoreUnavailableError)
      expect(() => store.save(key, { set: texts({ a: 2 }) })).toThrow(
        expect.objectContaining({ cause: expect.objectContaining({ code: 'ENOSPC' }) }),
      )
      expect(store.load(key)?.values).toEqual(texts({ a: 1 }))
      full = false
      expect(await store.save(key, { set: texts({ a: 3 }) })).toMatchObject({ outcome: 'saved' })
      expect(openStore({ directory: store.directory, options: quiet }).load(key)?.values).toEqual(
        texts({ a: 3 }),
      )
    }
  })

  test('a hint that can not be set costs no save', async () => {
    const store = openStore({
      files: watchedFiles((call) => {
        if (call === 'hintExpiry') throw systemError('EPERM')
      }),
    })
    const key = newKey()
    expect(await store.create(key, newRecord())).toBe(true)
    const expiresAt = Date.now() + 99_999
    expect(await store.save(key, { expiresAt })).toMatchObject({ outcome: 'saved', record: { expiresAt } })
  })

  test('a time that no line could carry is refused before anything is written', async () => {
    const store = openStore()
    const key = newKey()
    expect(() => store.create(key, newRecord({}, { expiresAt: Number.NaN }))).toThrow(TypeError)
    await store.create(key, newRecord())
    expect(() => store.save(key, { expiresAt: Number.POSITIVE_INFINITY })).toThrow(TypeError)
    expect(openStore({ directory: store.directory }).load(key)).toEqual(store.load(key))
  })

  test('saves that can not be applied leave nothing behind them', async () => {
    const store = openStore()
    const key = newKey()
    await store.create(key, newRecord({ a: 1 }))
    await store.save(key, { set: texts({ a: 2 }) })
    const { size } = statSync(journalPath(store, key))
    for (let n = 0; n < 100; n++) {
      const result = await store.save(key, { set: texts({ a: n }) }, { ifVersion: 0 })
      expect(result).toMatchObject({ outcome: 'conflict', record: { version: 1 } })
    }
    expect(statSync(journalPath(store, key)).size).toBe(size)
  })

  test('what is no text is refused before anything is written', async () => {
    const store = openStore()
    const key = newKey()
    const wrong = newRecord() as unknown as Record<string, unknown>
    expect(() => store.create(key, { ...wrong, owner: 5 } as never)).toThrow(TypeError)
    await store.create(key, newRecord())
    expect(() => store.save(key, { set: new Map([[1, '1']]) } as never)).toThrow(TypeError)
    expect(() => store.save(key, { set: new Map([['a', undefined]]) } as never)).toThrow(TypeError)
    const other = openStore({ directory: store.directory })
    expect(() => other.save(key, { set: texts({ a: 1 }) }, { ifVersion: '0' } as never)).toThrow(TypeError)
    expect(openStore({ directory: store.directory }).load(key)).toEqual(store.load(key))
  })

  test('a cache that is full of sessions in use lets go of one of them, and never of the one in hand', async () => {
    const bounds: FileStoreOptions[] = [{ maxOpen: 3 }, { maxCacheBytes: 3000 }]
    for (const bound of bounds) {
      const store = openStore({ options: { ...bound, durability: 'disk' } })
      const keys = Array.from({ length: 10 }, newKey)
      for (const key of keys) {
        expect(await store.create(key, newRecord({ a: 1 }))).toBe(true)
        for (const used of keys) store.load(used)
        const text = texts({ text: 'x'.repeat(2000) })
        expect(await store.save(key, { set: text })).toMatchObject({ outcome: 'saved' })
      }
      for (const key of keys) expect(await store.delete(key)).toBe(true)
    }
  })

  test('out of descriptors, the store lets go of those that it keeps, and goes on', async () => {
    let scarce = false
    const store = openStore({
      files: watchedFiles((call) => {
        if (scarce && (call === 'open' || call === 'create') && store.stats.open > 0)
          throw systemError('EMFILE')
      }),
    })
    const keys = [newKey(), newKey(), newKey()]
    scarce = true
    for (const key of keys) expect(await store.create(key, newRecord({ a: 1 }))).toBe(true)
    for (const key of keys) expect(store.load(key)?.values).toEqual(texts({ a: 1 }))
    expect(store.stats.open).toBe(1)
  })

  test('no more descriptors and bytes are kept than allowed, and all are let go at the end', async () => {
    let open = 0
    const counted = (fd: number): number => {
      open++
      return fd
    }
    const count: Files = {
      ...nodeFiles,
      open: (path) => counted(nodeFiles.open(path)),
      create: (path) => counted(nodeFiles.create(path)),
      close(fd) {
        open--
        nodeFiles.close(fd)
      },
      release(fd) {
        open--
        return nodeFiles.release(fd)
      },
    }
    const store = openStore({ files: count, options: { maxOpen: 5 } })
    const small = openStore({ files: count, options: { maxCacheBytes: 10_000 } })
    for (let n = 0; n < 50; n++) {
      await store.create(newKey(), newRecord({ a: 1 }))
      await small.create(newKey(), newRecord({ text: 'x'.repeat(2000) }))
    }
    expect(store.stats.open).toBe(5)
    expect(small.stats.open).toBeLessThanOrEqual(5)
    expect(open).toBe(store.stats.open + small.stats.open)
    await store.close()
    await small.close()
    expect(open).toBe(0)
  })
})

describe('zeros of a page that power loss took', () => {
  test('behind a line void nothing of it, nor of the line that comes next', async () => {
    const store = openStore({ options: quiet })
    const key = newKey()
    await store.create(key, newRecord({ a: 1 }))
    appendFileSync(journalPath(store, key), Buffer.alloc(300))
    expect(await store.save(key, { set: texts({ b: 2 }) })).toMatchObject({ outcome: 'saved' })
    const other = openStore({ directory: store.directory, options: quiet })
    expect(other.load(key)?.values).toEqual(texts({ a: 1, b: 2 }))
  })
})
