import type { SessionRecord } from '../contract/record.ts'
import type { GoneBecause } from '../contract/store.ts'
import { type Steps, together } from '../contract/wait.ts'
import { applicationEpoch } from './application.ts'
import { familyOf, type OwnSignIn, signInOf } from './belonging.ts'
import { applicationKey, ownerKey } from './keys.ts'
import { type End, OwnerRecord } from './record.ts'
import type { EndedBecause, Registry } from './registry.ts'

/** What is to be known of a session to find out why it has ended. */
export interface OfOwner extends OwnSignIn {
  readonly owner: string
}

/** `undefined`: the record is nobody's. */
export function ofOwner({ owner, values }: SessionRecord): OfOwner | undefined {
  const own = owner === undefined ? undefined : signInOf(values)
  return own && { ...own, owner: owner! }
}

/** What a session's end is to its visitor. */
export function goneBecause(why: EndedBecause): GoneBecause {
  return why === 'signed-out' ? 'signed-out' : 'revoked'
}

/** Milliseconds: the times that two processes note may be so far apart, as each knows the store's by its last answer. */
const APART = 1000

/** Why a session of an owner's has ended: as their record says it, or that of the application. `undefined`: neither does. */
export function* whyEnded(
  { store, app }: Registry,
  { owner, signIn, authenticatedAt, application }: OfOwner,
): Steps<GoneBecause | undefined> {
  const [found, all] = yield* together([
    () => store.load(ownerKey(app, owner)),
    () => store.load(applicationKey(app)),
  ])
  const record = found && new OwnerRecord(found)
  const family = familyOf(signIn)
  // A family that has ended may have been signed in to anew.
  const isOf = (end: End): boolean => end.family === family && end.at > authenticatedAt - APART
  const end = record?.isValid(signIn) ? undefined : record?.ends.find(isOf)
  if (end !== undefined) return goneBecause(end.why)
  // Ended by a raised epoch, of which it is noted only afterwards whom it has ended.
  const isOutdated = record?.signIns.some((each) => each.signIn === signIn) && !record.isValid(signIn)
  const everything = applicationEpoch(all)
  const isRevoked = isOutdated || (everything !== undefined && everything.epoch !== application)
  return isRevoked ? goneBecause('all') : undefined
}
