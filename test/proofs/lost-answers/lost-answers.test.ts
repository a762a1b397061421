import { describe, test } from 'vitest'
import { bothKinds } from '../../support/plain-store.ts'
import { inWhole } from '../../support/whole.ts'
import { SCENARIOS } from './scenarios.ts'
import { shipped } from './stage.ts'

/** What is told is true, and nothing is lost, whichever call of the store fails, and however. */
describe.each(
  inWhole(
    bothKinds,
    bothKinds.filter(({ slow }) => slow),
  ),
)('on $kind, of a request that', ({ slow }) => {
  // Most of it is waiting.
  test.concurrent.each(Object.entries(SCENARIOS))('%s', (_, scenario) => scenario(shipped, slow))
})
