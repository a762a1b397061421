import { describe, it } from 'vitest'
import { exploreAll, names, TIMEOUT } from './explored.ts'
import { SPACE } from './space.ts'

describe('in every order of the calls that processes make, where there is no space, or a key is wanted again:', () => {
  it.each(names.filter((name) => name in SPACE))('%s', exploreAll, TIMEOUT)
})
