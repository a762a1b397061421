import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withPlanted } from '../../support/planted.ts'
import { firstInShort } from '../../support/whole.ts'
import type { Begin } from './course.ts'
import { explore } from './explore.ts'
import { MUTANTS, type Mutant } from './mutants.ts'
import { SCENARIOS } from './scenarios.ts'

const PROTOCOL = fileURLToPath(new URL('./protocol/', import.meta.url))

describe('the model shows what breaks when', () => {
  it.each(firstInShort(MUTANTS))(
    '$name',
    async (mutant) => {
      const { broken } = explore(SCENARIOS[mutant.foundBy]!, await withMutant(mutant), { untilBroken: true })
      expect([...broken.keys()]).not.toEqual([])
    },
    300_000,
  )
})

async function withMutant(mutant: Mutant): Promise<Begin> {
  const { load, remove } = await withPlanted(mutant, ['verbs.ts'], PROTOCOL)
  onTestFinished(remove)
  return (await load<{ begin: Begin }>('verbs.ts')).begin
}
