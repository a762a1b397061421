import { assertSessionKey } from '../../contract/check.ts'
import { type SessionKey, sessionKey } from '../../contract/key.ts'
import { invalidArgument } from '../../errors.ts'

/**
 * An id of express-session or @fastify/session, also one that an application has made (`genid`): of what URLs and addresses
 * have, and no path, no pattern and no hidden file.
 */
const ID = /^[\w-][\w.~:+=,@-]{0,199}$/

/** Whether a text can be the id of a session. */
export function isId(text: string): boolean {
  return ID.test(text)
}

/**
 * Throws a `TypeError` (`UNTORN_INVALID_ARGUMENT`) for what is no key, or not that of this id: what it were stored under
 * later would be another session's.
 */
export function assertKeyOf(key: SessionKey, id: string | undefined, app: string | undefined): void {
  assertSessionKey(key)
  if (id === undefined) return
  if (typeof id !== 'string') throw invalidArgument('options.id', 'a text is needed')
  if (sessionKey(id, app) === key) return
  throw invalidArgument(
    'key',
    'it is not that of `id`. Where the application has the option `app`, what reads sessions of others needs it, too',
  )
}
