import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { fileStore } from '../../../src/file.ts'
import { type AdapterConformanceOptions, adapterConformance } from '../../../src/testing.ts'

/** The adapter suite for a framework, over files; where it matters the suite itself has them answer later as well. */
export function conforms(name: string, options: AdapterConformanceOptions): void {
  describe(name, () => {
    const directories: string[] = []
    afterAll(() => {
      for (const directory of directories) rmSync(directory, { recursive: true, force: true })
    })
    const store = () => {
      const directory = mkdtempSync(join(tmpdir(), 'untorn-test-'))
      directories.push(directory)
      return fileStore(directory, { sweepEvery: 0 })
    }
    for (const { title, run, skip } of adapterConformance({ timeout: 45_000, ...options, store })) {
      if (skip) test.skip(`${title} (${skip})`, run)
      else test(title, run)
    }
  })
}
