import { type MaybePromise, run, type Steps } from '../contract/wait.ts'
import { familyOf } from '../owners/belonging.ts'
import { endDevice, endOthers as endOtherDevices } from '../owners/end.ts'
import { inTurn, type SessionState } from './state.ts'

/** Ends a device of the owner's. If it is the session's own, that is gone. */
export function revoke(state: SessionState, owner: string, handle: string): MaybePromise<boolean> {
  return inTurn(state, () => run(endOne(state, owner, handle)))
}

function* endOne(state: SessionState, owner: string, handle: string): Steps<boolean> {
  const isOwn = state.whose.some(({ signIn }) => familyOf(signIn) === handle)
  const ended = yield* endDevice(state.policy.registry, owner, handle)
  if (ended && isOwn) state.lose()
  return ended
}

/** Ends all other devices of the owner's. `false`: the session's own was ended, and it is gone. */
export function revokeOthers(state: SessionState): MaybePromise<boolean> {
  return inTurn(state, () => run(endOthers(state)))
}

function* endOthers(state: SessionState): Steps<boolean> {
  const [own] = state.whose
  const done = own !== undefined && (yield* endOtherDevices(state.policy.registry, own))
  if (!done) state.lose()
  return done
}
