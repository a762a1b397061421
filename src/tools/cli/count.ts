import type { SessionStore } from '../../contract/store.ts'
import type { Progress } from './progress.ts'

/** How many sessions a store has, for the bar; `undefined` where there is none. */
export async function totalFor(
  progress: Progress,
  store: SessionStore,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (!progress.wantsTotal) return undefined
  const phase = progress.begin('Counting')
  let count = 0
  for await (const _ of store.records()) {
    signal.throwIfAborted()
    phase.update(++count)
  }
  return count
}
