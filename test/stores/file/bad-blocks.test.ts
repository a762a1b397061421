import { statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { SessionKey } from '../../../src/contract/key.ts'
import { copySessions } from '../../../src/copy.ts'
import type { SyncFileStore } from '../../../src/stores/file/file-store.ts'
import type { Files } from '../../../src/stores/file/files.ts'
import { nodeFiles } from '../../../src/stores/file/node-files.ts'
import { memoryStore } from '../../../src/stores/memory/memory-store.ts'
import { systemError } from '../../support/faulty-files.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { journalPath, openStore } from './file-stores.ts'

/** The real files, of which no read gets behind a place for as long as it is bad. */
class BadDisk {
  badFrom = Number.POSITIVE_INFINITY
  readonly files: Files = {
    ...nodeFiles,
    read: (fd, into, length, position) => {
      if (position >= this.badFrom) throw systemError('EIO')
      return nodeFiles.read(fd, into, Math.min(length, this.badFrom - position), position)
    },
  }
}

/** A session of which another process has saved more than the store has seen, and a block in that can't be read. */
async function onBadDisk(): Promise<{ disk: BadDisk; store: SyncFileStore; key: SessionKey }> {
  const disk = new BadDisk()
  const store = openStore({ files: disk.files })
  const other = openStore({ directory: store.directory })
  const key = newKey()
  await store.create(key, newRecord({ first: 1 }))
  const { size } = statSync(journalPath(store, key))
  await other.save(key, { set: texts({ second: 2 }) })
  await other.save(key, { set: texts({ third: 3 }) })
  disk.badFrom = size + 20
  return { disk, store, key }
}

const VERBS: Record<string, (store: SyncFileStore, key: SessionKey) => unknown> = {
  load: (store, key) => store.load(key),
  exists: (store, key) => store.exists(key),
  save: (store, key) => store.save(key, { set: texts({ mine: 1 }) }),
  'save, if nobody changed it': (store, key) =>
    store.save(key, { set: texts({ mine: 1 }) }, { ifVersion: 2 }),
  delete: (store, key) => store.delete(key),
  records: async (store) => {
    for await (const _ of store.records());
  },
  'a copy to another store': (store) => copySessions({ from: store, to: memoryStore() }),
}

describe('where a block of the journal can not be read, nobody is given what lies before it for the whole:', () => {
  test.each(Object.entries(VERBS))('%s fails with the error of the disk', async (_, verb) => {
    for (const met of ['before', 'for the first time']) {
      const { disk, store, key } = await onBadDisk()
      const used = met === 'before' ? store : openStore({ directory: store.directory, files: disk.files })
      await expect((async () => verb(used, key))()).rejects.toMatchObject({
        code: 'UNTORN_STORE_UNAVAILABLE',
        cause: { code: 'EIO' },
      })
      disk.badFrom = Number.POSITIVE_INFINITY
      if (verb === VERBS.delete) expect(used.exists(key)).toBe(met !== 'before')
      else
        expect([...used.load(key)!.values.keys()]).toEqual(
          expect.arrayContaining(['first', 'second', 'third']),
        )
    }
  })
})
