import type { IncomingMessage } from 'node:http'
import type { AnyData } from '../../values/data.ts'
import type { SocketSession } from './socket-session.ts'

/** What a message of a WebSocket of the package ws comes as; a text is a Buffer, too, and `String(data)` gives it. */
export type SocketMessage = Buffer | ArrayBuffer | Buffer[]

/** What is used of a WebSocket of the package ws, and of what is like it. */
export interface SocketLike {
  readonly readyState: number
  on(event: 'close', listener: () => void): unknown
  on(event: 'message', listener: (data: SocketMessage, isBinary: boolean) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  close(code: number, reason: string): void
  /** Stops reading, where the socket can. */
  pause?(): void
  resume?(): void
}

/** What is used of a socket of Socket.IO. */
export interface IoSocketLike {
  readonly request: IncomingMessage
  readonly conn: {
    readonly readyState: string
    once(event: 'close', listener: () => void): unknown
    close(): unknown
  }
  readonly nsp: object
  readonly connected: boolean
  // biome-ignore lint/suspicious/noExplicitAny: as Socket.IO has it, unless an application says what is in it
  data: any
  once(event: 'disconnect', listener: () => void): unknown
  // biome-ignore lint/suspicious/noExplicitAny: an application may have declared which events there are
  emit(event: any, ...args: any[]): unknown
  disconnect(close: boolean): unknown
}

/** What is in `socket.data` behind `io.use(live.socketIo())`. */
export interface SocketData<Data extends object = AnyData> {
  session: SocketSession<Data>
}
