import { expect } from 'vitest'
import { openPrepared } from '../../../src/stores/file/file-store.ts'
import type { Explored } from './explore.ts'
import { told } from './report.ts'
import { SUITES } from './suites.ts'

/** Explorations share two cores with other tests. */
export const TIMEOUT = 600_000

/** What an exploration has to have met besides many orders, or it shows nothing. */
const MET: Readonly<Record<string, readonly (keyof Explored)[]>> = {
  'every pair on a fresh journal': ['folds', 'waits'],
  'every pair on a long journal': ['folds', 'waits'],
  'every pair on a journal that a dead process has sealed': ['folds', 'waits', 'takeOvers'],
  'every pair on a journal that was replaced by a process that died then': ['folds'],
  'every pair while one of the two is killed': ['kills', 'takeOvers'],
  'every pair while an append is seen half done, or stays torn': ['kills', 'halves'],
  'power loss at every moment': ['powerLosses', 'folds'],
}

/** Explores a suite of the store as it ships, to its end. */
export async function exploreAll(name: string): Promise<void> {
  const explored = await told(SUITES[name]!(openPrepared))
  expect(explored.worlds).toBeGreaterThan(10)
  for (const what of MET[name] ?? []) expect(Number(explored[what]), what).toBeGreaterThan(0)
}
