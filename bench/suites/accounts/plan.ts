import type { Duration } from '../../measure/alternate.ts'

/** How much of it is measured. */
export interface Plan {
  calls: Duration
  /** Operations between two looks at the clock. */
  batch: number
  /** How many sessions an owner has, each in turn. */
  large: readonly number[]
  /** Samples of each call that an owner of so many sessions makes. */
  times: number
  /** Whose records are weighed. */
  owners: number
}

/** What a sign-in takes grows with the sessions that its owner has. */
const LARGE = [1, 100, 1000, 10_000]

export const LONG: Plan = {
  calls: { warmUp: 5, rounds: 60, seconds: 90 },
  batch: 20,
  large: LARGE,
  times: 15,
  owners: 1_000_000,
}

/** A thousandth of the owners: what one takes does not depend on how many there are. */
export const QUICK: Plan = {
  calls: { warmUp: 1, rounds: 5, seconds: 8 },
  batch: 5,
  large: LARGE,
  times: 5,
  owners: 1000,
}
