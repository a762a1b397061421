import { isPromise, type MaybePromise } from '../../contract/wait.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import { quietly } from './told-promise.ts'

/** Closes the store; a failure that nobody waits for is the event `error`. */
export function closing<Data extends object>(sessions: Sessions<Data>): MaybePromise<void> {
  const closed = sessions.close()
  return isPromise(closed) ? quietly(closed, (error) => sessions.report({ type: 'error', error })) : closed
}
