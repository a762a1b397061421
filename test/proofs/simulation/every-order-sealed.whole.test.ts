import { describe, it } from 'vitest'
import { exploreAll, names, TIMEOUT } from './explored.ts'
import { SPACE } from './space.ts'

// In files of their own, the long explorations run beside the others.
describe('in every order of the calls that two processes make, a dead process is replaced by exactly one:', () => {
  it.each(names.filter((name) => name.includes('sealed') && !(name in SPACE)))('%s', exploreAll, TIMEOUT)
})
