import { randomBytes } from 'node:crypto'
import { isNoSession, sessionKey } from '../contract/key.ts'

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

/** What a request marks records with that it moves to a new id. No other request has it, and it opens nothing. */
export function newMark(): string {
  return randomBytes(9).toString('base64url')
}
