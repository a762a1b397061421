import { describe, it } from 'vitest'
import { exploreAll, names, TIMEOUT } from './explored.ts'
import { SPACE } from './space.ts'

const apart = ['sealed', 'torn', 'power']

describe('in every order of the calls that processes make, nothing is lost, torn, brought back or waited for in vain:', () => {
  const here = names.filter((name) => !(name in SPACE) && !apart.some((word) => name.includes(word)))
  it.each(here)('%s', exploreAll, TIMEOUT)
})
