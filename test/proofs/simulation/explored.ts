import { expect } from 'vitest'
import { openPrepared } from '../../../src/stores/file/file-store.ts'
import { whole } from '../../support/whole.ts'
import type { Explored } from './explore.ts'
import type { Pair } from './pairs.ts'
import { FEWER } from './power-everywhere.ts'
import { told } from './report.ts'
import { pairSuites, powerSuite, SUITES } from './suites.ts'

/** Explorations share two cores with other tests. */
export const TIMEOUT = 600_000

/** Pairs that between them go through every step of the protocol: the short run has no others. */
const SHORT = [
  ['save', 'another save'],
  ['conditional save', 'conditional save'],
  ['save that folds', 'delete'],
  ['touch', 'sweep'],
]

const among =
  (pairs: typeof SHORT) =>
  (pair: Pair): boolean =>
    pairs.some(([first, second]) => pair.first === first && pair.second === second)

/** Where something happens besides, two of them have it all. */
const besides = Object.entries(pairSuites(among(SHORT.slice(2)))).filter(([name]) => name.includes(' while '))

/** They take as long as many others, and what they are about is met elsewhere too, one mishap at a time. */
const LONG: readonly string[] = [
  'a sign-out finds no space, and two save who have the file open',
  'a session expires where there is no space to end it, and another extends it that slept',
  'a sign-out finds no space, and a fold is under way',
  'two fold the same journal, and one of them saves on',
  'a descriptor is kept across two folds',
  'a touch meets the sweep of the session that it extends', // also among the pairs while the session expires
  'one is killed at any moment of a fold, and two others save',
  'an append is torn at any of its bytes, and another process goes on behind it',
  'power loss after a sync that failed, and another process saved',
  "every block of a journal that can't be read",
  'a holder is stopped before its rename, and two wait for it',
  'a sign-out that finds no space is killed at any moment, and another process saves',
  'a session expires in a journal that a dead process has sealed, and the clock is set back',
  'a session has expired, and two want its key',
  'a session has expired, and two want its key, of whom one is killed',
  'a session has expired in a journal that a dead process has sealed, and its key is wanted again',
  'a session is deleted, and its key is wanted again, by two',
  'a session expires, and its key is wanted again while another extends it',
  'a session expires, and its key is wanted again while another deletes it',
  'a session expires, and its key is wanted again while a sweep comes by',
  'a sweep finds no space to end what has just expired, and another extends it that slept',
  'power loss after a sync that failed',
]

/** Of what is under way when the power fails all but a long fold, with some of what may be left of each moment. */
const SHORT_OF_POWER = ['a creation', 'saves of two processes', 'a delete after a fold']

const suites: typeof SUITES = whole
  ? SUITES
  : {
      ...SUITES,
      ...pairSuites(among(SHORT)),
      ...Object.fromEntries(besides),
      'power loss at every moment': powerSuite(SHORT_OF_POWER, FEWER),
    }

/** The explorations of this run. */
export const names = Object.keys(SUITES).filter((name) => whole || !LONG.includes(name))

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
  const explored = await told(suites[name]!(openPrepared))
  expect(explored.worlds).toBeGreaterThan(10)
  for (const what of MET[name] ?? []) expect(Number(explored[what]), what).toBeGreaterThan(0)
}
