import { checkSocket, type LastingSocketOptions } from './adapters/kept/options.ts'
import { KoaSessionStore } from './adapters/koa-session/store.ts'
import type { SessionStore } from './contract/store.ts'
import { defaultStore } from './stores/file/default-store.ts'

export type { LastingSocketOptions, SocketOptions } from './adapters/kept/options.ts'
export type { KoaCall, KoaSessionStore } from './adapters/koa-session/store.ts'

/**
 * A store for koa-session: any store of untorn's, by default files below the working directory.
 *
 * ```ts
 * import session from 'koa-session'
 * import { untornStore } from 'untorn/koa-session'
 *
 * app.use(session({ store: untornStore() }, app))
 * ```
 *
 * Of a session only what its request has changed is saved, value by value, while it still is there: exactly, as koa-session hands
 * over `ctx` with each call; one without it writes the session whole. `idleTimeout` is for `maxAge: 'session'`. Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`); the verbs
 * reject with `TypeError` (`UNTORN_INVALID_ARGUMENT`), `MisuseError` (`UNTORN_MISUSE`, for a value whose name begins with `untorn:`) and the
 * store's errors.
 */
export function untornStore(
  store: SessionStore = defaultStore(),
  options: LastingSocketOptions = {},
): KoaSessionStore {
  return new KoaSessionStore(checkSocket(store, options, 'koa-session'))
}
