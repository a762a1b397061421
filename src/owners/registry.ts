import type { SessionKey } from '../contract/key.ts'
import type { SessionStore } from '../contract/store.ts'
import type { MaybePromise, Steps } from '../contract/wait.ts'

/** Why sessions of an owner were ended that have not simply expired. */
export type EndedBecause =
  /** By their visitor, or whoever had the id. */
  | 'signed-out'
  /** One device of the owner's. */
  | 'device'
  /** All devices but the one that asked. */
  | 'others'
  /** All of the owner's. */
  | 'all'
  /** All of the application's. */
  | 'everything'
  /** The owner has signed in on more devices than `maxPerOwner` says. */
  | 'limit'

/** What all that is done with owners' records has in common. */
export interface Registry {
  readonly store: SessionStore
  readonly app: string | undefined
  readonly clock: { now(): MaybePromise<number>; readonly known: number }
  /** Milliseconds that a session lives at most, and with it what tells of it. */
  readonly lifetime: number
  /** Told of each session that was ended because of its owner. */
  ended(key: SessionKey, owner: string, why: EndedBecause): void
  /** Does what nobody has to wait for, and is done for tidiness alone. What fails is told, and left. */
  later(steps: () => Steps<void>): void
}
