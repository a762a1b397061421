import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe } from 'vitest'
import { type FileStoreOptions, fileStore } from '../../../src/file.ts'
import { inWhole } from '../../support/whole.ts'
import { testConformance } from '../../testing/run-cases.ts'

const KINDS: FileStoreOptions[] = [
  { durability: 'process' },
  { durability: 'disk' },
  { coldLoads: 'pool', maxOpen: 1 },
]

for (const options of inWhole(KINDS, KINDS.slice(0, 1))) {
  describe.concurrent(`the file store keeps the contract, ${JSON.stringify(options)}`, () => {
    const directory = mkdtempSync(join(tmpdir(), 'untorn-test-'))
    afterAll(() => rmSync(directory, { recursive: true, force: true }))
    let opened = 0
    testConformance({
      open: () => fileStore(join(directory, String(opened++)), options),
      reopen: (store) => fileStore(store.directory, options),
    })
  })
}
