import { expect, test } from 'vitest'
import { inWhole } from '../../support/whole.ts'
import { explore } from './explore.ts'
import { playSeed } from './random.ts'
import { asVerbs, steps, TAKING, takersFrom } from './taking.ts'

const verbs = asVerbs(steps)

test('every order of the calls of two processes that take a session along keeps every promise, whoever dies where', () => {
  let states = 0
  for (const { title, plan } of TAKING.filter((_, index) => index % inWhole(1, 11) === 0)) {
    const explored = explore(plan, verbs)
    expect(explored.ends, title).toBeGreaterThan(1)
    states += explored.states
  }
  expect(states).toBeGreaterThan(inWhole(30_000, 1000))
}, 300_000)

test('so do random orders of three to five', () => {
  for (let seed = 1; seed <= inWhole(15_000, 200); seed++) playSeed(seed, takersFrom(seed), verbs)
}, 300_000)
