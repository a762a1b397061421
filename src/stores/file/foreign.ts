import { StoreUnavailableError } from '../../errors.ts'
import { withoutKeys } from './system-error.ts'

/** Errors about what somebody put where sessions are: it is no session, and never was one. */
const FOREIGN = new WeakSet<object>()

/** Whether an error says that something is none of this store's: what goes through all of them goes past it. */
export function isForeign(error: unknown): boolean {
  return typeof error === 'object' && error !== null && FOREIGN.has(error)
}

/** Takes note that an error is about such a thing. @returns the same error */
export function asForeign<E extends object>(error: E): E {
  FOREIGN.add(error)
  return error
}

/**
 * What has a journal's name and must not be opened as one.
 * @param path with no more of a key in it than messages show
 */
export function refusedJournal(path: string, cause?: unknown): StoreUnavailableError {
  return new StoreUnavailableError(
    `"${path}" is not a journal of this store: it is no regular file of this user with a single name. ` +
      'Somebody put it there, or made a hard link to it (a backup should copy): look at it and move it away.',
    { cause: withoutKeys(cause) },
  )
}
