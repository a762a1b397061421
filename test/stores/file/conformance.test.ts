import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { fileStore } from '../../../src/file.ts'
import { storeConformance } from '../../../src/testing.ts'

for (const durability of ['process', 'disk'] as const) {
  describe.concurrent(`the file store keeps the contract, durability '${durability}'`, () => {
    const directory = mkdtempSync(join(tmpdir(), 'untorn-test-'))
    afterAll(() => rmSync(directory, { recursive: true, force: true }))
    let opened = 0
    const cases = storeConformance({
      open: () => fileStore(join(directory, String(opened++)), { durability }),
      reopen: (store) => fileStore(store.directory, { durability }),
    })
    for (const { title, skip, run } of cases) test.skipIf(skip !== undefined)(title, run)
  })
}
