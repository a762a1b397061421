import type { SessionKey } from './key.ts'
import type { SessionRecord } from './record.ts'
import type { LoadOptions, RecordsOptions, SessionStore } from './store.ts'
import type { MaybePromise } from './wait.ts'

/**
 * Where sessions can be read and nothing is ever written: what others have stored, to be copied or moved from. Every store
 * is one, too.
 */
export interface SessionSource {
  /** Whether `load` always answers without a promise. */
  readonly loadsAtOnce?: boolean

  /** The session as it is now; `undefined`: there is none, or it has expired. Over other people's sessions it takes their id. */
  load(key: SessionKey, options?: LoadOptions): MaybePromise<SessionRecord | undefined>

  /** Every live session, in no order. One that comes or goes meanwhile may be missed or met. */
  records(options?: RecordsOptions): AsyncIterable<[SessionKey, SessionRecord]>

  /** About how many live sessions there are, by less than reading each. */
  count?(): MaybePromise<number>

  /** What time it is by the clock that decides what has expired here; left out: by that of this process. */
  now?(): MaybePromise<number>

  /** Lets go of what it holds open. Calling it again does no harm. */
  close(): MaybePromise<void>
}

/** Whether sessions can be written there, too. */
export function isStore(source: SessionSource): source is SessionStore {
  return typeof (source as Partial<SessionStore>).save === 'function'
}
