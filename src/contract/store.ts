import type { SessionKey } from './key.ts'
import type { NewRecord, SessionChange, SessionRecord } from './record.ts'
import type { MaybePromise } from './wait.ts'

/** What became of a save. */
export type SaveResult =
  /** The change stands; `record` is what it made, this save being its last change. */
  | { outcome: 'saved'; record: SessionRecord }
  /** Only with `ifVersion`: nothing was changed; `record` is the current one, in hand for a retry. */
  | { outcome: 'conflict'; record: SessionRecord }
  /** The session was deleted, has expired or never was: a save never creates. `why`: where the store can tell. */
  | { outcome: 'gone'; why?: GoneBecause }

/**
 * Why a session is gone: its time was up, its visitor signed out, it has another id now, or somebody ended it from elsewhere.
 * None of untorn's stores tells it yet.
 */
export type GoneBecause = 'expired' | 'signed-out' | 'rotated' | 'revoked'

/** What a load may be told beside the key. */
export interface LoadOptions {
  /**
   * The session's id, whose hash the key is. For stores that can't find or read a session by its key alone: those over
   * somebody else's sessions, or with values that only the visitor's cookie can open. Others don't look at it. It is what a
   * visitor is known by: a store neither keeps it nor puts it into a message.
   */
  id?: string
}

/** What a save may be told beside the change. */
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

/** What a sweep did. What is no session (`isNoSession(key)`) is swept as well, and counted nowhere. */
export interface Swept {
  /** Sessions looked at. */
  scanned: number
  /** Expired sessions removed. */
  removed: number
}

/** What a listing is to name. */
export interface RecordsOptions {
  /** Also what is no session (`isNoSession(key)`): for a copy, which has to take it along. Default: false. */
  all?: boolean
  /**
   * Told of what lies where records do and can't be read as one: a damaged file, a file that somebody put there. The
   * listing goes past it in any case; who has to know what it lacks, as a copy has, learns it here.
   */
  onUnreadable?: (error: Error) => void
}

/** For a sweep of all that has expired. */
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
 * 9. **Free again**: a key under which nothing is found is free, whether there never was a record, or it has expired (swept
 *    or not), or was ended or deleted: of several who create one, one does. Nothing of the former record is in the new one.
 *
 * A few records are no sessions, such as the note that an id was replaced; their keys say so (`isNoSession(key)`). They are
 * created, loaded, saved, deleted and swept as all others, and left out of `records`, `byOwner` and `count`.
 *
 * Names of values, their texts and owners are any texts, with NUL and halves of surrogate pairs in them; an owner has at most
 * 2048 bytes. Arguments of the wrong kind (a text that is no key, a time that is no number, a longer owner) are refused before anything is touched, by
 * an error that doesn't quote them: untorn's stores throw, or reject with, a `TypeError` (`UNTORN_INVALID_ARGUMENT`).
 */
export interface SessionStore {
  /**
   * Whether `load` always answers without a promise. The adapters then load a session when a handler first asks for
   * it, not before.
   */
  readonly loadsAtOnce?: boolean

  /**
   * Stores a record under a key that no live one has, at its own version or at 0. `false`: the key is taken.
   *
   * Of a record that has just ended a store may have to say so although nothing is found, for a minute at most: after the death
   * of a process that was removing it, say. So whoever is told `false` here and `gone` by a save asks again.
   *
   * Where a key is used again, as those of records that are no sessions are, a save applies to the record that is there when it
   * arrives; a version that was read of the former one says nothing about it, and may come again. What must not get into another
   * record than the one that was read has to name a value in it that is drawn anew each time. A delete that has failed
   * may still take effect, on whichever record is there then.
   */
  create(key: SessionKey, record: NewRecord): MaybePromise<boolean>

  /** The record as it is now. `undefined`: there is none, it has expired or was deleted. */
  load(key: SessionKey, options?: LoadOptions): MaybePromise<SessionRecord | undefined>

  /** Applies a change to the record as it is *now*, whole or not at all. An empty change only looks. */
  save(key: SessionKey, change: SessionChange, options?: SaveOptions): MaybePromise<SaveResult>

  /** Whether `load` would find a record. */
  exists(key: SessionKey): MaybePromise<boolean>

  /** Removes a session for good. `false`: there was none. */
  delete(key: SessionKey): MaybePromise<boolean>

  /** Removes what has expired. One that is extended meanwhile stays. */
  clearExpired(options?: ClearExpiredOptions): Promise<Swept>

  /** Every live session, in no order. One that is created or deleted meanwhile may be missed or met. */
  records(options?: RecordsOptions): AsyncIterable<[SessionKey, SessionRecord]>

  /** Every live session of one owner. A store that can't look by owner leaves it out. */
  byOwner?(owner: string): AsyncIterable<[SessionKey, SessionRecord]>

  /**
   * About how many live sessions there are, by less than reading each. Every one that is there all the while is counted;
   * so may be what has expired or was ended and is not removed yet, and what comes or goes meanwhile. A store that would
   * have to read them leaves it out.
   */
  count?(): MaybePromise<number>

  /**
   * What time it is by the clock that decides what has expired here, in milliseconds since the epoch. A store on a server
   * knows it from answers, and asks for it if there was none yet: it is behind by an answer's way, and ahead only if that
   * clock was set back since. A store that goes by the clock of this process leaves it out.
   */
  now?(): MaybePromise<number>

  /** Lets go of what the store holds open, so that the process can exit. Calling it again does no harm. */
  close(): MaybePromise<void>
}
