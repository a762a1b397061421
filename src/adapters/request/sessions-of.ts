import type { SessionStore } from '../../contract/store.ts'
import { isPromise, type MaybePromise } from '../../contract/wait.ts'
import { InvalidOptionError, MisuseError } from '../../errors.ts'
import { refuseUnknownOptions } from '../../sessions/check-options.ts'
import { createSessionsOver, type Sessions } from '../../sessions/create-sessions.ts'
import type { SessionsOptions } from '../../sessions/options.ts'
import { optionsObject } from '../../sessions/options-object.ts'
import type { AnyData } from '../../values/data.ts'
import { uncalled } from './mistakes.ts'
import type { SessionName } from './session-name.ts'
import { quietly } from './told-promise.ts'

/**
 * The sessions that a middleware serves: made from options of its own, or given, where others use them too (a
 * WebSocket server, a job).
 */
export type SessionsSource<Data extends object = AnyData> =
  | (SessionsOptions<Data> & { sessions?: undefined })
  | { sessions: Sessions<Data> }

/** Throws for what `sessions()` is given by mistake, before it is taken apart as options. */
export function refuseOther(given: unknown): void {
  if (typeof given === 'function') {
    throw new MisuseError(
      '`sessions()` was given a function. It takes options, and what it returns takes a handler: `sessions()(handler)`.',
    )
  }
  const { headers, socket } = optionsObject(given)
  if (headers !== undefined && socket !== undefined) {
    throw uncalled(
      'a request',
      '`app.use(sessions())` in Express, with node:http `createServer(sessions()(handler))`',
    )
  }
}

/**
 * `defaultStore`: where the options name none. `as`: what a session that is not the only one of a request is called; it keeps
 * to itself, as an application does. Throws what `createSessions` throws, and
 * {@link InvalidOptionError} for options beside `sessions`.
 */
export function sessionsOf<Data extends object>(
  source: SessionsSource<Data>,
  defaultStore: () => SessionStore,
  as?: string,
): Sessions<Data> {
  if (source.sessions === undefined) {
    const { sessions: _, ...options } = source
    if (as !== undefined && options.app === undefined) options.app = as
    return createSessionsOver<Data>(options, defaultStore)
  }
  const { sessions, ...others } = source
  refuseUnknownOptions(others)
  const [other] = Object.keys(others)
  if (other !== undefined) {
    throw new InvalidOptionError(
      other,
      'it belongs to `createSessions`, which made what `sessions` was given',
    )
  }
  if (typeof sessions?.open !== 'function') {
    throw new InvalidOptionError('sessions', 'it has to be what `createSessions` returns')
  }
  return sessions
}

/** What is mounted. */
export interface Mounted<Data extends object> {
  readonly sessions: Sessions<Data>
  /** Closes the store; a failure that nobody waits for is the event `error`. */
  close(): MaybePromise<void>
}

/**
 * What a host hands out of the sessions that it mounts, and whether their cookie follows the request. `options`: without those of the
 * host. `name`: what handlers call the session. Throws what {@link sessionsOf} throws.
 */
export function mountOf<Data extends object>(
  options: object,
  defaultStore: () => SessionStore,
  name?: SessionName,
): Mounted<Data> & { readonly cookieFollows: boolean } {
  const source = options as SessionsSource<Data>
  const sessions = sessionsOf<Data>(source, defaultStore, name?.own)
  return { sessions, close: () => closing(sessions), cookieFollows: cookieFollowsRequest(source) }
}

/** Whether the cookie is Secure as the request is (`cookie.secure: 'auto'`), as far as is known here. */
export function cookieFollowsRequest<Data extends object>(source: SessionsSource<Data>): boolean {
  return source.sessions !== undefined || (source.cookie?.secure ?? 'auto') === 'auto'
}

/** Closes the store; a failure that nobody waits for is the event `error`. */
export function closing<Data extends object>(sessions: Sessions<Data>): MaybePromise<void> {
  const closed = sessions.close()
  return isPromise(closed) ? quietly(closed, (error) => sessions.report({ type: 'error', error })) : closed
}
