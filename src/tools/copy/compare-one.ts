import type { SessionKey } from '../../contract/key.ts'
import type { SessionRecord } from '../../contract/record.ts'
import type { Stores } from '../../options/two-stores.ts'
import { differing, type Part, relationOf } from './compare.ts'

/** How a session is not in the target as it is in the source. */
export interface Deviation {
  /**
   * `'missing'`: it is not in the target. `'behind'`: it is there in an older state. `'different'`: it is there in a state
   * that is neither older nor newer.
   */
  kind: 'missing' | 'behind' | 'different'
  /** What differs; nothing for one that is missing. */
  parts: Part[]
}

/** `'ended'`: it is gone from the source, or changes again and again. */
export type Finding = 'same' | 'newer' | 'ended' | Deviation

/** How often one is loaded that changes each time. */
const TRIES = 3

/** Loads a session from both stores; what differs is loaded once more, as it may have changed between the two loads. */
export async function compareOne({ from, to }: Stores, key: SessionKey): Promise<Finding> {
  for (let tries = 0; tries < TRIES; tries++) {
    const here = await from.load(key)
    if (!here) return 'ended'
    const there = await to.load(key)
    const relation = there ? relationOf(there, here) : 'missing'
    if (relation === 'same' || relation === 'newer') return relation
    const again = await from.load(key)
    if (!again || isAboutToEnd(again)) return 'ended'
    if (differing(here, again).length > 0) continue
    if (!there) return { kind: 'missing', parts: [] }
    return { kind: relation === 'older' ? 'behind' : 'different', parts: differing(there, here) }
  }
  return 'ended'
}

/** Milliseconds by which clocks may differ: for one store a session may have expired, and not yet for the other. */
const CLOCKS_APART = 5000

function isAboutToEnd({ expiresAt }: SessionRecord): boolean {
  return expiresAt - Date.now() < CLOCKS_APART
}
