import { test } from 'vitest'
import type { SessionStore } from '../../src/contract/store.ts'
import {
  type ConformanceCase,
  type ConformanceOptions,
  storeConformance,
} from '../../src/testing/conformance.ts'
import { whole } from '../support/whole.ts'

/**
 * Milliseconds: many times what a case takes. Each does many small steps one after the other, beside others that keep the
 * disk, or the connections of the pool, busy; how slow these are is not what is asked.
 */
export const LONGEST_CASE = 240_000

const THROUGH_TWO = ', through two store objects'

/**
 * The cases that this run asks of a store. The short one asks each only once: through two objects where it can be, as
 * then what one has changed is seen by another.
 */
export function casesOf<Store extends SessionStore>(options: ConformanceOptions<Store>): ConformanceCase[] {
  const cases = storeConformance(options)
  if (whole) return cases
  const run = cases.filter(({ skip }) => skip === undefined)
  const twice = new Set(run.map(({ title }) => title).filter((title) => title.endsWith(THROUGH_TWO)))
  return cases.filter(({ title }) => !twice.has(title + THROUGH_TWO))
}

/** Every case as a test of its own. */
export function testConformance<Store extends SessionStore>(options: ConformanceOptions<Store>): void {
  for (const { title, run, skip } of casesOf(options)) {
    if (skip) test.skip(`${title} (${skip})`, run)
    else test(title, { timeout: LONGEST_CASE }, run)
  }
}

/** The titles of the cases that fail, all of them run at the same time; or of those of them that are `asked`. */
export async function failing<Store extends SessionStore>(
  options: ConformanceOptions<Store>,
  asked?: readonly string[],
): Promise<string[]> {
  const cases = storeConformance(options).filter(
    ({ title, skip }) => skip === undefined && (asked?.includes(title) ?? true),
  )
  const results = await Promise.allSettled(cases.map(({ run }) => run()))
  return cases.flatMap(({ title }, index) => (results[index]?.status === 'rejected' ? [title] : []))
}
