import { InvalidOptionError } from '../../errors.ts'
import type { AnyData } from '../../session/data.ts'
import { createSessions, type Sessions } from '../../sessions/create-sessions.ts'
import type { SessionsOptions } from '../../sessions/options.ts'

/**
 * The sessions that a middleware serves: made from options of its own, or given, where others use them too (a
 * WebSocket server, a job).
 */
export type SessionsSource<Data extends object = AnyData> =
  | (SessionsOptions<Data> & { sessions?: undefined })
  | { sessions: Sessions<Data> }

/** Throws what `createSessions` throws, and {@link InvalidOptionError} for options beside `sessions`. */
export function sessionsOf<Data extends object>(source: SessionsSource<Data>): Sessions<Data> {
  if (source.sessions === undefined) {
    const { sessions: _, ...options } = source
    return createSessions<Data>(options)
  }
  const { sessions, ...others } = source
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

/** Whether the cookie is Secure as the request is (`cookie.secure: 'auto'`), as far as is known here. */
export function cookieFollowsRequest<Data extends object>(source: SessionsSource<Data>): boolean {
  return source.sessions !== undefined || (source.cookie?.secure ?? 'auto') === 'auto'
}
