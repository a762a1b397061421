import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { fileStore } from '../../../src/file.ts'
import type { SessionStore } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { type AdapterConformanceOptions, adapterConformance } from '../../../src/testing.ts'
import { slowly } from '../../adapters/support/stores.ts'
import { serveV1, serveV2, ways } from './hosts.ts'

const folder = mkdtempSync(join(tmpdir(), 'untorn-h3-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let directories = 0

const files = () => fileStore(join(folder, String(directories++)), { sweepEvery: 0 })
const late = () => slowly(memoryStore())

type Serve = AdapterConformanceOptions['serve']

// Each way of answering, and each kind of store with each major.
const hosts: [name: string, serve: Serve, store: () => SessionStore][] = [
  ['h3 1, over files', (site) => serveV1(site, false), files],
  ['h3 1, installed, over a late store', (site) => serveV1(site, true), late],
  ...Object.keys(ways).map((way, n): [string, Serve, () => SessionStore] => [
    `h3 2, by ${way}`,
    (site) => serveV2(site, way),
    n === 0 ? late : files,
  ]),
]

describe.each(hosts)('%s', (_name, serve, store) => {
  const cases = adapterConformance({ timeout: 45_000, serve, store })
  for (const { title, skip, run } of cases) test.skipIf(skip !== undefined).concurrent(title, run)
})
