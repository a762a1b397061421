import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { StoreBusyError } from '../../../src/errors.ts'
import type { FileStoreEvent } from '../../../src/stores/file/events.ts'
import type { Files } from '../../../src/stores/file/files.ts'
import { systemHolders } from '../../../src/stores/file/holder.ts'
import { encodeLine } from '../../../src/stores/file/journal/line.ts'
import { nodeFiles } from '../../../src/stores/file/node-files.ts'
import type { FileStoreOptions } from '../../../src/stores/file/options.ts'
import { systemError } from '../../support/faulty-files.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { journalPath, openStore } from './file-stores.ts'

/** A session on a disk whose syncs, appends or directories fail for one process when it is told so. */
async function onFailingDisk() {
  const failing = { sync: false, seal: false, syncDirectory: false }
  const events: FileStoreEvent[] = []
  const options: FileStoreOptions = { durability: 'disk', onEvent: (event) => events.push(event) }
  const files: Files = {
    ...nodeFiles,
    sync: async (fd) => {
      if (failing.sync) throw systemError('EIO')
      return nodeFiles.sync(fd)
    },
    syncDirectory: async (path) => {
      if (failing.syncDirectory) throw systemError('EIO')
      return nodeFiles.syncDirectory(path)
    },
    append: (fd, bytes) => {
      if (failing.seal && String(bytes).includes('"kind":"seal"')) throw systemError('ENOSPC')
      return nodeFiles.append(fd, bytes)
    },
  }
  const store = openStore({ files, options })
  const key = newKey()
  await store.create(key, newRecord({ user: 'Ada' }))
  const path = journalPath(store, key)
  const { directory } = store
  const other = (more: FileStoreOptions = {}) => openStore({ directory, options: { ...options, ...more } })
  const otherOnIt = () => openStore({ directory, files, options })
  const fails = async (name: string, code = 'EIO'): Promise<void> => {
    const saving = (async () => store.save(key, { set: texts({ [name]: 1 }) }))()
    await expect(saving).rejects.toMatchObject({ code: 'UNTORN_STORE_UNAVAILABLE', cause: { code } })
  }
  return { store, key, path, failing, events, other, otherOnIt, fails }
}

const fileOf = (path: string): number => statSync(path).ino

describe("durability: 'disk': a sync fails for one process,", () => {
  test('and the save of another one goes to a new file, with all that stood in the old one', async () => {
    const { store, key, path, failing, other, fails } = await onFailingDisk()
    const second = other()
    second.load(key)
    const old = fileOf(path)
    failing.sync = true
    await fails('mine')
    failing.sync = false
    expect(await second.save(key, { set: texts({ theirs: 1 }) })).toMatchObject({ outcome: 'saved' })
    expect(fileOf(path)).not.toBe(old)
    expect([...store.load(key)!.values.keys()]).toEqual(['user', 'mine', 'theirs'])
  })

  test('and until a new file is there nobody saves: others wait for it as long as for any fold; all read on', async () => {
    const { store, key, path, failing, events, other, fails } = await onFailingDisk()
    const second = other({ busyTimeout: '30ms' })
    const { size } = statSync(path)
    failing.sync = true
    await fails('mine')
    await expect(Promise.resolve(second.save(key, { set: texts({ theirs: 1 }) }))).rejects.toBeInstanceOf(
      StoreBusyError,
    )
    await fails('again')
    expect(events).toContainEqual(expect.objectContaining({ type: 'fold-failed' }))
    expect([...second.load(key)!.values.keys()]).toEqual(['user', 'mine'])
    expect(readFileSync(path).subarray(size).toString()).toContain('"kind":"seal"')
    failing.sync = false
    expect(await store.save(key, { set: texts({ later: 1 }) })).toMatchObject({ outcome: 'saved' })
    expect(await second.save(key, { set: texts({ theirs: 1 }) })).toMatchObject({ outcome: 'saved' })
    expect([...store.load(key)!.values.keys()]).toEqual(['user', 'mine', 'later', 'theirs'])
  })

  test('and not even a seal can be written: its next save is answered by a new file alone', async () => {
    const { store, key, path, failing, fails } = await onFailingDisk()
    const old = fileOf(path)
    failing.sync = true
    failing.seal = true
    await fails('mine')
    failing.sync = false
    await fails('again', 'ENOSPC')
    expect(fileOf(path)).toBe(old)
    failing.seal = false
    expect(await store.save(key, { set: texts({ c: 1 }) })).toMatchObject({ outcome: 'saved' })
    expect(fileOf(path)).not.toBe(old)
  })

  test('and a sign-out is carried out all the same', async () => {
    const { store, key, path, failing, other, fails } = await onFailingDisk()
    failing.sync = true
    await fails('mine')
    failing.sync = false
    expect(await store.delete(key)).toBe(true)
    expect(existsSync(path)).toBe(false)
    expect(other().exists(key)).toBe(false)
  })

  test('and the store is closed then: the new file is written before it has gone', async () => {
    const { store, key, path, failing, other, fails } = await onFailingDisk()
    const old = fileOf(path)
    failing.sync = true
    await fails('mine')
    failing.sync = false
    await store.close()
    expect(fileOf(path)).not.toBe(old)
    const second = other()
    expect(await second.save(key, { set: texts({ theirs: 1 }) })).toMatchObject({ outcome: 'saved' })
    expect(second.stats.waits).toBe(0)
  })

  test('of the directory: the save is not answered, and the next one syncs the name again', async () => {
    const { key, path, failing, other, otherOnIt } = await onFailingDisk()
    const old = fileOf(path)
    const second = otherOnIt()
    failing.syncDirectory = true
    const saving = Promise.resolve(second.save(key, { set: texts({ a: 1 }) }))
    await expect(saving).rejects.toMatchObject({ cause: { code: 'EIO' } })
    await expect(Promise.resolve(second.save(key, { set: texts({ b: 1 }) }))).rejects.toMatchObject({
      cause: { code: 'EIO' },
    })
    failing.syncDirectory = false
    expect(await second.save(key, { set: texts({ c: 1 }) })).toMatchObject({ outcome: 'saved' })
    expect(fileOf(path)).toBe(old) // nothing of the file was in doubt
    expect(other().load(key)?.values.size).toBe(4)
  })
  test('and the process that has found it is stopped then: a save that stands already is not said to have failed for good', async () => {
    const { store, key, path } = await onFailingDisk()
    const sealer = { ...systemHolders('sealer').self, store: 'sealer' }
    // It seals the file while the first save of this process waits for the device.
    const second = openStore({
      directory: store.directory,
      options: { durability: 'disk', busyTimeout: '30ms' },
      files: {
        ...nodeFiles,
        sync: async (fd) => {
          await nodeFiles.sync(fd)
          appendFileSync(path, encodeLine({ kind: 'seal', id: 'sealer.1', holder: sealer }))
        },
      },
    })
    const saving = Promise.resolve(second.save(key, { set: texts({ mine: 1 }) }))
    await expect(saving).rejects.toMatchObject({
      code: 'UNTORN_STORE_UNAVAILABLE',
      message: expect.stringContaining('the change stands in it'),
      cause: { code: 'UNTORN_STORE_BUSY' },
    })
    expect(second.load(key)?.values.get('mine')).toBe('1')
  })
})
