import { describe, expect, it } from 'vitest'
import { openFileStore } from '../../../src/stores/file/file-store.ts'
import { whole } from '../../support/whole.ts'
import { TIMEOUT } from './explored.ts'
import { told } from './report.ts'
import { START_SUITES } from './start-suites.ts'

/** What they are about the others meet too, one mishap at a time. */
const LONG = [
  'two start at once', // also in those of which one is killed, or not
  'the power fails after a start one of whose syncs failed',
  'a start is killed at any call, with its manifest written by halves',
  'the power fails after a session was made in a shard that a cleaner had taken',
  'a start falls asleep for longer than a minute beside another one',
  'a cleaner comes while one makes a session where the last one has just gone',
  'a cleaner comes while stores run',
  'a start beside a store that runs, and one of them is killed', // also where both start
  'a cleaner comes while one starts beside a store that runs', // two planted faults are found by it
  'the power fails during a start, or after it, behind one that died',
  'any call of one of two starts fails',
]

describe('whatever happens to a start, the next one succeeds, nothing acknowledged is lost and nothing stays behind:', () => {
  it.each(Object.keys(START_SUITES).filter((name) => whole || !LONG.includes(name)))(
    '%s',
    async (name) => {
      const explored = await told(START_SUITES[name]!(openFileStore))
      expect(explored.worlds).toBeGreaterThan(20)
      if (name.includes('killed')) expect(explored.kills).toBeGreaterThan(10)
      if (name.includes('power')) expect(explored.powerLosses).toBeGreaterThan(10)
    },
    TIMEOUT,
  )
})
