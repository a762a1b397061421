import { describe, expect, test } from 'vitest'
import { MisuseError } from '../../../src/errors.ts'
import { nodeFiles } from '../../../src/stores/file/node-files.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { openStore } from './file-stores.ts'

describe('close()', () => {
  test('waits for what is under way, and then nothing is open', async () => {
    let open = 0
    const store = openStore({
      options: { durability: 'disk' },
      files: {
        ...nodeFiles,
        create: (path) => {
          const fd = nodeFiles.create(path)
          open++
          return fd
        },
        close: (fd) => {
          open--
          nodeFiles.close(fd)
        },
        release: (fd) => {
          open--
          return nodeFiles.release(fd)
        },
      },
    })
    const key = newKey()
    await store.create(key, newRecord())
    let saved = false
    const saving = Promise.resolve(store.save(key, { set: texts({ a: 1 }) })).then(() => {
      saved = true
    })
    await store.close()
    expect(saved).toBe(true)
    await saving
    expect(open).toBe(0)
  })

  test('refuses what comes after it, by saying so, and may be called again', async () => {
    const store = openStore()
    const key = newKey()
    await store.close()
    await store.close()
    expect(() => store.load(key)).toThrow(MisuseError)
    expect(() => store.exists(key)).toThrow(MisuseError)
    expect(() => store.create(key, newRecord())).toThrow(MisuseError)
    expect(() => store.save(key, { expiresAt: 1 })).toThrow(MisuseError)
    expect(() => store.delete(key)).toThrow(MisuseError)
    await expect(store.clearExpired()).rejects.toBeInstanceOf(MisuseError)
    await expect(store.records()[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(MisuseError)
  })

  test('ends a sweep, which then does not look as if it were complete', async () => {
    const store = openStore()
    for (let n = 0; n < 20; n++) await store.create(newKey(), newRecord({}, { expiresAt: 1 }))
    let closing: unknown
    const sweeping = store.clearExpired({
      onProgress: () => {
        closing ??= store.close()
      },
    })
    await expect(sweeping).rejects.toBeInstanceOf(MisuseError)
    await closing
  })
})
