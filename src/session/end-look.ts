import { outcomeOf, run, type Steps, settled } from '../contract/wait.ts'
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
    return { isThere: false, why: (yield* hasAnotherId(policy, seen)) ? 'rotated' : undefined }
  }
  if (isMoved(record)) return { isThere: false, why: 'rotated' }
  if (expiry.isOver(record, now)) return { isThere: false, why: 'expired' }
  return { isThere: true, expiresAt: record.expiresAt }
}

/** That the session has ended is known: if the note can't be read, it is told without the reason. */
function* hasAnotherId(policy: Policy, { id }: Seen): Steps<boolean> {
  const found = yield* settled(outcomeOf(() => run(wasReplaced(policy, id))))
  return found.done && found.value
}
