import { test } from 'vitest'
import type { SessionStore } from '../../src/contract/store.ts'
import { type ConformanceOptions, storeConformance } from '../../src/testing/conformance.ts'

/** Every case as a test of its own. */
export function testConformance<Store extends SessionStore>(options: ConformanceOptions<Store>): void {
  for (const { title, run, skip } of storeConformance(options)) {
    if (skip) test.skip(`${title} (${skip})`, run)
    else test(title, run)
  }
}

/** The titles of the cases that fail, all of them run at the same time. */
export async function failing<Store extends SessionStore>(
  options: ConformanceOptions<Store>,
): Promise<string[]> {
  const cases = storeConformance(options).filter(({ skip }) => skip === undefined)
  const results = await Promise.allSettled(cases.map(({ run }) => run()))
  return cases.flatMap(({ title }, index) => (results[index]?.status === 'rejected' ? [title] : []))
}
