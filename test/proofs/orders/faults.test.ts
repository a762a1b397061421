import { describe, expect, it, onTestFinished } from 'vitest'
import { withPlanted } from '../../support/planted.ts'
import { oneOfEach, whole } from '../../support/whole.ts'
import { explore } from './explore.ts'
import { FAULTS, type Fault } from './faults.ts'
import { AGAIN, LOOKED_AT, manyFrom, PAIRS } from './plans.ts'
import { playSeed } from './random.ts'
import type { Verbs } from './scripts.ts'

/** Most faults show early; then pairs go so far each. */
const FIRST_SEEDS = 4000
const MOST_STATES = 3000
const MOST_SEEDS = 60_000

describe('the orders show that', () => {
  // In the short run the first one in each part of the store: the last ones show late.
  it.each(oneOfEach(FAULTS.filter(({ again }) => whole || !again).toReversed(), ({ file }) => file))(
    '$name',
    async (fault) => {
      const verbs = await withFault(fault)
      expect(() => hunt(verbs, fault)).toThrow(/No order explains|left unfinished|could not be moved/)
    },
    // The last ones take most of a minute by themselves, and share two cores with other tests.
    1_200_000,
  )
})

function hunt(verbs: Verbs, { at, again }: Fault): void {
  if (typeof at === 'number') playSeed(at, manyFrom(at), verbs)
  if (typeof at === 'string') {
    const { plan } = [...PAIRS, ...AGAIN, ...LOOKED_AT].find(({ title }) => title === at)!
    explore(plan, verbs, MOST_STATES)
  }
  if (again) for (const { plan } of AGAIN) explore(plan, verbs, MOST_STATES)
  for (let seed = 1; seed <= FIRST_SEEDS; seed++) playSeed(seed, manyFrom(seed), verbs)
  for (const { plan } of PAIRS) explore(plan, verbs, MOST_STATES)
  for (let seed = FIRST_SEEDS + 1; seed <= MOST_SEEDS; seed++) playSeed(seed, manyFrom(seed), verbs)
}

const PARTS = ['load', 'save', 'delete', 'move', 'create'].map((part) => `stores/over/moving/${part}.ts`)

/** What the store is made of, with a fault. */
async function withFault(fault: Fault): Promise<Verbs> {
  const { load, remove } = await withPlanted({ ...fault, file: `stores/over/moving/${fault.file}` }, PARTS)
  onTestFinished(remove)
  return Object.assign({}, ...(await Promise.all(PARTS.map(load))))
}
