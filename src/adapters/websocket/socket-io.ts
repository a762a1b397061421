import { STATUS_CODES } from 'node:http'
import { SessionGoneError, statusOf, UntornError } from '../../errors.ts'
import type { SessionEnd } from '../../session/ends.ts'
import type { IoSocketLike } from './shapes.ts'
import type { OpenSocket } from './socket-session.ts'

/** What a namespace gives its sockets their sessions by. */
interface Giving<Data extends object> {
  open(request: IoSocketLike['request']): Promise<OpenSocket<Data>>
  readonly connections: Connections<Data>
  report(error: unknown): void
}

/** A middleware of Socket.IO, which gives each socket its session, and ends it with that. */
export function socketIo<Data extends object>({ open, connections, report }: Giving<Data>) {
  return (socket: IoSocketLike, next: (error?: Error) => void): void => {
    open(socket.request).then(
      (session) => {
        if (session.end !== undefined) return next(forClient(new SessionGoneError(), session.end))
        socket.data.session = session
        connections.of(socket.conn)?.add(socket, session)
        next()
      },
      (error: unknown) => {
        report(error)
        next(forClient(error))
      },
    )
  }
}

type Conn = IoSocketLike['conn']

/** The connections that are open. */
export class Connections<Data extends object> {
  readonly #open = new WeakMap<Conn, Connection<Data>>()

  /** `undefined`: it has been lost while a session was loaded. */
  of(conn: Conn): Connection<Data> | undefined {
    if (conn.readyState !== 'open') return undefined
    let connection = this.#open.get(conn)
    if (connection === undefined) {
      connection = new Connection<Data>(conn)
      this.#open.set(conn, connection)
    }
    return connection
  }
}

/**
 * The sockets of one connection, one for each namespace. All have the session of the request that has opened the connection, so that
 * it ends as one. Of a socket that is not connected in the end, refused by another middleware or lost, Socket.IO says nothing: the
 * next one of its namespace takes its place here.
 */
class Connection<Data extends object> {
  readonly #conn: Conn
  readonly #sockets = new Map<object, { socket: IoSocketLike; session: OpenSocket<Data> }>()
  /** One was displaced that may be connected all the same, as two of a namespace can be asked for at a time. */
  #hasUnseen = false
  #stop = (): void => {}

  constructor(conn: Conn) {
    this.#conn = conn
    conn.once('close', () => this.#stop())
  }

  add(socket: IoSocketLike, session: OpenSocket<Data>): void {
    const { nsp } = socket
    this.#hasUnseen ||= this.#sockets.has(nsp)
    this.#sockets.set(nsp, { socket, session })
    socket.once('disconnect', () => {
      if (this.#sockets.get(nsp)?.socket === socket) this.#sockets.delete(nsp)
      if (this.#sockets.size === 0 && !this.#hasUnseen) this.#stop()
    })
    this.#stop()
    this.#stop = session.onEnd((end) => this.#end(end))
  }

  #end(end: SessionEnd): void {
    let connected: IoSocketLike | undefined
    for (const { socket, session } of this.#sockets.values()) {
      session.end = end
      if (!socket.connected) continue
      socket.emit('session-ended', { why: end.why })
      connected = socket
    }
    // One that no middleware has refused so far would be connected behind its end.
    if (connected === undefined) this.#conn.close()
    else connected.disconnect(true)
  }
}

/** What a client is shown of an error: not its message, which may name a directory or a server. */
function forClient(error: unknown, end?: SessionEnd): Error {
  const status = statusOf(error)
  const data = { status, ...(error instanceof UntornError && { code: error.code }), ...end }
  return Object.assign(new Error(STATUS_CODES[status], { cause: error }), { data })
}
