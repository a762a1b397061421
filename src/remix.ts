import { checkSocket, type LastingSocketOptions } from './adapters/kept/options.ts'
import {
  type CreateSession,
  type RemixSession,
  type RemixSessionStorage,
  remixStorage,
} from './adapters/remix/storage.ts'
import type { SessionStore } from './contract/store.ts'
import { asFunction } from './options/checks.ts'
import { defaultStore } from './stores/file/default-store.ts'

export type { LastingSocketOptions, SocketOptions } from './adapters/kept/options.ts'
export type { CreateSession, RemixSession, RemixSessionStorage } from './adapters/remix/storage.ts'

/**
 * A session storage for `@remix-run/session`, given its `createSession`: over any store of untorn's, by default files below the working directory.
 *
 * ```ts
 * import { createSession } from '@remix-run/session'
 * import { sessionStorage } from 'untorn/remix'
 *
 * const storage = sessionStorage(createSession)
 * ```
 *
 * Of a session only what its request has changed is saved, value by value, while it still is there: exactly, by the session that `read` has
 * made. One that was ended meanwhile gets no cookie. `idleTimeout` is from the last use on. Throws `InvalidOptionError`
 * (`UNTORN_INVALID_OPTION`); `save` rejects with `MisuseError` (`UNTORN_MISUSE`) for a value whose name begins with `untorn:`, and with the
 * store's errors.
 */
export function sessionStorage<Session extends RemixSession>(
  createSession: CreateSession<Session>,
  store?: SessionStore,
  options: LastingSocketOptions = {},
): RemixSessionStorage<Session> {
  const create = asFunction<CreateSession<Session>>('createSession', createSession)
  return remixStorage(create, checkSocket(store ?? defaultStore(), options, 'remix'))
}
