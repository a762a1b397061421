import { linkSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { SessionKey } from '../../../src/contract/key.ts'
import { StoreBusyError } from '../../../src/errors.ts'
import type { SyncFileStore } from '../../../src/stores/file/file-store.ts'
import type { Clock } from '../../../src/stores/file/files.ts'
import { type HolderStatus, type Holders, systemHolders } from '../../../src/stores/file/holder.ts'
import { encodeLine, type Holder } from '../../../src/stores/file/journal/line.ts'
import { nodeClock } from '../../../src/stores/file/node-files.ts'
import { systemError, watchedFiles } from '../../support/faulty-files.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { journalPath, openStore, type StoreParts } from './file-stores.ts'

const OTHER: Holder = {
  pid: 4_000_000,
  thread: 4_000_000,
  started: '1',
  boot: 'b',
  space: 's',
  store: 'other',
}

/** A store that is told what became of the other holder, with a session that the other has sealed. */
async function sealedByOther(status: () => HolderStatus, parts: StoreParts = {}) {
  const holders = (name: string): Holders => {
    const real = systemHolders(name)
    return {
      ...real,
      status: (holder) => (holder.store === 'other' ? status() : real.status(holder)),
      self: real.self,
    }
  }
  const store = openStore({ ...parts, holders })
  const key = newKey()
  await store.create(key, newRecord({ a: 1 }))
  append(store, key, { kind: 'seal', id: 'other.1', holder: OTHER })
  return { store, key }
}

function append(store: SyncFileStore, key: SessionKey, line: Parameters<typeof encodeLine>[0]): void {
  writeFileSync(journalPath(store, key), encodeLine(line), { flag: 'a' })
}

/** A clock whose pauses pass at once, and that can be told what happens during them. */
function quickClock(during: (pauses: number) => void = () => {}): Clock {
  let skipped = 0
  let pauses = 0
  return {
    ...nodeClock,
    monotonic: () => skipped,
    pause: async (ms) => {
      skipped += Math.max(ms, 1)
      during(++pauses)
    },
  }
}

describe('a session whose journal another process has sealed', () => {
  test('is read without waiting', async () => {
    const { store, key } = await sealedByOther(() => 'alive')
    expect(store.load(key)?.values.get('a')).toBe('1')
  })

  test('is saved to the successor, once the other has put it there', async () => {
    const { store, key } = await sealedByOther(() => 'alive', {
      clock: quickClock((pauses) => pauses === 3 && putSuccessor()),
    })
    const putSuccessor = (): void => {
      const path = journalPath(store, key)
      const base = encodeLine({
        kind: 'base',
        format: 1,
        version: 0,
        created: Date.now(),
        expires: Date.now() + 60_000,
        values: ['a', '1'],
      })
      writeFileSync(`${path}.successor`, base, { mode: 0o600 })
      renameSync(`${path}.successor`, path)
    }
    const saved = await store.save(key, { set: texts({ b: 2 }) })
    expect(saved).toMatchObject({ outcome: 'saved', record: { version: 1, values: texts({ a: 1, b: 2 }) } })
    expect(store.load(key)?.values).toEqual(texts({ a: 1, b: 2 }))
    expect(store.stats).toMatchObject({ waits: 1, takeOvers: 0 })
  })

  test('is never taken from a holder that lives: StoreBusyError when the time is up, and nothing is lost', async () => {
    const { store, key } = await sealedByOther(() => 'alive', { clock: quickClock() })
    const before = readFileSync(journalPath(store, key), 'latin1')
    await expect(store.save(key, { set: texts({ b: 2 }) })).rejects.toBeInstanceOf(StoreBusyError)
    await expect(store.delete(key)).rejects.toMatchObject({ code: 'UNTORN_STORE_BUSY' })
    expect(store.load(key)?.values).toEqual(texts({ a: 1 }))
    expect(readFileSync(journalPath(store, key), 'latin1').startsWith(before)).toBe(true)
  })

  test('is taken over from a holder that died', async () => {
    const { store, key } = await sealedByOther(() => 'dead')
    expect(await store.save(key, { set: texts({ b: 2 }) })).toMatchObject({ outcome: 'saved' })
    expect(store.load(key)?.values).toEqual(texts({ a: 1, b: 2 }))
    expect(store.stats).toMatchObject({ takeOvers: 1, folds: 1 })
  })

  test('is taken over after 30 seconds from a holder that can not be looked at, and not before', async () => {
    const impatient = await sealedByOther(() => 'unknown', {
      clock: quickClock(),
      options: { busyTimeout: 29_000 },
    })
    await expect(impatient.store.save(impatient.key, { set: texts({ b: 2 }) })).rejects.toBeInstanceOf(
      StoreBusyError,
    )
    expect(impatient.store.stats.takeOvers).toBe(0)
    // The wait before counts: a second try needs only the rest.
    expect(await impatient.store.save(impatient.key, { set: texts({ b: 2 }) })).toMatchObject({
      outcome: 'saved',
    })
    expect(impatient.store.stats.takeOvers).toBe(1)
  })

  test('is left to whoever took it over first', async () => {
    let takenOver = false
    const { store, key } = await sealedByOther(() => (takenOver ? 'alive' : 'dead'), {
      clock: quickClock(),
      files: watchedFiles((call, args) => {
        if (call !== 'append' || takenOver || !String(args[1]).includes('"replaces"')) return
        takenOver = true
        append(store, key, { kind: 'seal', id: 'other.2', holder: OTHER, replaces: 'other.1' })
      }),
    })
    await expect(store.save(key, { set: texts({ b: 2 }) })).rejects.toBeInstanceOf(StoreBusyError)
    expect(takenOver).toBe(true)
    expect(store.stats).toMatchObject({ takeOvers: 0, folds: 0 })
  })

  test('loses nothing when the holder had renamed before it died, and others saved to its successor since', async () => {
    let renamed = false
    const { store, key } = await sealedByOther(() => 'dead', {
      files: watchedFiles((call, args) => {
        if (call !== 'append' || renamed || !String(args[1]).includes('"replaces"')) return
        renamed = true
        const path = journalPath(store, key)
        const base = {
          kind: 'base',
          format: 1,
          version: 0,
          created: Date.now(),
          expires: Date.now() + 60_000,
        } as const
        const change = { kind: 'change', id: 'third.1', at: Date.now(), set: ['c', '3'] } as const
        const bytes = Buffer.concat([encodeLine({ ...base, values: ['a', '1'] }), encodeLine(change)])
        writeFileSync(`${path}.successor`, bytes, { mode: 0o600 })
        renameSync(`${path}.successor`, path)
      }),
    })
    expect(await store.save(key, { set: texts({ b: 2 }) })).toMatchObject({ outcome: 'saved' })
    expect(store.load(key)?.values).toEqual(texts({ a: 1, b: 2, c: 3 }))
  })

  test('is found to be replaced although a backup has made a hard link to the old file', async () => {
    const { store, key } = await sealedByOther(() => 'dead')
    const path = journalPath(store, key)
    linkSync(path, `${path}.backup`)
    const base = {
      kind: 'base',
      format: 1,
      version: 0,
      created: Date.now(),
      expires: Date.now() + 60_000,
    } as const
    writeFileSync(`${path}.successor`, encodeLine({ ...base, values: ['newest', '1'] }), { mode: 0o600 })
    renameSync(`${path}.successor`, path)
    expect(store.load(key)?.values).toEqual(texts({ newest: 1 }))
    expect(await store.save(key, { set: texts({ b: 2 }) })).toMatchObject({ outcome: 'saved' })
    expect(store.load(key)?.values).toEqual(texts({ newest: 1, b: 2 }))
    expect(store.stats.takeOvers).toBe(0)
  })

  test('is deleted for good all the same', async () => {
    const { store, key } = await sealedByOther(() => 'dead')
    expect(await store.delete(key)).toBe(true)
    expect(store.load(key)).toBeUndefined()
    expect(await store.save(key, { set: texts({ b: 2 }) })).toEqual({ outcome: 'gone' })
  })
})

describe('a fold', () => {
  test('keeps what another process saves between the writing of the new file and the seal', async () => {
    let others = 0
    const key = newKey()
    const store = openStore({
      files: watchedFiles((call, args) => {
        if (call !== 'append' || !String(args[1]).includes('"seal"')) return
        others++
        append(store, key, { kind: 'change', id: 'other.1', at: Date.now(), set: ['other', '1'] })
      }),
    })
    await store.create(key, newRecord())
    for (let n = 0; n < 80; n++) await store.save(key, { set: texts({ text: 'x'.repeat(1000) }) })
    expect(others).toBe(1)
    expect(store.stats.folds).toBe(1)
    expect(store.load(key)?.values.get('other')).toBe('1')
    expect(openStore({ directory: store.directory }).load(key)).toEqual(store.load(key))
  })
})

describe('a fold that fails', () => {
  const longText = texts({ text: 'x'.repeat(2000) })

  test('before its seal costs nothing but the fold: saves go on', async () => {
    let full = false
    const events: unknown[] = []
    const store = openStore({
      options: { onEvent: (event) => events.push(event) },
      files: watchedFiles((call, args) => {
        if (full && call === 'create' && String(args[0]).includes('/new-')) throw systemError('ENOSPC')
      }),
    })
    const key = newKey()
    await store.create(key, newRecord())
    full = true
    for (let n = 0; n < 50; n++)
      expect(await store.save(key, { set: longText })).toMatchObject({ outcome: 'saved' })
    expect(store.stats.folds).toBe(0)
    expect(events[0]).toMatchObject({ type: 'fold-failed', error: { code: 'ENOSPC' } })
    expect(events.length).toBeLessThan(5) // it does not try, and fail, at every save
    full = false
    for (let n = 0; n < 50; n++) await store.save(key, { set: longText })
    expect(store.stats.folds).toBeGreaterThan(0)
  })

  test('behind its seal is finished by the next save of the same process', async () => {
    let failures = 1
    const store = openStore({
      options: { onEvent: () => {} },
      files: watchedFiles((call) => {
        if (call === 'rename' && failures-- > 0) throw systemError('EIO')
      }),
    })
    const key = newKey()
    await store.create(key, newRecord())
    for (let n = 0; n < 50; n++) {
      const saved = await store.save(key, { set: new Map([...longText, ['n', String(n)]]) })
      expect(saved).toMatchObject({ outcome: 'saved' })
    }
    expect(store.load(key)?.version).toBe(50)
    expect(store.stats.folds).toBeGreaterThan(0)
  })

  test('behind its seal is tried again without being asked, so that other processes can go on', async () => {
    let failures = 1
    const later: (() => void)[] = []
    const store = openStore({
      options: { onEvent: () => {} },
      clock: {
        ...nodeClock,
        later: (_ms, call) => {
          later.push(call)
          return () => {}
        },
      },
      files: watchedFiles((call) => {
        if (call === 'rename' && failures-- > 0) throw systemError('EIO')
      }),
    })
    const key = newKey()
    await store.create(key, newRecord())
    while (later.length === 0) await store.save(key, { set: longText })
    expect(store.stats.folds).toBe(0)
    for (const call of later) call()
    expect(store.stats.folds).toBe(1)
    const other = openStore({ directory: store.directory })
    expect(await other.save(key, { set: texts({ b: 2 }) })).toMatchObject({ outcome: 'saved' })
    expect(other.stats.waits).toBe(0)
  })
})
