import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { fileStore } from '../../../src/file.ts'
import { memoryStore } from '../../../src/memory.ts'
import { type AdapterConformanceOptions, adapterConformance } from '../../../src/testing.ts'
import { slowly } from './stores.ts'

/** Of each kind of store one. */
const STORES = {
  files: (folder: string) => fileStore(mkdtempSync(join(folder, 'store-')), { sweepEvery: 0 }),
  memory: () => memoryStore(),
  'a store that answers later': () => slowly(memoryStore()),
}

type Kept = keyof typeof STORES

export const EACH_STORE = Object.keys(STORES) as Kept[]

interface Conforming extends Omit<AdapterConformanceOptions, 'store'> {
  /** Where its sessions are. Default: in files; the suite itself has these answer later where it matters. */
  over?: readonly Kept[]
  /** The cases run at once. Not for a framework whose sites get in each other's way. Default: false. */
  concurrent?: boolean
}

/** Each case of the adapter suite as a test of an adapter. */
export function conforms(
  name: string,
  { over = ['files'], concurrent = false, ...options }: Conforming,
): void {
  describe.each(over)(`${name}, over %s`, { concurrent }, (kept) => {
    const folder = mkdtempSync(join(tmpdir(), 'untorn-conforms-'))
    afterAll(() => rmSync(folder, { recursive: true, force: true }))
    // Beside others on a busy machine.
    const patient = { timeout: 45_000, ...options, store: () => STORES[kept](folder) }
    for (const { title, run, skip } of adapterConformance(patient)) {
      if (skip) test.skip(`${title} (${skip})`, run)
      else test(title, run)
    }
  })
}
