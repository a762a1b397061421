import type { SessionKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import type { StoreBusyError, StoreUnavailableError } from '../errors.ts'

/** Where a session is stored, and what is known of it. */
export interface Stored {
  id: string
  key: SessionKey
  /** The newest record known, which may be newer than what the handler sees. */
  record: SessionRecord
}

/**
 * What a session is to the store, as far as a request knows. These are all there are:
 *
 * | | next |
 * |---|---|
 * | `fresh` | `stored` when there is something to store |
 * | `replaced` | `gone` for one that is late and has something to store; else `stored` or `fresh`, under an id of its own |
 * | `stored` | `gone` when the store says so |
 * | `gone` | for good; but a new id that is asked for begins anew where another request has replaced the old one |
 * | `detached` | for good |
 *
 * `destroy()` puts a whole new state in the place of any of them.
 */
export type Standing = Fresh | Replaced | Live | Gone | Detached

/** Nothing is stored under its id, and the client showed none that ever had a session. */
export interface Fresh {
  readonly kind: 'fresh'
}

/** Nothing is stored under its id; the client showed one that was replaced by another request. */
export interface Replaced {
  readonly kind: 'replaced'
  /** Of the id that was shown: whatever is left of its record ends once the client has another one. */
  readonly former: SessionKey
  /** The request came too early to know of the new id: nothing is stored for it, unless it asks for another one itself. */
  readonly late: boolean
  /** Another id was asked for: `former` has to end also if nothing is stored. */
  readonly wanted: boolean
}

/** The session is in the store, as far as is known. */
export interface Live extends Stored {
  readonly kind: 'stored'
  /** Of an id that was replaced, which the client showed: its record is still to be ended. */
  former: SessionKey | undefined
  /** Changes of this request have been saved. */
  hasSaved: boolean
  /** A conditional save of this version failed, and may have been carried out all the same. */
  uncertain: number | undefined
  /** Values that `take()` has tried to remove, and may have. */
  doubtfulTakes: Set<string> | undefined
}

/** The store has said that it is gone: nothing brings it back. */
export interface Gone {
  readonly kind: 'gone'
  /** What it was; `undefined` for a late request, which never had it. */
  readonly ended: Live | undefined
  /** Of the replaced id that a late request showed. */
  readonly former: SessionKey | undefined
}

/** The store failed before there was anything of this session: nothing is ever written for it, and no cookie sent. */
export interface Detached {
  readonly kind: 'detached'
  readonly error: StoreUnavailableError | StoreBusyError
  /** The application was told. */
  reported: boolean
}

export const FRESH: Fresh = { kind: 'fresh' }

export function live({ id, key, record }: Stored, former?: SessionKey): Live {
  return {
    kind: 'stored',
    id,
    key,
    record,
    former,
    hasSaved: false,
    uncertain: undefined,
    doubtfulTakes: undefined,
  }
}
