import { describe, it } from 'vitest'
import { exploreAll, TIMEOUT } from './explored.ts'
import { SUITES } from './suites.ts'

describe('whatever is torn by a kill or lost with the power, what was acknowledged stands:', () => {
  const here = Object.keys(SUITES).filter((name) => name.includes('torn') || name.includes('power'))
  it.each(here)('%s', exploreAll, TIMEOUT)
})
