import { expect, test } from 'vitest'
import { inWhole } from '../../support/whole.ts'
import { explore } from './explore.ts'
import { AGAIN, LOOKED_AT, manyFrom, PAIRS } from './plans.ts'
import { playSeed } from './random.ts'
import { verbs } from './verbs.ts'

/** Far more than were needed for any of the faults, and for what was wrong with the protocol before. */
const SEEDS = inWhole(15_000, 400)

/** Every pair in the whole run; else every eleventh, in which each of the scripts still meets others. */
const isAsked = (_: unknown, index: number): boolean => index % inWhole(1, 11) === 0

test('every order of the calls of two processes keeps every promise, whoever dies where', () => {
  let states = 0
  for (const { title, plan } of PAIRS.filter(isAsked)) {
    const explored = explore(plan, verbs)
    expect(explored.ends, title).toBeGreaterThan(1)
    states += explored.states
  }
  expect(states).toBeGreaterThan(inWhole(100_000, 5000))
}, 300_000)

test('so do random orders of three to five', () => {
  for (let seed = 1; seed <= SEEDS; seed++) playSeed(seed, manyFrom(seed), verbs)
}, 300_000)

test("so does every order of those that use a key again, which is no session's", () => {
  for (const { title, plan } of AGAIN.filter((_, index) => index % inWhole(1, 12) === 0)) {
    expect(explore(plan, verbs, inWhole(10_000, 1000)).ends, title).toBeGreaterThan(1)
  }
  for (const { title, plan } of LOOKED_AT) expect(explore(plan, verbs).ends, title).toBeGreaterThan(1)
}, 300_000)
