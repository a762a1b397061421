import { checkSocketOptions, type SocketOptions } from './adapters/kept/options.ts'
import { KeptRecords } from './adapters/kept/records.ts'
import { Auth0SessionStore } from './adapters/nextjs-auth0/store.ts'
import type { SessionStore } from './contract/store.ts'
import { asNamed } from './options/checks.ts'
import { asMilliseconds, type Duration } from './options/duration.ts'
import { asStore } from './options/store.ts'
import { defaultStore } from './stores/file/default-store.ts'

export type { SocketOptions } from './adapters/kept/options.ts'
export type { Auth0Session, Auth0SessionStore, LogoutToken } from './adapters/nextjs-auth0/store.ts'

/** How long the sessions of nextjs-auth0 are kept, and for which application. */
export interface Auth0StoreOptions extends SocketOptions {
  /** How long a session lives without being used. As `session.inactivityDuration` of the client says it. Default: `'1d'`. */
  idleTimeout?: Duration | undefined
  /** How long a session lives at most. As `session.absoluteDuration` of the client says it. Default: `'3d'`. */
  lifetime?: Duration | undefined
}

/**
 * A session store for `@auth0/nextjs-auth0`: any store of untorn's, by default files below the working directory, which are looked for when
 * the store is first used: a build makes no directory.
 *
 * ```ts
 * import { Auth0Client } from '@auth0/nextjs-auth0/server'
 * import { sessionStore } from 'untorn/nextjs-auth0'
 *
 * export const auth0 = new Auth0Client({ sessionStore: sessionStore() })
 * ```
 *
 * `update` and `set` save what was changed since the session was read, value by value (`user`, `tokenSet`, ...), while it still is
 * there: a sign-out is final for requests under way. The client reads a session anew before it writes what the application was given
 * before: a change is told from the read that the objects in the session come from, and without any of them from the last one. Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`); the verbs reject with `TypeError`
 * (`UNTORN_INVALID_ARGUMENT`) for what is no session, and with the store's errors.
 */
export function sessionStore(store?: SessionStore, options: Auth0StoreOptions = {}): Auth0SessionStore {
  const { idleTimeout = '1d', lifetime = '3d', ...rest } = asNamed('options', options)
  const { app } = checkSocketOptions(rest, 'nextjs-auth0')
  const given = store === undefined ? undefined : asStore('store', store)
  return new Auth0SessionStore(() => new KeptRecords(given ?? defaultStore()), app, {
    idleTimeout: asMilliseconds('idleTimeout', idleTimeout),
    lifetime: asMilliseconds('lifetime', lifetime),
  })
}
