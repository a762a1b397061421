import { setImmediate as others } from 'node:timers/promises'
import { type Steps, settled, together } from '../contract/wait.ts'
import type { Entry } from './record.ts'
import type { EndedBecause, Registry } from './registry.ts'

/** Side by side; between one slice and the next timers and requests have their turn. */
const SLICE = 32

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
  for (let from = 0; from < entries.length; from += SLICE) {
    if (from > 0) yield* settled(others())
    const slice = entries.slice(from, from + SLICE)
    const ended = yield* together(
      slice.map(
        ({ key }) =>
          () =>
            registry.store.delete(key),
      ),
    )
    for (const [index, { key }] of slice.entries()) if (ended[index]) registry.ended(key, owner, why)
  }
}
