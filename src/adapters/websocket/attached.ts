import { inspect } from 'node:util'
import { ForeignOriginError, statusOf } from '../../errors.ts'
import { warnOnce } from '../../events/warn-once.ts'
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
  if (attaching.onMessage !== undefined) listen(attaching)
  try {
    const opened = await opening
    if (!isClosed) stop = opened.onEnd(({ why = 'ended' }) => socket.close(4401, why))
    return opened
  } catch (error) {
    failed(error)
    return undefined
  }
}

function listen<Data extends object>(attaching: Attaching<Data>): void {
  const { socket, opening, onMessage, atOnce, failed } = attaching
  let underWay = 0
  const handled = async (data: SocketMessage, isBinary: boolean): Promise<void> => {
    // That it could not be opened is told once, and not for each message.
    const opened = await opening.catch(() => undefined)
    await opened?.handle((session) => onMessage!(session, data, isBinary))
  }
  socket.on('message', (data, isBinary) => {
    // A client must not be able to send faster than its messages are handled: those that wait would fill the memory.
    if (++underWay === atOnce) socket.pause?.()
    handled(data, isBinary)
      .catch(failed)
      .finally(() => {
        if (underWay-- === atOnce) socket.resume?.()
      })
  })
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
  if (isForeign) socket.close(1008, 'origin')
  else if (statusOf(error) === 503) socket.close(1013, 'try again later')
  else socket.close(1011, 'error')
}
