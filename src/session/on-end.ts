import { type OnEnd, Subscription } from './ends.ts'
import type { SessionState } from './state.ts'

/** Subscribes to the end of the session that a request has now, or will have. @returns what ends the subscription */
export function onEnd(state: SessionState, listener: OnEnd): () => void {
  const { lastStored, isGone, policy } = state
  const { ends, clock } = policy
  const subscription = new Subscription(listener)
  if (isGone) {
    const why = lastStored && ends.whyEnded(lastStored.key)
    const hasExpired = lastStored !== undefined && lastStored.record.expiresAt <= clock.known
    ends.tellOne(subscription, why ?? (hasExpired ? 'expired' : undefined))
  } else if (lastStored === undefined) {
    state.early ??= []
    state.early.push(subscription)
  } else ends.listen(lastStored, subscription)
  return () => ends.stop(subscription)
}

/** For who has subscribed before the session was stored. */
export function listenEarly(state: SessionState): void {
  const { early, lastStored, policy } = state
  if (early === undefined || lastStored === undefined) return
  state.early = undefined
  for (const subscription of early) policy.ends.listen(lastStored, subscription)
}
