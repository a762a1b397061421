import { isPromise, type MaybePromise, type Outcome, outcomeOf } from '../../contract/wait.ts'

/**
 * Tells a callback how work has ended: within the call where the work needed no wait, else on a turn of its own. What the
 * callback throws is no failure of the work.
 */
export function answer<T>(
  work: () => MaybePromise<T>,
  callback: ((error: unknown, value?: T) => void) | undefined,
): void {
  const outcome = outcomeOf(work)
  if (isPromise(outcome)) void outcome.then((ended) => process.nextTick(tell, callback, ended))
  else tell(callback, outcome)
}

function tell<T>(callback: ((error: unknown, value?: T) => void) | undefined, outcome: Outcome<T>): void {
  if (callback === undefined) return
  if (outcome.done) callback(null, outcome.value)
  else callback(outcome.error)
}

/** How a call has ended that tells a callback: there already where it has told it within the call. */
export function ended(call: (done: (error?: unknown) => void) => void): MaybePromise<Outcome<void>> {
  let outcome: Outcome<void> | undefined
  let later: ((outcome: Outcome<void>) => void) | undefined
  const done = (error?: unknown): void => {
    outcome ??= error ? { done: false, error } : { done: true, value: undefined }
    later?.(outcome)
  }
  try {
    call(done)
  } catch (error) {
    done(error)
  }
  return outcome ?? new Promise((resolve) => (later = resolve))
}
