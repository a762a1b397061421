import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { type FileStoreOptions, fileStore } from '../../../src/file.ts'
import { storeConformance } from '../../../src/testing.ts'

const KINDS: FileStoreOptions[] = [
  { durability: 'process' },
  { durability: 'disk' },
  { coldLoads: 'pool', maxOpen: 1 },
]

for (const options of KINDS) {
  describe.concurrent(`the file store keeps the contract, ${JSON.stringify(options)}`, () => {
    const directory = mkdtempSync(join(tmpdir(), 'untorn-test-'))
    afterAll(() => rmSync(directory, { recursive: true, force: true }))
    let opened = 0
    const cases = storeConformance({
      open: () => fileStore(join(directory, String(opened++)), options),
      reopen: (store) => fileStore(store.directory, options),
    })
    for (const { title, skip, run } of cases) test.skipIf(skip !== undefined)(title, run)
  })
}
