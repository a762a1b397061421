import { inspect } from 'node:util'
import { ForeignOriginError, SessionGoneError, statusOf } from '../../errors.ts'
import { warnOnce } from '../../events/warn-once.ts'
import type { SessionEnd } from '../../session/ends.ts'
import type { PlainSession } from '../request/plain-session.ts'
import type { SocketLike, SocketMessage } from './shapes.ts'
import type { OpenSocket } from './socket-session.ts'

/** A WebSocket whose session is being opened. */
interface Attaching<Data extends object> {
  readonly opening: Promise<OpenSocket<Data>>
  readonly socket: SocketLike
  readonly onMessage:
    | ((session: PlainSession<Data>, data: SocketMessage, isBinary: boolean) => unknown)
    | undefined
  readonly atOnce: number
  /** Told of what could not be done; nobody stands above. */
  failed(error: unknown): void
}

const OPEN = 1
const CLOSED = 3

/**
 * Handles the messages of a socket with its session, and closes it when that has ended. All that listens to the socket does so
 * before anything is waited for.
 */
export async function attached<Data extends object>(
  attaching: Attaching<Data>,
): Promise<OpenSocket<Data> | undefined> {
  const { socket, opening, failed } = attaching
  let isClosed = socket.readyState === CLOSED
  let stop = (): void => {}
  socket.on('close', () => {
    isClosed = true
    stop()
  })
  // What a client sends against the protocol closes the socket. If nobody listened, it would end the process.
  socket.on('error', () => {})
  if (attaching.onMessage !== undefined) listen(attaching)
  const end = ({ why }: SessionEnd): void => close(socket, 4401, why ?? 'ended')
  try {
    const opened = await opening
    if (opened.end === undefined) {
      if (!isClosed) stop = opened.onEnd(end)
      return opened
    }
    end(opened.end)
  } catch (error) {
    failed(error)
  }
  return undefined
}

function listen<Data extends object>(attaching: Attaching<Data>): void {
  const { socket, opening, onMessage, atOnce, failed } = attaching
  let underWay = 0
  const handled = async (data: SocketMessage, isBinary: boolean): Promise<void> => {
    // That it could not be opened is told once, and not for each message.
    const opened = await opening.catch(() => undefined)
    try {
      await opened?.handle((session) => onMessage!(session, data, isBinary))
    } catch (error) {
      // Its end closes the socket.
      if (!(error instanceof SessionGoneError) || opened?.end === undefined) failed(error)
    }
  }
  socket.on('message', (data, isBinary) => {
    // One that is being closed is read to its end, as its client may still have to answer that: nothing of it is to wait.
    if (socket.readyState !== OPEN) return
    // A client must not be able to send faster than its messages are handled: those that wait would fill the memory.
    if (++underWay === atOnce) socket.pause?.()
    void handled(data, isBinary).finally(() => {
      if (underWay-- === atOnce) socket.resume?.()
    })
  })
}

/** A client answers that its socket is closed: it has to be read, though messages are under way that hold it up. */
function close(socket: SocketLike, code: number, reason: string): void {
  socket.resume?.()
  socket.close(code, reason)
}

/** What is done with a failure where the application has said nothing of it: it is told, and the client tries it anew. */
export function closeFailed(socket: SocketLike, error: unknown, report: (error: unknown) => void): void {
  report(error)
  const isForeign = error instanceof ForeignOriginError
  const isError = error instanceof Error
  const shown = isError ? `${error.name}: ${error.message}` : inspect(error, { depth: 0 })
  const others = 'Of others the event `error` tells; see the option `onEvent`.'
  warnOnce(
    isForeign ? 'UNTORN_FOREIGN_ORIGIN' : 'UNTORN_SOCKET_FAILED',
    `A socket was closed, since ${isForeign ? 'a page of another site has opened it' : 'its session or a message failed'}: ` +
      `${shown.replace(/\.?$/, '.')} ${others}`,
    isError ? error.stack : undefined,
  )
  if (isForeign) close(socket, 1008, 'origin')
  else if (statusOf(error) === 503) close(socket, 1013, 'try again later')
  else close(socket, 1011, 'error')
}
