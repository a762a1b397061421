import { describe, expect, test } from 'vitest'
import { StoreUnavailableError } from '../../../src/errors.ts'
import { nodeFiles } from '../../../src/stores/file/node-files.ts'
import { systemError, watchedFiles } from '../../support/faulty-files.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { openStore } from './file-stores.ts'

const disk = { durability: 'disk', onEvent: () => {} } as const

function observed() {
  const calls: string[] = []
  return { calls, files: watchedFiles((call) => calls.push(call)) }
}

function deferred() {
  let resolve = (): void => {}
  let reject = (_: Error): void => {}
  const promise = new Promise<void>((settle, fail) => {
    resolve = settle
    reject = fail
  })
  return { promise, resolve, reject }
}

const syncsOf = (calls: readonly string[]) => calls.filter((call) => call.startsWith('sync'))

describe("durability: 'disk'", () => {
  test('a created session is synced with its directories before create returns', async () => {
    const { calls, files } = observed()
    const store = openStore({ files, options: disk })
    expect(await store.create(newKey(), newRecord())).toBe(true)
    expect(syncsOf(calls)).toEqual(['sync', 'syncDirectory', 'syncDirectory'])
    expect(calls.indexOf('sync')).toBeGreaterThan(calls.indexOf('append'))
  })

  test('a save returns only when its line is on the disk', async () => {
    let sync = deferred()
    const store = openStore({ files: { ...nodeFiles, sync: () => sync.promise }, options: disk })
    const key = newKey()
    const creating = store.create(key, newRecord())
    sync.resolve()
    await creating
    sync = deferred()
    let returned = false
    const saving = Promise.resolve(store.save(key, { set: texts({ a: 1 }) })).then((result) => {
      returned = true
      return result
    })
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(returned).toBe(false)
    sync.resolve()
    expect(await saving).toMatchObject({ outcome: 'saved' })
  })

  test('saves that wait share a sync, and none is answered by one that began before it', async () => {
    const { calls, files } = observed()
    const store = openStore({ files, options: disk })
    const key = newKey()
    await store.create(key, newRecord())
    calls.length = 0
    const saves = Array.from({ length: 20 }, (_, n) => store.save(key, { set: texts({ [`k${n}`]: n }) }))
    await Promise.all(saves)
    expect(syncsOf(calls)).toEqual(['sync', 'sync'])
    expect(store.load(key)?.values.size).toBe(20)
  })

  test('the first save to a file that this process did not make syncs the directory entry too', async () => {
    const first = openStore({ options: disk })
    const key = newKey()
    await first.create(key, newRecord())
    const { calls, files } = observed()
    const second = openStore({ directory: first.directory, files, options: disk })
    await second.save(key, { set: texts({ a: 1 }) })
    expect(syncsOf(calls)).toEqual(['sync', 'syncDirectory'])
    calls.length = 0
    await second.save(key, { set: texts({ a: 2 }) })
    expect(syncsOf(calls)).toEqual(['sync'])
  })

  test('a fold syncs the new file before its rename and the directory after it, and loses no save made meanwhile', async () => {
    const { calls, files } = observed()
    const store = openStore({ files, options: disk })
    const key = newKey()
    await store.create(key, newRecord())
    const saves = Array.from({ length: 200 }, (_, n) =>
      store.save(key, { set: texts({ [`k${n}`]: 'x'.repeat(400) }) }),
    )
    for (const save of saves) expect(await save).toMatchObject({ outcome: 'saved' })
    await store.close()
    expect(store.stats.folds).toBeGreaterThan(0)
    const rename = calls.indexOf('rename')
    expect(calls.lastIndexOf('sync', rename)).toBeGreaterThan(calls.lastIndexOf('create', rename))
    expect(calls.indexOf('syncDirectory', rename)).toBeGreaterThan(rename)
    const again = openStore({ directory: store.directory })
    expect(again.load(key)?.values.size).toBe(200)
    expect(again.load(key)?.version).toBe(200)
  })

  test('a sync that fails is an error, and the next save writes a new file, as the old one can not be trusted', async () => {
    let broken = false
    const { calls, files } = observed()
    const store = openStore({
      options: disk,
      files: {
        ...files,
        sync: async (fd) => {
          if (broken) throw systemError('EIO')
          return files.sync(fd)
        },
      },
    })
    const key = newKey()
    await store.create(key, newRecord())
    broken = true
    await expect(store.save(key, { set: texts({ a: 1 }) })).rejects.toBeInstanceOf(StoreUnavailableError)
    await expect(store.save(key, { set: texts({ b: 2 }) })).rejects.toMatchObject({ cause: { code: 'EIO' } })
    broken = false
    calls.length = 0
    expect(await store.save(key, { set: texts({ c: 3 }) })).toMatchObject({ outcome: 'saved' })
    expect(calls).toContain('rename')
    expect(await store.save(key, { set: texts({ d: 4 }) })).toMatchObject({ outcome: 'saved' })
  })

  test('a file whose sync has failed is not trusted by way of another descriptor either', async () => {
    let plan: (() => Promise<void>) | undefined
    const store = openStore({
      options: { ...disk, maxOpen: 1 },
      files: { ...nodeFiles, sync: (fd) => (plan ? plan() : nodeFiles.sync(fd)) },
    })
    const [other, key] = [newKey(), newKey()]
    for (const each of [other, key]) await store.create(each, newRecord())
    const save = (name: string) => Promise.resolve(store.save(key, { set: texts({ [name]: 1 }) }))
    plan = () => Promise.reject(systemError('EIO'))
    await expect(save('one')).rejects.toMatchObject({ cause: { code: 'EIO' } })
    const successor = deferred()
    plan = () => successor.promise
    const second = save('two') // tries to write the new file once more, which waits for the device
    const third = save('three') // waits for that one
    store.load(other) // pushes the journal out of the cache
    store.load(key) // and opens the same file once more
    plan = undefined
    successor.reject(systemError('EIO'))
    await expect(second).rejects.toMatchObject({ cause: { code: 'EIO' } })
    expect(await third).toMatchObject({ outcome: 'saved' })
    expect(store.stats.folds).toBe(1)
    // The second one met the seal: nobody could save to that file any more.
    const left = openStore({ directory: store.directory }).load(key)
    expect([...left!.values.keys()]).toEqual(['one', 'three'])
  })

  test('no save is acknowledged by a sync that came after a failed one, also where it waits for the next', async () => {
    const syncs: ReturnType<typeof deferred>[] = []
    const store = openStore({
      options: disk,
      files: {
        ...nodeFiles,
        sync: async (fd) => {
          const turn = deferred()
          syncs.push(turn)
          if (syncs.length === 2) {
            await turn.promise
            throw systemError('EIO')
          }
          return nodeFiles.sync(fd)
        },
      },
    })
    const key = newKey()
    await store.create(key, newRecord())
    const first = store.save(key, { set: texts({ a: 1 }) })
    const second = store.save(key, { set: texts({ b: 2 }) })
    syncs[1]!.resolve()
    await expect(first).rejects.toMatchObject({ cause: { code: 'EIO' } })
    await expect(second).rejects.toMatchObject({ cause: { code: 'EIO' } })
  })

  test('every create waits for the entry of its shard, whoever made that', async () => {
    const root = deferred()
    const store = openStore({
      options: disk,
      files: {
        ...nodeFiles,
        syncDirectory: (path) => (path === store.directory ? root.promise : nodeFiles.syncDirectory(path)),
      },
    })
    const key = newKey()
    const neighbour = `${key.slice(0, 2)}${newKey().slice(2)}` as typeof key
    let returned = 0
    const creates = [key, neighbour].map(async (each) => {
      await store.create(each, newRecord())
      returned++
    })
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(returned).toBe(0)
    root.resolve()
    await Promise.all(creates)
  })

  test('a delete whose sync failed is made good by the next try, though there is nothing left to delete', async () => {
    let broken = false
    const { calls, files } = observed()
    const sync = async (fd: number): Promise<void> => {
      if (broken) throw systemError('EIO')
      return files.sync(fd)
    }
    const store = openStore({ options: disk, files: { ...files, sync } })
    const key = newKey()
    await store.create(key, newRecord())
    broken = true
    await expect(store.delete(key)).rejects.toBeInstanceOf(StoreUnavailableError)
    broken = false
    calls.length = 0
    expect(await store.delete(key)).toBe(false)
    expect(calls.filter((call) => call === 'unlink' || call === 'syncDirectory')).toEqual([
      'unlink',
      'syncDirectory',
    ])
  })

  test('a delete whose sync failed is not acknowledged for as long as its file can not be removed either', async () => {
    const broken = new Set<string>()
    const store = openStore({
      options: disk,
      files: {
        ...nodeFiles,
        sync: async (fd) => {
          if (broken.has('sync')) throw systemError('EIO')
          return nodeFiles.sync(fd)
        },
        unlink: (path) => {
          if (broken.has('unlink')) throw systemError('EACCES')
          nodeFiles.unlink(path)
        },
      },
    })
    const key = newKey()
    await store.create(key, newRecord())
    broken.add('sync').add('unlink')
    await expect(store.delete(key)).rejects.toMatchObject({ cause: { code: 'EIO' } })
    broken.delete('sync')
    expect(() => store.delete(key)).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ code: 'EACCES' }) }),
    )
    broken.clear()
    expect(await store.delete(key)).toBe(false)
    expect(openStore({ directory: store.directory }).exists(key)).toBe(false)
  })

  test('a delete is on the disk when it returns', async () => {
    const { calls, files } = observed()
    const store = openStore({ files, options: disk })
    const key = newKey()
    await store.create(key, newRecord())
    calls.length = 0
    expect(await store.delete(key)).toBe(true)
    expect(calls.indexOf('sync')).toBeGreaterThan(calls.indexOf('append'))
    expect(calls.indexOf('unlink')).toBeGreaterThan(calls.indexOf('sync'))
  })
})

describe("durability: 'process', the default", () => {
  test('asks for no sync, and answers without a promise', () => {
    const { calls, files } = observed()
    const store = openStore({ files })
    const key = newKey()
    expect(store.create(key, newRecord())).toBe(true)
    expect(store.save(key, { set: texts({ a: 1 }) })).toMatchObject({ outcome: 'saved' })
    expect(store.delete(key)).toBe(true)
    expect(syncsOf(calls)).toEqual([])
  })
})
