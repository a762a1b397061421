import { after, type Steps } from '../contract/wait.ts'
import type { Entry } from './record.ts'
import type { EndedBecause, Registry } from './registry.ts'
import { inSlices } from './slices.ts'

/**
 * Ends the sessions of entries, and tells of each that was there. Their entries go later: an entry whose session is still
 * there is what an end that was broken off is finished by.
 */
export function* endSessions(
  registry: Registry,
  owner: string,
  entries: readonly Entry[],
  why: EndedBecause,
): Steps<void> {
  yield* inSlices(entries, ({ key }) =>
    after(registry.store.delete(key), (wasThere) => {
      if (wasThere) registry.ended(key, owner, why)
    }),
  )
}
