import type { EndedBecause } from '../owners/registry.ts'

/**
 * What `onEvent` is told. `key` is the beginning of a session's key, for finding its record: never an id, and useless
 * as a cookie.
 */
export type SessionEvent =
  /** A session was stored for the first time. */
  | { type: 'created'; key: string }
  /** Somebody has signed in, and the session belongs to them. */
  | { type: 'signed-in'; key: string; owner: string }
  /** A session has a new id; the old one is dead. */
  | { type: 'rotated'; key: string; from: string; owner?: string }
  /** A session of another library, found by its cookie (`cookie.accept`), has an id of ours from now on. */
  | { type: 'adopted'; key: string; from: string }
  /** A session was ended by its visitor: the one that they had, or one that its id was replaced by. */
  | { type: 'signed-out'; key: string; owner?: string }
  /**
   * A session was ended because of its owner. `why`: `'device'` by its handle, `'others'` all devices but one, `'all'` of the
   * owner, `'everything'` of the application, `'limit'` as `maxPerOwner` was reached.
   */
  | { type: 'revoked'; key: string; owner: string; why: Exclude<EndedBecause, 'signed-out'> }
  /**
   * A request's changes were dropped: its session was destroyed, expired or got another id while the request used it,
   * or before it came to that.
   */
  | { type: 'gone'; key: string }
  /**
   * A well-formed id that no store knows: its session has expired, was signed out elsewhere, or the id was guessed. A browser
   * shows it once, as the cookie is removed with the answer; who shows many different ones is guessing.
   */
  | { type: 'unknown-id'; key: string }
  /**
   * An id that a sign-in or `rotate()` has replaced in the last ten minutes: a late request, a client that never got the new one, or
   * somebody who had planted it.
   */
  | { type: 'replaced-id-used'; key: string }
  /** A session cookie that can't be an id: nothing that was ever sent. No store was asked. */
  | { type: 'malformed-cookie' }
  /**
   * Session cookies of one name with different values in one request: the options `domain`, `path` or `partitioned` were changed
   * (`cookie.formerly`), or somebody has planted one. The one that names a session is used; where several do, none is, and
   * nothing is stored.
   */
  | { type: 'duplicate-cookie' }
  /** The cookie is Secure and the request is not https: it was not sent, and what needs it was not stored. */
  | { type: 'cookie-withheld' }
  /**
   * A session was to begin in a request that a page of another site has caused: it was not stored, and no cookie sent, which
   * could have taken the place of a visitor's own. A sign-in that comes from another site calls `login()` or `rotate()`; for pages that
   * other sites embed there is `cookie.sameSite: 'none'`.
   */
  | { type: 'cross-site' }
  /** Values were changed after the response's head had left, and not saved. `at` is the line that did it, if known. */
  | { type: 'late-change'; key: string; at?: string }
  /**
   * A request was answered as for an anonymous visitor, since its session could not be loaded, or a new one not stored:
   * the option `onStoreError` is `'anonymous'`. `dropped`: values that it had set were not saved.
   */
  | { type: 'degraded'; error: unknown; dropped: boolean }
  /**
   * A session could not be saved or loaded, and the request was answered all the same; a look whether sessions that are
   * listened to have ended failed; or a listener of `onEnd` did.
   */
  | { type: 'error'; error: unknown }

export type OnEvent = (event: SessionEvent) => void
