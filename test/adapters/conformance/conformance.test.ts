import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { fileStore } from '../../../src/file.ts'
import type { SessionStore } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { adapterConformance } from '../../../src/testing.ts'
import { eachWithEach, onlyInShort } from '../../support/whole.ts'
import { slowly } from '../support/stores.ts'
import { adapters, lacks } from './sites.ts'

const folder = mkdtempSync(join(tmpdir(), 'untorn-adapters-'))
afterAll(() => rmSync(folder, { recursive: true }))

const STORES: Record<string, () => SessionStore> = {
  files: () => fileStore(mkdtempSync(join(folder, 'store-')), { sweepEvery: 0 }),
  memory: () => memoryStore(),
  'a store that answers later': () => slowly(memoryStore()),
}

/** In the short run Express 5 stands for 4, and fetch in two steps for `handle`, which is made of them. */
const asked = onlyInShort(adapters, 'untorn/node', 'untorn/express, Express 5', 'untorn/fetch, in two steps')

for (const [[name, serve], [kept, store]] of eachWithEach(Object.entries(asked), Object.entries(STORES))) {
  describe(`${name}, over ${kept}`, { concurrent: true }, () => {
    const without = lacks[name]
    for (const { title, run, skip } of adapterConformance({
      timeout: 45_000,
      serve,
      store,
      ...(without && { without }),
    })) {
      if (skip) test.skip(`${title} (${skip})`, run)
      else test(title, run)
    }
  })
}
