import type { ServerResponse } from 'node:http'
import { isPromise, type MaybePromise, outcomeOf } from '../../contract/wait.ts'

/** What is to be done where an answer ends whose head has left before. */
interface LateEnd {
  /** Its head has left as the handler made it. */
  isLate(): boolean
  /** Saves what was changed since. */
  save(): MaybePromise<void>
  /** That could not be saved. */
  tell(error: unknown): void
}

/** Has what was changed after the head had left saved before the answer ends. */
export function holdLateEnd(res: ServerResponse, { isLate, save, tell }: LateEnd): void {
  const end = res.end as (...args: unknown[]) => ServerResponse
  let ending = false
  const late = (args: unknown[]): unknown => {
    const saving = outcomeOf(save)
    if (!isPromise(saving)) {
      if (!saving.done) tell(saving.error)
      return end.apply(res, args)
    }
    ending = true
    void saving.then((outcome) => {
      if (!outcome.done) tell(outcome.error)
      try {
        end.apply(res, args)
      } catch (error) {
        res.destroy(error as Error)
      }
    })
    return res
  }
  res.end = ((...args: unknown[]) => {
    if (ending) return res
    return isLate() ? late(args) : end.apply(res, args)
  }) as typeof res.end
}
