import type { SessionStore } from '../../../contract/store.ts'
import type { Turns } from '../../../contract/turns.ts'

/** The two stores that a session may be in. */
export interface Pair {
  readonly from: SessionStore
  readonly to: SessionStore
}

/** The same, for those who save: the requests of one process would only be in each other's way. */
export interface PairInTurn extends Pair {
  readonly turns: Turns
}
