import { type SessionKey, shortKey } from '../contract/key.ts'
import { type Steps, settled } from '../contract/wait.ts'
import { endFamily } from '../owners/end.ts'
import type { SessionState } from './state.ts'

/**
 * Removes from the store what `destroy()` has ended: the session, and where it has an owner all that came of its sign-in, under
 * whatever id by now.
 */
export function* removeDestroyed(state: SessionState): Steps<void> {
  const { destroyed, policy } = state
  if (destroyed === undefined) return
  // It can have come after another one whose removal failed.
  yield* removeDestroyed(destroyed)
  // Also if it is known to be gone: a move of it may be undecided, by another request or this one, and not to be taken back.
  const keys = [...destroyed.keysToEnd()]
  const [whose, ...others] = destroyed.whose
  const wereThere =
    whose === undefined
      ? yield* remove(state, keys)
      : yield* endFamily(policy.registry, whose, keys, 'signed-out')
  for (const other of others) yield* endFamily(policy.registry, other, [], 'signed-out')
  for (const [index, key] of keys.entries()) {
    policy.ends.tell(key, destroyed.byKey && !destroyed.isVisitors ? 'revoked' : 'signed-out')
    const isEnded = key === destroyed.lastStored?.key && (wereThere[index] || !destroyed.isGone)
    if (!isEnded) continue
    const event = { type: 'signed-out', key: shortKey(key) } as const
    policy.report(whose === undefined ? event : { ...event, owner: whose.owner })
  }
  destroyed.undecided = undefined
  state.destroyed = undefined
}

/** Which of them were there. */
function* remove({ policy }: SessionState, keys: readonly SessionKey[]): Steps<boolean[]> {
  const wereThere: boolean[] = []
  for (const key of keys) wereThere.push(yield* settled(policy.store.delete(key)))
  return wereThere
}
