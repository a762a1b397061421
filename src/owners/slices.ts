import { setImmediate as others } from 'node:timers/promises'
import { type MaybePromise, type Steps, settled, together } from '../contract/wait.ts'

const SLICE = 32

/**
 * Calls the store for each of many, some of them side by side: an owner may have thousands of sessions. Between one slice and
 * the next timers and requests have their turn.
 */
export function* inSlices<Item, T>(
  items: readonly Item[],
  call: (item: Item) => MaybePromise<T>,
): Steps<Awaited<T>[]> {
  const answers: Awaited<T>[] = []
  for (let from = 0; from < items.length; from += SLICE) {
    if (from > 0) yield* settled(others())
    const calls = items.slice(from, from + SLICE).map((item) => () => call(item))
    answers.push(...((yield* together(calls)) as Awaited<T>[]))
  }
  return answers
}
