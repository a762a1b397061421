import { setImmediate as others } from 'node:timers/promises'

/** How many calls of a store are under way at the same time, where there are many to make and nothing says otherwise. */
export const AT_ONCE = 32

export interface Concurrency {
  /** How many are worked on at the same time. */
  concurrency: number
  signal?: AbortSignal | undefined
}

/** Milliseconds after which timers, signals and requests have their turn: stores that answer at once leave them none. */
const TURN = 5

/**
 * Works on each item, some at a time. After a failure, or once the signal is aborted, none is begun; what is under way is
 * brought to its end before the first error, or the signal's reason, is thrown.
 */
export async function concurrently<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  { concurrency, signal }: Concurrency,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>()
  const failures: unknown[] = []
  let since = performance.now()
  try {
    signal?.throwIfAborted()
    for await (const item of items) {
      if (failures.length > 0 || signal?.aborted) break
      const one: Promise<void> = work(item)
        .catch((error: unknown) => void failures.push(error))
        .then(() => void running.delete(one))
      running.add(one)
      if (running.size >= concurrency) await Promise.race(running)
      if (performance.now() - since < TURN) continue
      await others()
      since = performance.now()
    }
  } finally {
    await Promise.all(running)
  }
  if (failures.length > 0) throw failures[0]
  signal?.throwIfAborted()
}
