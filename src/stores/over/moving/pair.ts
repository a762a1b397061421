import type { SessionStore } from '../../../contract/store.ts'

/** The two stores that a session may be in. */
export interface Pair {
  readonly from: SessionStore
  readonly to: SessionStore
}
