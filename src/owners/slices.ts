import { setImmediate as others } from 'node:timers/promises'
import { AT_ONCE } from '../contract/concurrently.ts'
import {
  type MaybePromise,
  type Outcome,
  outcomeOf,
  run,
  type Steps,
  settled,
  together,
} from '../contract/wait.ts'

/** Slices: a server has work while the answers to others are on their way, and connections left for requests. */
const UNDER_WAY = 4

/**
 * Calls the store for each of many, some of them side by side: an owner may have thousands of sessions. Between one slice and
 * the next timers and requests have their turn. Once a failure is known no slice is begun; it is thrown when none is under way.
 */
export function* inSlices<Item, T>(
  items: readonly Item[],
  call: (item: Item) => MaybePromise<T>,
): Steps<Awaited<T>[]> {
  const underWay: MaybePromise<Outcome<Awaited<T>[]>>[] = []
  const answers: Awaited<T>[] = []
  let failure: { error: unknown } | undefined
  function* take(): Steps<void> {
    const outcome = yield* settled(underWay.shift()!)
    if (outcome.done) answers.push(...outcome.value)
    else failure ??= outcome
  }
  for (let from = 0; from < items.length && failure === undefined; from += AT_ONCE) {
    if (from > 0) yield* settled(others())
    const calls = items.slice(from, from + AT_ONCE).map((item) => () => call(item))
    underWay.push(outcomeOf(() => run(together(calls))) as MaybePromise<Outcome<Awaited<T>[]>>)
    if (underWay.length === UNDER_WAY) yield* take()
  }
  while (underWay.length > 0) yield* take()
  if (failure !== undefined) throw failure.error
  return answers
}

/** Lets timers and requests have their turn before a record is gone through that has much in it. */
export function* othersFirst({ isLarge }: { readonly isLarge: boolean }): Steps<void> {
  if (isLarge) yield* settled(others())
}
