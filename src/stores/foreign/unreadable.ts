import { type SessionKey, shortKey } from '../../contract/key.ts'
import { StoreUnavailableError } from '../../errors.ts'

/** Why what lies there is not read as a session. Nothing of its content is in it. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
}

/** Says of one session that it can't be read; a file's name is an id, so that it is named by the beginning of its key. */
export function unreadable(where: string, key: SessionKey, { message }: Error): StoreUnavailableError {
  return new StoreUnavailableError(
    `A session in ${where} can't be read, and counts as none: ${message}. The SHA-256 of its id begins with ${shortKey(key)}.`,
  )
}

/** The same of something that has the name of no session. */
export function misnamed(where: string): StoreUnavailableError {
  return new StoreUnavailableError(
    `In ${where} is something that looks like a session by its name, which is no session id. It counts as none.`,
  )
}
