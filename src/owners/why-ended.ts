import type { GoneBecause } from '../contract/store.ts'
import type { Steps } from '../contract/wait.ts'
import { allEndedSince } from './application.ts'
import { familyOf, type OfOwner } from './belonging.ts'
import { loadBoth } from './enter.ts'
import type { End } from './record.ts'
import type { EndedBecause, Registry } from './registry.ts'

/** What a session's end is to its visitor. */
export function goneBecause(why: EndedBecause): GoneBecause {
  return why === 'signed-out' ? 'signed-out' : 'revoked'
}

/** Milliseconds: the times that two processes note may be so far apart, as each knows the store's by its last answer. */
const APART = 1000

/** Why a session of an owner's has ended: as their record says it, or that of the application. `undefined`: neither does. */
export function* whyEnded(
  registry: Registry,
  { owner, signIn, authenticatedAt, application }: OfOwner,
): Steps<GoneBecause | undefined> {
  const { record, all } = yield* loadBoth(registry, owner)
  const family = familyOf(signIn)
  // A family that has ended may have been signed in to anew.
  const isOf = (end: End): boolean => end.family === family && end.at > authenticatedAt - APART
  const end = record?.isValid(signIn) ? undefined : record?.ends.find(isOf)
  if (end !== undefined) return goneBecause(end.why)
  // Ended by a raised epoch, of which it is noted only afterwards whom it has ended.
  const isOutdated = record?.signIns.some((each) => each.signIn === signIn) && !record.isValid(signIn)
  return isOutdated || allEndedSince(all, application) ? goneBecause('all') : undefined
}
