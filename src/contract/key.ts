import { hash } from 'node:crypto'

/** Lower-case hex SHA-256 of a session id, 64 characters: all that any store, log or tool ever sees of it. */
export type SessionKey = string & { readonly [keyBrand]: true }
declare const keyBrand: unique symbol

/**
 * The key under which a store holds the session with this id; `app` is the option of `createSessions`, where it is set. The
 * raw text is hashed: base64url has aliases.
 */
export function sessionKey(id: string, app?: string): SessionKey {
  return hash('sha256', idWithin(app, id), 'hex') as SessionKey
}

/** An id as one application knows it: the same one of another application is another text. No id has a space in it. */
export function idWithin(app: string | undefined, id: string): string {
  return app === undefined ? id : `${app} ${id}`
}

const LENGTH = 64
const NO_HEX = /[^0-9a-f]/

/** Whether a text has the form of a {@link SessionKey}. */
export function isSessionKey(text: unknown): text is SessionKey {
  return typeof text === 'string' && text.length === LENGTH && !NO_HEX.test(text)
}

/** What messages and events show of a key: enough to find its file, useless as a cookie. */
export function shortKey(key: SessionKey): string {
  return key.slice(0, 8)
}

/**
 * What the keys end in of records that are no sessions: what untorn notes of an id that was replaced, for one. An id whose
 * key ends so is never given out, so that such records are told apart by their keys alone, and need not be read for it.
 */
const NO_SESSION = '00000000'

/**
 * Whether a key is that of a record which is no session. Stores keep it as any other, and leave it out where sessions are
 * listed and counted.
 */
export function isNoSession(key: SessionKey): boolean {
  return key.endsWith(NO_SESSION)
}

/** The key of a record that is no session, by a text of its own. */
export function keyOfNoSession(text: string): SessionKey {
  return (sessionKey(text).slice(0, -NO_SESSION.length) + NO_SESSION) as SessionKey
}
