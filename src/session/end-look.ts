import type { GoneBecause } from '../contract/store.ts'
import { outcomeOf, run, type Steps, settled } from '../contract/wait.ts'
import { whyEnded } from '../owners/why-ended.ts'
import type { EndLook, Seen } from './ends.ts'
import { isMoved } from './moved.ts'
import type { Policy } from './policy.ts'
import { wasReplaced } from './replaced.ts'

/** Milliseconds: the time that is known may be behind that of the store by an answer's way. */
const BEHIND = 1000

/** Looks whether a session is still there, and if not, why, as far as what is stored says it. It is no use of the session. */
export function* lookForEnd(policy: Policy, seen: Seen): Steps<EndLook> {
  const { store, clock, expiry } = policy
  const record = yield* settled(store.load(seen.key))
  const now = yield* settled(clock.now())
  if (record === undefined) {
    if (seen.expiresAt <= now + BEHIND) return { isThere: false, why: 'expired' }
    return { isThere: false, why: yield* whyGone(policy, seen) }
  }
  if (isMoved(record)) return { isThere: false, why: 'rotated' }
  if (expiry.isOver(record, now)) return { isThere: false, why: 'expired' }
  return { isThere: true, expiresAt: record.expiresAt }
}

/** That the session has ended is known: if what says why can't be read, it is told without the reason. */
function* whyGone(policy: Policy, seen: Seen): Steps<GoneBecause | undefined> {
  const found = yield* settled(outcomeOf(() => run(whyNoted(policy, seen))))
  return found.done ? found.value : undefined
}

/** Its note says that it has another id; its owner's record that it was ended, and how. */
function* whyNoted(policy: Policy, { id, ofOwner }: Seen): Steps<GoneBecause | undefined> {
  if (yield* wasReplaced(policy, id)) return 'rotated'
  return ofOwner && (yield* whyEnded(policy.registry, ofOwner))
}
