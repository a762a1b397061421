import { STATUS_CODES } from 'node:http'
import { statusOf, UntornError } from '../../errors.ts'
import type { IoSocketLike } from './shapes.ts'
import type { OpenSocket } from './socket-session.ts'

/** A middleware of Socket.IO, which gives each socket its session, and ends it with that. */
export function socketIo<Data extends object>(
  open: (request: IoSocketLike['request']) => Promise<OpenSocket<Data>>,
  report: (error: unknown) => void,
) {
  return (socket: IoSocketLike, next: (error?: Error) => void): void => {
    open(socket.request).then(
      (session) => {
        socket.data.session = session
        endWith(socket, session)
        next()
      },
      (error: unknown) => {
        report(error)
        next(forClient(error))
      },
    )
  }
}

/** Of a connection that is lost before the socket is connected, the socket itself says nothing. */
function endWith<Data extends object>(socket: IoSocketLike, session: OpenSocket<Data>): void {
  const { conn } = socket
  if (conn.readyState !== 'open') return
  const stop = session.onEnd(({ why }) => {
    socket.emit('session-ended', { why })
    socket.disconnect(true)
  })
  const over = (): void => {
    conn.off('close', over)
    stop()
  }
  conn.once('close', over)
  socket.once('disconnect', over)
}

/** What a client is shown of an error: not its message, which may name a directory or a server. */
function forClient(error: unknown): Error {
  const status = statusOf(error)
  const data = { status, ...(error instanceof UntornError && { code: error.code }) }
  return Object.assign(new Error(STATUS_CODES[status], { cause: error }), { data })
}
