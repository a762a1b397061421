import { describe, expect, it, onTestFinished } from 'vitest'
import { firstInShort, whole } from '../../support/whole.ts'
import type { OpenStore } from './execution.ts'
import { Found } from './explore.ts'
import { names } from './explored.ts'
import type { Fault } from './faults/fault.ts'
import { FAULTS } from './faults/list.ts'
import { withFault } from './faults/plant.ts'
import { playSeed } from './random.ts'
import { START_SUITES } from './start-suites.ts'
import { MORE_SUITES, SUITES } from './suites.ts'
import { Tally } from './tally.ts'

/** Far more than any of the faults needed so far. */
const MOST_SEEDS = 4000

const isInThisRun = ({ foundBy, takesLong }: Fault): boolean =>
  whole || (!takesLong && (foundBy === 'random' || foundBy in START_SUITES || names.includes(foundBy)))

/** In the short run those that are found by what it explores. */
const planted = firstInShort(FAULTS.filter(isInThisRun))

describe('the simulation notices that', () => {
  it.each(planted.map((fault) => ({ ...fault, fault })))('$name', async ({ fault, foundBy }) => {
    const { open, start, remove } = await withFault(fault)
    onTestFinished(remove)
    const startSuite = START_SUITES[foundBy]
    const found = await (startSuite ? startSuite(start) : hunt(open, foundBy)).catch(
      (error: unknown) => error,
    )
    expect(found).toBeInstanceOf(Found)
  })
})

async function hunt(open: OpenStore, foundBy: string): Promise<void> {
  if (foundBy !== 'random') return void (await { ...SUITES, ...MORE_SUITES }[foundBy]!(open))
  const tally = new Tally()
  for (let seed = 1; seed <= MOST_SEEDS; seed++) await playSeed(seed, open, tally)
}
