import {
  type SocketSessions,
  type SocketSessionsOptions,
  socketSessions,
} from './adapters/websocket/sessions.ts'
import { defaultStore } from './stores/file/default-store.ts'
import type { AnyData } from './values/data.ts'

export type { Callback } from './adapters/request/callback.ts'
export type { PlainSession } from './adapters/request/plain-session.ts'
export type { SessionCookie } from './adapters/request/session-cookie.ts'
export type { SessionMethods } from './adapters/request/session-methods.ts'
export type { SessionsSource } from './adapters/request/sessions-of.ts'
export type { OnMessage, SocketSessions, SocketSessionsOptions } from './adapters/websocket/sessions.ts'
export type { IoSocketLike, SocketData, SocketLike, SocketMessage } from './adapters/websocket/shapes.ts'
export type { SocketSession } from './adapters/websocket/socket-session.ts'
export type { Device, Listed } from './session/devices.ts'
export type { OnEnd, SessionEnd } from './session/ends.ts'
export type { OnceOptions } from './session/once-options.ts'
export type { SetOptions } from './session/set-options.ts'
export type { LoginOptions } from './session/sign-in-options.ts'

/**
 * Sessions for WebSockets, of the package ws and of Socket.IO: that of the request which opens a socket, a fresh view of it for
 * each message, and the socket's end when it is signed out, revoked, expired or replaced.
 *
 * ```ts
 * const shared = createSessions<{ user: string; seen: number }>()
 * const live = sessions({ sessions: shared })
 * wss.on('connection', (socket, request) => {
 *   live.attach(socket, request, (session, data) => {
 *     session.increment('seen')
 *     socket.send(`${session.user}: ${data}`)
 *   })
 * })
 * ```
 *
 * With `{ sessions }` it serves what `createSessions` has made and the pages have, too. A page of another site can't open a
 * socket (the option `origins`). Throws what `createSessions` throws, and `InvalidOptionError` (`UNTORN_INVALID_OPTION`) for the
 * options of its own.
 */
export function sessions<Data extends object = AnyData>(
  options: SocketSessionsOptions<Data> = {},
): SocketSessions<Data> {
  return socketSessions<Data>(options, defaultStore)
}
