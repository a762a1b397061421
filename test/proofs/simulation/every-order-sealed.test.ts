import { describe, it } from 'vitest'
import { exploreAll, TIMEOUT } from './explored.ts'
import { SPACE } from './space.ts'
import { SUITES } from './suites.ts'

// In files of their own, the long explorations run beside the others.
describe('in every order of the calls that two processes make, a dead process is replaced by exactly one:', () => {
  it.each(Object.keys(SUITES).filter((name) => name.includes('sealed') && !(name in SPACE)))(
    '%s',
    exploreAll,
    TIMEOUT,
  )
})
