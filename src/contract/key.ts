import { hash } from 'node:crypto'

/** Lower-case hex SHA-256 of a session id, 64 characters: all that any store, log or tool ever sees of it. */
export type SessionKey = string & { readonly [keyBrand]: true }
declare const keyBrand: unique symbol

/** The key under which a store holds the session with this id. The raw text is hashed: base64url has aliases. */
export function sessionKey(id: string): SessionKey {
  return hash('sha256', id, 'hex') as SessionKey
}

const KEY = /^[0-9a-f]{64}$/

/** Whether a text has the form of a {@link SessionKey}. */
export function isSessionKey(text: unknown): text is SessionKey {
  return typeof text === 'string' && KEY.test(text)
}

/** What messages and events show of a key: enough to find its file, useless as a cookie. */
export function shortKey(key: SessionKey): string {
  return key.slice(0, 8)
}

/**
 * What every verb of every store begins with: an id that gets this far would be stored in the clear, and any other
 * text might name a file elsewhere. Throws a `TypeError` that doesn't quote what it was given, as it may be an id.
 */
export function assertSessionKey(key: unknown): asserts key is SessionKey {
  if (isSessionKey(key)) return
  throw new TypeError(
    'A store takes session keys (the lower-case hex SHA-256 that `sessionKey(id)` returns), not ids or other text.',
  )
}
