import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { fileStore } from '../../../src/file.ts'
import { memoryStore } from '../../../src/memory.ts'
import { adapterConformance } from '../../../src/testing.ts'
import { slowly } from '../../adapters/support/stores.ts'
import { serve } from './site.ts'

const directory = mkdtempSync(join(tmpdir(), 'untorn-hono-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe.each([
  ['files', () => fileStore(mkdtempSync(join(directory, 'site-')), { sweepEvery: 0 })],
  ['a store that answers later', () => slowly(memoryStore())],
])('untorn/hono, over %s', (_, store) => {
  for (const { title, run, skip } of adapterConformance({ timeout: 45_000, serve, store })) {
    test.skipIf(skip !== undefined)(skip === undefined ? title : `${title} (${skip})`, run)
  }
})
