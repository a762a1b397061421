import { describe, expect, it, onTestFinished } from 'vitest'
import { withPlanted } from '../../support/planted.ts'
import { oneOfEach } from '../../support/whole.ts'
import { explore } from './explore.ts'
import type { Fault } from './faults.ts'
import { playSeed } from './random.ts'
import type { Verbs } from './scripts.ts'
import { asVerbs, TAKING, type TakingSteps, takersFrom } from './taking.ts'
import { TAKING_FAULTS } from './taking-faults.ts'

const FIRST_SEEDS = 2000
const MOST_STATES = 3000
const MOST_SEEDS = 40_000

describe('the orders show that', () => {
  it.each(oneOfEach(TAKING_FAULTS, ({ file }) => file))(
    '$name',
    async (fault) => {
      const verbs = await withFault(fault)
      expect(() => hunt(verbs, fault)).toThrow(/No order explains|left unfinished|could not be taken along/)
    },
    300_000,
  )
})

function hunt(verbs: Verbs, { at }: Fault): void {
  if (typeof at === 'number') playSeed(at, takersFrom(at), verbs)
  for (let seed = 1; seed <= FIRST_SEEDS; seed++) playSeed(seed, takersFrom(seed), verbs)
  for (const { plan } of TAKING) explore(plan, verbs, MOST_STATES)
  for (let seed = FIRST_SEEDS + 1; seed <= MOST_SEEDS; seed++) playSeed(seed, takersFrom(seed), verbs)
}

const PARTS = ['take', 'verbs'].map((part) => `stores/over/taking/${part}.ts`)

/** The steps with a fault. */
async function withFault(fault: Fault): Promise<Verbs> {
  const { load, remove } = await withPlanted({ ...fault, file: `stores/over/${fault.file}` }, PARTS)
  onTestFinished(remove)
  const steps: TakingSteps = Object.assign({}, ...(await Promise.all(PARTS.map(load))))
  return asVerbs(steps)
}
