import { describe, it } from 'vitest'
import { exploreAll, TIMEOUT } from './explored.ts'
import { SPACE } from './space.ts'
import { SUITES } from './suites.ts'

const apart = ['sealed', 'torn', 'power']

describe('in every order of the calls that processes make, nothing is lost, torn, brought back or waited for in vain:', () => {
  const here = Object.keys(SUITES).filter(
    (name) => !(name in SPACE) && !apart.some((word) => name.includes(word)),
  )
  it.each(here)('%s', exploreAll, TIMEOUT)
})
