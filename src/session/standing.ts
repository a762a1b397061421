import type { SessionKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import type { StoreBusyError, StoreUnavailableError } from '../errors.ts'
import type { Belonging } from '../owners/belonging.ts'

/** Where a session is stored, and what is known of it. */
export interface Stored {
  id: string
  key: SessionKey
  /** The newest record known, which may be newer than what the handler sees. */
  record: SessionRecord
}

/**
 * What a session is to the store, as far as a request knows. These are all there are, and where they lead:
 *
 * | | next |
 * |---|---|
 * | `fresh` | `stored` when there is something to store |
 * | `replaced` | one that is late: `gone` when there is something to store. Else `stored`, or `fresh`, under an id of its own |
 * | `stored` | `gone` when the store says so; `replaced` where it is to have a new id and another request was faster |
 * | `gone` | stays, unless a new id is asked for: `replaced` for a late request, and where another one has replaced the id |
 * | `detached` | stays |
 *
 * A request that is late becomes one that is not by asking for a new id. `fresh` and `replaced` become `detached` where the
 * store can't be written (`onStoreError: 'anonymous'`). `destroy()` puts a whole new state in the place of any of them.
 */
export type Standing = Fresh | Replaced | Live | Gone | Detached

/** Nothing is stored under its id, and nothing is left of one that the client showed. */
export interface Fresh {
  readonly kind: 'fresh'
}

/**
 * Nothing is stored under its id; the client showed one that another request has replaced, or may have. Or it showed several
 * that have a session, and nobody can tell which is theirs: that is taken as late, too.
 */
export interface Replaced extends Shown {
  readonly kind: 'replaced'
  /**
   * The request arrived before the client can have had the new id, so that its cookie would take that one's place: nothing
   * is stored for it, unless it asks for another id itself.
   */
  readonly late: boolean
  /** Another id was asked for: `former` has to end also if nothing is stored. */
  readonly wanted: boolean
}

/** An id that has no session. */
export interface Shown {
  readonly shown: SessionKey
  /**
   * The same, if it is known to have been replaced, or each of several that have a session: what is left of their records
   * ends once the client has another id.
   */
  readonly former: readonly SessionKey[] | undefined
  /** Whose the sessions were that had the ids: a sign-out ends what they were replaced by. */
  readonly whose: readonly Belonging[]
}

/** The session is in the store, as far as is known. */
export interface Live extends Stored {
  readonly kind: 'stored'
  /** Of ids that the client showed before this one: their records are still to be ended, also once this session is gone. */
  former: readonly SessionKey[] | undefined
  /** Changes of this request have been saved. */
  hasSaved: boolean
  /** A conditional save of this version failed, and may have been carried out all the same. */
  uncertain: number | undefined
  /** Values that `take()` has tried to remove, and may have. */
  doubtfulTakes: Set<string> | undefined
}

/** The store has said that it is gone: nothing brings it back. */
export type Gone =
  | { readonly kind: 'gone'; readonly ended: Live }
  /** To a late request, which never had it. */
  | ({ readonly kind: 'gone'; readonly ended: undefined } & Shown)

/** The store failed before there was anything of this session: nothing is ever written for it, and no cookie sent. */
export interface Detached {
  readonly kind: 'detached'
  readonly error: StoreUnavailableError | StoreBusyError
  /** Of ids that the client showed and that are to end. */
  readonly former: readonly SessionKey[] | undefined
  /** The application was told. */
  reported: boolean
}

export const FRESH: Fresh = { kind: 'fresh' }

/** The client showed an id that is known to have another one in its place. Of several it is not known which was theirs. */
export function isReplaced(standing: Standing): boolean {
  return standing.kind === 'replaced' && standing.former?.length === 1
}

export function live({ id, key, record }: Stored, former?: readonly SessionKey[]): Live {
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
