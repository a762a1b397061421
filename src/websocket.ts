import {
  type SocketSessions,
  type SocketSessionsOptions,
  socketSessions,
} from './adapters/websocket/sessions.ts'
import { defaultStore } from './stores/file/default-store.ts'
import type { AnyData } from './values/data.ts'

export * from './adapters/request/session-types.ts'
export type { OnMessage, SocketSessions, SocketSessionsOptions } from './adapters/websocket/sessions.ts'
export type { IoSocketLike, SocketData, SocketLike, SocketMessage } from './adapters/websocket/shapes.ts'
export type { SocketSession } from './adapters/websocket/socket-session.ts'

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
