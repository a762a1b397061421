import { isPromise, type MaybePromise } from '../../contract/wait.ts'
import { invalidArgument } from '../../errors.ts'

/** Called later, never within the call that it is given to, with the error if there was one. */
// biome-ignore lint/suspicious/noExplicitAny: callbacks written for express-session declare the error as they like
export type Callback = (error?: any) => void

/** Throws a `TypeError` (`UNTORN_INVALID_ARGUMENT`): by the time that the work is done nobody could catch it. */
export function assertCallback(callback: unknown): asserts callback is Callback {
  if (typeof callback !== 'function') {
    throw invalidArgument('callback', 'a function is needed, or nothing: then a promise is returned')
  }
}

/** Tells a callback how work has ended, on a turn of its own: what it throws is not a failure of the work. */
export function tell(callback: Callback, work: () => MaybePromise<void>): undefined {
  assertCallback(callback)
  const done = (error?: unknown) => process.nextTick(callback, error)
  try {
    const result = work()
    if (isPromise(result)) result.then(() => done(), done)
    else done()
  } catch (error) {
    done(error)
  }
}
