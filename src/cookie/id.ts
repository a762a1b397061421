import { randomBytes } from 'node:crypto'
import { isNoSession, sessionKey } from '../contract/key.ts'

export const ID_LENGTH = 43
const ID_FORM = /^[A-Za-z0-9_-]{43}$/

/**
 * A new session id: 256 random bits, base64url. Nothing else makes one, and nothing takes one to create a session. One in four
 * thousand million is drawn again: its session would be left out wherever sessions are listed and counted.
 */
export function newId(): string {
  for (;;) {
    const id = randomBytes(32).toString('base64url')
    if (!isNoSession(sessionKey(id))) return id
  }
}

/** Whether a text can be a session id. It is untrusted input: looked at before it is hashed or shown to a store. */
export function hasIdForm(text: string): boolean {
  return text.length === ID_LENGTH && ID_FORM.test(text)
}

/** What a request marks records with that it moves to a new id. No other request has it, and it opens nothing. */
export function newMark(): string {
  return randomBytes(9).toString('base64url')
}
