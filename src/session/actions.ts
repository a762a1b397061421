import type { MaybePromise } from '../contract/wait.ts'
import type { Duration } from '../options/duration.ts'
import type { SessionState } from './state.ts'

/** What a session needs others for: the store, the cookie, the clock. The layer above carries it out. */
export interface SessionActions {
  save(state: SessionState): MaybePromise<void>
  commit(state: SessionState): MaybePromise<string | undefined>
  /** What `commit` would have sent for what is saved already. */
  dueCookie(state: SessionState): string | undefined
  reload(state: SessionState): MaybePromise<void>
  take(state: SessionState, key: string): MaybePromise<unknown>
  /** Removes from the store what `state` came after. */
  destroy(state: SessionState): MaybePromise<void>
  /** Milliseconds since the epoch. */
  expiresAt(state: SessionState): number
  /** What `setExpiry` was given, as it is stored; `undefined`: nothing. Throws `InvalidOptionError`. */
  expiryText(expiry: Duration | Date | 'browser' | undefined): string | undefined
}
