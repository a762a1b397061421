import type { SessionStore } from '../../store.ts'

/** The two stores that a session may be in. */
export interface Pair {
  readonly from: SessionStore
  readonly to: SessionStore
}
