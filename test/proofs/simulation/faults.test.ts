import { describe, expect, it, onTestFinished } from 'vitest'
import { firstInShort, whole } from '../../support/whole.ts'
import type { OpenStore } from './execution.ts'
import { Found } from './explore.ts'
import { names, TIMEOUT } from './explored.ts'
import type { Fault } from './faults/fault.ts'
import { FAULTS } from './faults/list.ts'
import { withFault } from './faults/plant.ts'
import type { Pair } from './pairs.ts'
import { playSeed } from './random.ts'
import { START_SUITES } from './start-suites.ts'
import { MORE_SUITES, pairSuites, SUITES } from './suites.ts'
import { Tally } from './tally.ts'

/** Far more than any of the faults needed so far. */
const MOST_SEEDS = 4000

const isInThisRun = ({ foundBy, takesLong }: Fault): boolean =>
  whole || (!takesLong && (foundBy === 'random' || foundBy in START_SUITES || names.includes(foundBy)))

/** In the short run those that are found by what it explores. */
const planted = firstInShort(FAULTS.filter(isInThisRun))

describe('the simulation notices that', () => {
  it.each(planted.map((fault) => ({ ...fault, fault })))('$name', { timeout: TIMEOUT }, async ({ fault }) => {
    const { open, start, remove } = await withFault(fault)
    onTestFinished(remove)
    const startSuite = START_SUITES[fault.foundBy]
    const found = await (startSuite ? startSuite(start) : hunt(open, fault)).catch((error: unknown) => error)
    expect(found).toBeInstanceOf(Found)
  })
})

async function hunt(open: OpenStore, { foundBy, at }: Fault): Promise<void> {
  if (typeof at === 'object') {
    const isAt = ({ first, second }: Pair): boolean => first === at[0] && second === at[1]
    await pairSuites(isAt)[foundBy]!(open)
  }
  if (foundBy !== 'random') return void (await { ...SUITES, ...MORE_SUITES }[foundBy]!(open))
  const tally = new Tally()
  if (typeof at === 'number') await playSeed(at, open, tally)
  for (let seed = 1; seed <= MOST_SEEDS; seed++) await playSeed(seed, open, tally)
}
