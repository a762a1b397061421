import type { SessionKey } from '../contract/key.ts'
import { StoreBusyError, StoreUnavailableError } from '../errors.ts'
import type { Detached } from './standing.ts'
import type { SessionState } from './state.ts'

/** What the option `onStoreError` is about: a failure of the system under the store, and no mistake in its set-up. */
export function isStoreFailure(error: unknown): error is StoreUnavailableError | StoreBusyError {
  return error instanceof StoreUnavailableError || error instanceof StoreBusyError
}

/** Throws for what a session without a store can't do: with the class and the code of the failure. */
export function refuseDetached({ standing }: SessionState): void {
  if (standing.kind !== 'detached') return
  const { error } = standing
  const Failure = error instanceof StoreBusyError ? StoreBusyError : StoreUnavailableError
  throw new Failure(
    'The store failed earlier in this request, so its session can not be saved, ended, read again or given a new id. ' +
      'Try the request again; what was met is the cause.',
    { cause: error },
  )
}

/** At the commit of a session without a store: drops what there is, and tells of it. */
export function degrade({ standing, policy, values }: SessionState): void {
  if (standing.kind !== 'detached' || standing.reported) return
  standing.reported = true
  policy.report({ type: 'degraded', error: standing.error, dropped: values.hasContent })
}

/**
 * Takes a failure of the store at the commit as `onStoreError: 'anonymous'` does: throws it where the answer would be a
 * lie without what was to be saved.
 */
export function forgive(state: SessionState, error: unknown): void {
  if (!isStoreFailure(error) || state.asked || state.destroyed !== undefined) throw error
  if (state.lastStored === undefined) {
    // Anonymous before it and after it.
    const { former } = state.shownOnly ?? {}
    state.standing = detachedBy(error, former)
    degrade(state)
    return
  }
  if (state.renewed || state.values.changed) throw error
  // Only an extension: nothing of the handler's was lost.
  state.policy.report({ type: 'error', error })
}

/** What a session is once the store has failed it. */
export function detachedBy(
  error: StoreUnavailableError | StoreBusyError,
  former?: readonly SessionKey[],
): Detached {
  return { kind: 'detached', error, former, reported: false }
}
