import { inWhole } from '../../support/whole.ts'
import type { Plan } from './explore.ts'
import { STARTS, type Start } from './starts.ts'
import { ALL_VERBS, VERBS, type Verb } from './verbs.ts'

/** Each verb with each other one, from each start; where the two show the same, of two orders of them one. */
export const PLANS: readonly Plan[] = Object.values(STARTS).flatMap((start: Start) =>
  ALL_VERBS.flatMap((first, nth) =>
    ALL_VERBS.slice(start.isOneSided ? 0 : nth).map((second): Plan => ({ start, verbs: [first, second] })),
  ),
)

const { loginAda, rotate, confirm, logout, revokeAll, revokeOthers, revokeEverything } = VERBS

/** The pairs of which one ends what the other one is making. */
export const DECIDING: readonly (readonly [Verb, Verb])[] = [
  [rotate, logout],
  [loginAda, logout],
  [loginAda, revokeAll],
  [rotate, revokeAll],
  [confirm, revokeEverything],
  [loginAda, loginAda],
  [loginAda, revokeOthers],
]

export const deciding = (start: keyof typeof STARTS): Plan[] =>
  DECIDING.map((verbs) => ({ start: STARTS[start], verbs }))

const LIMITS = [
  { start: STARTS.nobody, maxPerOwner: 1 },
  { start: STARTS.newcomer, maxPerOwner: 1 },
  { start: STARTS.newcomers, maxPerOwner: 1 },
  { start: STARTS.newcomers, maxPerOwner: 2 },
  { start: STARTS.twoDevices, maxPerOwner: 2 },
] as const

/** A sign-in where there are no more devices than allowed, with all that can meet it. */
export const LIMITED: readonly Plan[] = LIMITS.flatMap(({ start, maxPerOwner }) =>
  (['end-oldest', 'refuse'] as const).flatMap((onMaxPerOwner) =>
    ALL_VERBS.map(
      (second): Plan => ({ start, verbs: [loginAda, second], limit: { maxPerOwner, onMaxPerOwner } }),
    ),
  ),
)

/** What has more than one step, by itself: each of its calls is to fail. */
export const ALONE: readonly Plan[] = [STARTS.signedIn, STARTS.anonymous, STARTS.twoDevices].flatMap(
  (start: Start) =>
    [loginAda, VERBS.loginBob, rotate, confirm, logout, revokeAll, revokeOthers, revokeEverything].map(
      (verb): Plan => ({ start, verbs: [verb] }),
    ),
)

/** In the short run one of so many. */
export const some = (plans: readonly Plan[], each: number): readonly Plan[] =>
  plans.filter((_, nth) => nth % inWhole(1, each) === 0)
