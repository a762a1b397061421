import { appendFileSync, existsSync, truncateSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Files } from '../../../src/stores/file/files.ts'
import { systemHolders } from '../../../src/stores/file/holder.ts'
import { encodeLine } from '../../../src/stores/file/journal/line.ts'
import { nodeFiles } from '../../../src/stores/file/node-files.ts'
import { systemError } from '../../support/faulty-files.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { journalPath, openStore } from './file-stores.ts'

const quiet = { onEvent: () => {} } as const
const disk = { durability: 'disk', ...quiet } as const

/** Something that others wait for, until it is let go. */
function gate(): { closed: () => Promise<void> | undefined; close: () => void; open: () => void } {
  let waiting: Promise<void> | undefined
  let open = (): void => {}
  const close = (): void => {
    waiting = new Promise((resolve) => {
      open = resolve
    })
  }
  return { closed: () => waiting, close, open: () => open() }
}

describe('what comes between the calls of one operation', () => {
  test('a sign-out that waits for the device leaves the file of whoever has the key since', async () => {
    const device = gate()
    const files: Files = {
      ...nodeFiles,
      sync: async (fd) => {
        await device.closed()
        return nodeFiles.sync(fd)
      },
    }
    const a = openStore({ files, options: disk })
    const b = openStore({ directory: a.directory, options: disk })
    const key = newKey()
    await a.create(key, newRecord({ old: 1 }))
    device.close()
    const deleting = a.delete(key)
    await b.delete(key)
    expect(await b.create(key, newRecord({ fresh: 1 }))).toBe(true)
    device.open()
    await deleting
    expect(existsSync(journalPath(a, key))).toBe(true)
    expect(openStore({ directory: a.directory }).load(key)?.values).toEqual(texts({ fresh: 1 }))
  })

  test('a sign-out without space leaves the session that was created meanwhile', async () => {
    const removed = gate()
    let full = false
    const files: Files = {
      ...nodeFiles,
      append: (fd, bytes) => {
        if (full) throw systemError('ENOSPC')
        return nodeFiles.append(fd, bytes)
      },
      list: async (path) => {
        await removed.closed()
        return nodeFiles.list(path)
      },
    }
    const a = openStore({ files, options: quiet })
    const b = openStore({ directory: a.directory, options: quiet })
    const key = newKey()
    await a.create(key, newRecord({ old: 1 }, { createdAt: Date.now() - 1000 }))
    full = true
    removed.close()
    const deleting = a.delete(key)
    expect(await b.create(key, newRecord({ fresh: 1 }))).toBe(true)
    removed.open()
    expect(await deleting).toBe(true)
    expect(b.load(key)?.values).toEqual(texts({ fresh: 1 }))
  })

  test('a save that learns behind its sync that the session is over leaves the file of who is creating one', async () => {
    const device = gate()
    const files: Files = {
      ...nodeFiles,
      syncDirectory: async (path) => {
        await device.closed()
        return nodeFiles.syncDirectory(path)
      },
    }
    const b = openStore({ options: disk })
    const a = openStore({ directory: b.directory, files, options: disk })
    const key = newKey()
    await b.create(key, newRecord({ old: 1 }))
    device.close()
    const saving = a.save(key, { set: texts({ more: 1 }) })
    await setTimeout(50) // it waits for its shard's entry by now
    await b.delete(key)
    writeFileSync(journalPath(b, key), '') // a creator has opened its file, and writes next
    device.open()
    await saving
    expect(existsSync(journalPath(b, key))).toBe(true)
  })

  test('whoever takes over a seal, and finds the file cut, is told that the session is gone', async () => {
    const first = openStore({ options: quiet })
    const key = newKey()
    await first.create(key, newRecord({ a: 1, b: 'x'.repeat(2000) }))
    const path = journalPath(first, key)
    const { self } = systemHolders('of a process that died')
    const holder = { ...self, store: 'never open', pid: 2 ** 22 - 3, thread: 2 ** 22 - 3, started: '1' }
    appendFileSync(path, encodeLine({ kind: 'seal', id: 'dead.1', holder }))
    let seals = 0
    const files: Files = {
      ...nodeFiles,
      append: (fd, bytes) => {
        if (String(bytes).includes('"kind":"seal"')) {
          if (seals++ === 0) truncateSync(path, 0)
          if (seals > 5) throw systemError('EIO')
        }
        return nodeFiles.append(fd, bytes)
      },
    }
    const a = openStore({ directory: first.directory, files, options: quiet })
    expect(await a.save(key, { set: texts({ c: 1 }) })).toMatchObject({ outcome: 'gone' })
    expect(seals).toBe(1)
  })

  test('a load whose file is cut between two of its reads says that the session is gone', async () => {
    let path = ''
    let reads = 0
    const files: Files = {
      ...nodeFiles,
      read: (fd, into, length, position) => {
        if (path && ++reads === 2) truncateSync(path, 0)
        return nodeFiles.read(fd, into, length, position)
      },
    }
    const a = openStore({ options: quiet })
    const b = openStore({ directory: a.directory, files, options: quiet })
    const key = newKey()
    await a.create(key, newRecord({ a: 1 }))
    b.load(key)
    appendFileSync(journalPath(a, key), '\n12345678{"torn"')
    await a.save(key, { set: texts({ c: 1 }) })
    path = journalPath(a, key)
    expect(b.load(key)).toBeUndefined()
    expect(reads).toBeGreaterThan(1)
  })

  test('an old block that can not be read any more keeps nobody from saving who knows what stood in it', async () => {
    let bad = false
    const files: Files = {
      ...nodeFiles,
      read: (fd, into, length, position) => {
        if (bad && position < 4096) throw systemError('EIO')
        return nodeFiles.read(fd, into, length, position)
      },
    }
    const a = openStore({ files, options: quiet })
    const b = openStore({ directory: a.directory, options: quiet })
    const key = newKey()
    await a.create(key, newRecord({ a: 1 }))
    await a.save(key, { set: texts({ b: 'x'.repeat(3900) }) }) // the seam begins in the first block, and ends behind it
    bad = true
    expect(await a.save(key, { set: texts({ c: 1 }) })).toMatchObject({ outcome: 'saved' })
    expect(b.load(key)?.values.get('c')).toBe('1')
  })
})
