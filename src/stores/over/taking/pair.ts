import { randomInt } from 'node:crypto'
import type { SessionSource } from '../../../contract/source.ts'
import type { SessionStore } from '../../../contract/store.ts'

/** Where sessions come from, and the store that they are taken to. */
export interface SourcePair {
  readonly from: SessionSource
  readonly to: SessionStore
  /**
   * A number for an attempt to take a session, which no other attempt at it has: so the versions of no two copies are near each
   * other, and who activates one that they have looked at does not activate another one.
   */
  newAttempt(): number
}

const ATTEMPTS = 2 ** 30

/** Drawn, as there is no place to count them in. */
export function sourcePair(from: SessionSource, to: SessionStore): SourcePair {
  return { from, to, newAttempt: () => randomInt(1, ATTEMPTS) }
}
