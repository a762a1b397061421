import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { fileStore } from '../../../src/file.ts'
import { memoryStore } from '../../../src/memory.ts'
import { type AdapterConformanceOptions, adapterConformance } from '../../../src/testing.ts'
import { slowly } from '../../adapters/support/stores.ts'
import { serveV1, serveV2, ways } from './hosts.ts'

const folder = mkdtempSync(join(tmpdir(), 'untorn-h3-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let directories = 0

const hosts: Record<string, AdapterConformanceOptions['serve']> = {
  'h3 1': (site) => serveV1(site, false),
  'h3 1, installed': (site) => serveV1(site, true),
}
for (const way of Object.keys(ways)) hosts[`h3 2, by ${way}`] = (site) => serveV2(site, way)

describe.each(Object.entries(hosts))('%s', (_name, serve) => {
  describe.each([
    ['files', () => fileStore(join(folder, String(directories++)), { sweepEvery: 0 })],
    ['a late store', () => slowly(memoryStore())],
  ])('over %s', (_store, store) => {
    const cases = adapterConformance({ serve, store })
    for (const { title, skip, run } of cases) test.skipIf(skip !== undefined).concurrent(title, run)
  })
})
