import type { SessionKey } from './key.ts'
import type { NewRecord, SessionChange, SessionRecord } from './record.ts'
import type { MaybePromise } from './wait.ts'

/** What became of a save. */
export type SaveResult =
  /** The change stands; `record` is what it made, this save being its last change. */
  | { outcome: 'saved'; record: SessionRecord }
  /** Only with `ifVersion`: nothing was changed; `record` is the current one, in hand for a retry. */
  | { outcome: 'conflict'; record: SessionRecord }
  /** The session was deleted, has expired or never was: a save never creates. */
  | { outcome: 'gone' }

export interface SaveOptions {
  /** Save only if the record still has this version (a *conditional* save). */
  ifVersion?: number
}

/** How far a sweep has come. */
export interface Progress {
  /** Parts swept (for the file store: shards). */
  done: number
  /** Parts in all. */
  total: number
  /** Sessions looked at so far. */
  scanned: number
  /** Expired sessions removed so far. */
  removed: number
}

/** What a sweep did. */
export interface Swept {
  /** Sessions looked at. */
  scanned: number
  /** Expired sessions removed. */
  removed: number
}

export interface ClearExpiredOptions {
  /** Ends the sweep early; the promise then rejects with the signal's reason. */
  signal?: AbortSignal
  onProgress?: (done: Progress) => void
}

/**
 * Where sessions are kept. Every method answers a value or a promise of one.
 *
 * What a store promises (`untorn/testing` proves it):
 *
 * 1. **Whole**: a load returns a record that some prefix of the committed saves produced.
 * 2. **Nothing lost**: saves to different values all stay; to the same value, the last committed wins.
 * 3. **Exactly once**: of conditional saves naming one version, one is saved; the others conflict.
 * 4. **Gone is gone**: after a delete has returned, no save brings the session back.
 * 5. **Never created by a save.**
 * 6. **Absence is no error**: errors are for failures of the system, typed (`StoreUnavailableError`,
 *    `StoreBusyError`), with their cause.
 * 7. **Isolation**: two stores, or two callers of one, share no mutable state: what a store is given it copies, what
 *    it returns is the caller's own.
 * 8. **Expiry**: an expired record is absent from load, save, exists, records and byOwner, swept or not.
 */
export interface SessionStore {
  /**
   * Whether `load` always answers without a promise. The adapters then load a session when a handler first asks for
   * it, not before.
   */
  readonly loadsAtOnce?: boolean

  /** Stores a record under a key that no live session has. `false`: the key is taken, perhaps by what is left of an ended one. */
  create(key: SessionKey, record: NewRecord): MaybePromise<boolean>

  /** The record as it is now. `undefined`: there is none, it has expired or was deleted. */
  load(key: SessionKey): MaybePromise<SessionRecord | undefined>

  /** Applies a change to the record as it is *now*, whole or not at all. An empty change only looks. */
  save(key: SessionKey, change: SessionChange, options?: SaveOptions): MaybePromise<SaveResult>

  /** Whether `load` would find a record. */
  exists(key: SessionKey): MaybePromise<boolean>

  /** Removes a session for good. `false`: there was none. */
  delete(key: SessionKey): MaybePromise<boolean>

  /** Removes what has expired. One that is extended meanwhile stays. */
  clearExpired(options?: ClearExpiredOptions): Promise<Swept>

  /** Every live session, in no order. One that is created or deleted meanwhile may be missed or met. */
  records(): AsyncIterable<[SessionKey, SessionRecord]>

  /** Every live session of one owner. A store that can't look by owner leaves it out. */
  byOwner?(owner: string): AsyncIterable<[SessionKey, SessionRecord]>

  /** How many sessions there are, without reading each. A store that can't tell leaves it out. */
  count?(): MaybePromise<number>

  /** Lets go of what the store holds open, so that the process can exit. Calling it again does no harm. */
  close(): MaybePromise<void>
}
