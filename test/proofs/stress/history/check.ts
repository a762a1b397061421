import { checkErrors, checkWaits, type Stops } from './answers.ts'
import { chainOf } from './chain.ts'
import { checkCreation } from './creation.ts'
import { checkExpiry } from './expiry.ts'
import { factsOf } from './facts.ts'
import { strangersIn, withListings } from './listings.ts'
import type { Listing, SessionHistory } from './operation.ts'
import { checkOrder } from './order.ts'
import { checkGone } from './presence.ts'
import type { Rules, Violation } from './rules.ts'
import { checkValues } from './values.ts'

/** Everything that was done to the sessions of a run. */
export interface History {
  sessions: readonly SessionHistory[]
  listings: readonly Listing[]
  stops: Stops
}

export interface Verdict {
  violations: Violation[]
  /** Changes of values whose place in their session's order was acknowledged or found. */
  changes: number
  /** Gaps in that order with too many possibilities to try them all. */
  undecided: number
}

/** More of one session say nothing new. */
const MOST_PER_SESSION = 5

/** Judges a history by the promises of the store's contract, each session by itself. */
export function check({ sessions, listings, stops }: History, rules: Rules): Verdict {
  const verdict: Verdict = { violations: [], changes: 0, undecided: 0 }
  for (const stranger of strangersIn(sessions, listings)) {
    const text = 'A pass through all sessions met it, and nobody had ever asked for it to be created.'
    const { name: session } = stranger
    verdict.violations.push({ promise: 'never created by a save', session, text, operations: [] })
  }
  for (const session of withListings(sessions, listings, rules)) {
    const facts = factsOf(session, rules)
    const { makers, violations, undecided } = chainOf(facts)
    verdict.changes += makers.size
    verdict.undecided += undecided
    const found = [
      ...checkCreation(facts),
      ...violations,
      ...checkValues(facts),
      ...checkOrder(facts, makers),
      ...checkGone(facts),
      ...checkExpiry(facts),
      ...checkErrors(facts),
      ...checkWaits(facts, stops),
    ]
    verdict.violations.push(...found.slice(0, MOST_PER_SESSION))
  }
  return verdict
}
