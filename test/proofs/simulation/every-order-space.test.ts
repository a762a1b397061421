import { describe, it } from 'vitest'
import { exploreAll, TIMEOUT } from './explored.ts'
import { SPACE } from './space.ts'

describe('in every order of the calls that processes make, where there is no space, or a key is wanted again:', () => {
  it.each(Object.keys(SPACE))('%s', exploreAll, TIMEOUT)
})
