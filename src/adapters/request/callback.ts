import { isPromise, type MaybePromise } from '../../contract/wait.ts'

/** Called later, never within the call that it is given to, with the error if there was one. */
// biome-ignore lint/suspicious/noExplicitAny: callbacks written for express-session declare the error as they like
export type Callback = (error?: any) => void

/** Tells a callback how work has ended, on a turn of its own: what it throws is not a failure of the work. */
export function tell(callback: Callback, work: () => MaybePromise<void>): undefined {
  const done = (error?: unknown) => process.nextTick(callback, error)
  try {
    const result = work()
    if (isPromise(result)) result.then(() => done(), done)
    else done()
  } catch (error) {
    done(error)
  }
}
