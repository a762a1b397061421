import { isPromise, type MaybePromise, run, type Steps, settled } from '../record/steps.ts'
import { inTurn, type SessionState, type Stored } from '../session/state.ts'
import type { Policy } from './policy.ts'
import { beforeNextTry } from './retry.ts'

/** Reads a value and removes it; of all that try at once, one request gets it. */
export function take(policy: Policy, state: SessionState, key: string): MaybePromise<unknown> {
  return inTurn(state, () => {
    const own = state.values.takeOwn(key)
    if (own !== undefined) return own.value
    const { stored } = state
    return stored === undefined ? undefined : run(takeStored(policy, state, stored, key))
  })
}

function* takeStored(policy: Policy, state: SessionState, stored: Stored, key: string): Steps<unknown> {
  const { store, settings } = policy
  for (let tries = 1; ; tries++) {
    const text = stored.record.values.get(key)
    if (text === undefined) break
    const answer = store.save(stored.key, { delete: [key] }, { ifVersion: stored.record.version })
    const result = yield* settled(answer)
    if (result.outcome === 'gone') break
    stored.record = result.record
    if (result.outcome === 'saved') return state.values.taken(key, text)
    yield* beforeNextTry(settings, tries, isPromise(answer))
  }
  state.values.hide(key)
  return undefined
}
