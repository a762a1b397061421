import type { ClearExpiredOptions, Progress, Swept } from '../../../contract/store.ts'
import type { Pair } from './pair.ts'

/** The stores count their parts as they like: each is half of the whole. */
const HALF = 1000

/** Sweeps one store after the other, as one sweep. */
export async function sweepBoth(
  { from, to }: Pair,
  { signal, onProgress }: ClearExpiredOptions,
): Promise<Swept> {
  const swept: Swept = { scanned: 0, removed: 0 }
  for (const [index, store] of [from, to].entries()) {
    const report = ({ done, total, scanned, removed }: Progress): void =>
      onProgress?.({
        done: HALF * index + (total === 0 ? HALF : Math.floor((HALF * done) / total)),
        total: 2 * HALF,
        scanned: swept.scanned + scanned,
        removed: swept.removed + removed,
      })
    const { scanned, removed } = await store.clearExpired({ ...(signal && { signal }), onProgress: report })
    swept.scanned += scanned
    swept.removed += removed
  }
  return swept
}
