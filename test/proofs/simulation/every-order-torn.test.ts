import { describe, it } from 'vitest'
import { exploreAll, names, TIMEOUT } from './explored.ts'

describe('whatever is torn by a kill or lost with the power, what was acknowledged stands:', () => {
  const here = names.filter((name) => name.includes('torn') || name.includes('power'))
  it.each(here)('%s', exploreAll, TIMEOUT)
})
