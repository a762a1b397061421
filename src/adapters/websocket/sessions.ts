import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SessionStore } from '../../contract/store.ts'
import type { MaybePromise } from '../../contract/wait.ts'
import { invalidArgument, SessionGoneError } from '../../errors.ts'
import { callSafely } from '../../events/reporter.ts'
import { asBoolean, asFunction, asWholeNumber } from '../../options/checks.ts'
import { asCallable } from '../../session/once-options.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { AnyData } from '../../values/data.ts'
import { attachSession } from '../node/attach.ts'
import { nodeHttp } from '../node/middleware.ts'
import { sessionProperty } from '../node/property.ts'
import { outlivesReset } from '../node/upgrade-socket.ts'
import type { PlainSession } from '../request/plain-session.ts'
import { mountOf, refuseOther, type SessionsSource } from '../request/sessions-of.ts'
import { attached, closeFailed } from './attached.ts'
import { Origins } from './origins.ts'
import type { IoSocketLike, SocketLike, SocketMessage } from './shapes.ts'
import { Connections, socketIo } from './socket-io.ts'
import { OpenSocket, type SocketSession } from './socket-session.ts'

/** The options of `createSessions`, or `{ sessions }`; and what sockets have besides. */
export type SocketSessionsOptions<Data extends object = AnyData> = SessionsSource<Data> & {
  /**
   * Whether `X-Forwarded-Proto` and `X-Forwarded-Host` say how, and at which host, a socket was opened. Default: `false`. Set it
   * where a proxy of yours stands before this server and sets those headers itself: from anybody else they are a claim.
   */
  trustProxy?: boolean
  /**
   * Origins whose pages may open sockets beside the site's own, such as `['https://app.example.com']`. Default: none. The pages of
   * all others are refused, as a browser lets any page open a socket with its visitor's cookie.
   */
  origins?: readonly string[]
  /**
   * How many messages of one socket are handled at once; others wait, and of ws no more are read. Default: 16. With 1 they are
   * handled one after the other, so that one that waits for a later message waits for ever.
   */
  atOnce?: number
  /** The property of a request by which it shows its session, where `sessions()` of the pages has another. Default: `'session'`. */
  as?: string
  /**
   * Called with what a handler of `attach` threw, or the store. Default: the event `error`, the first time a warning as well, and
   * the socket is closed: by 1013 (try again later) for an error of status 503, by 1008 for {@link ForeignOriginError}, else by 1011.
   */
  onError?(error: unknown, socket: SocketLike): void
}

/** What a message of a WebSocket is handled by; what it returns, or promises, is waited for. */
export type OnMessage<Data extends object = AnyData> = (
  session: PlainSession<Data>,
  data: SocketMessage,
  isBinary: boolean,
) => unknown

/** What `sessions()` of `untorn/websocket` returns. */
export interface SocketSessions<Data extends object = AnyData> {
  /**
   * The session of the request that opens a socket: before `wss.handleUpgrade(...)`, to refuse who has none. It stores nothing, and
   * watches nothing: the socket itself is for {@link attach}. Asked again for the same request, it loads the session anew. From here on
   * a client that resets its connection ends no process, as it would at an upgrade to whose connection nobody listens.
   *
   * Rejects with `ForeignOriginError` (`UNTORN_FOREIGN_ORIGIN`, status 403) for a page of another site, with `SessionGoneError`
   * (`UNTORN_SESSION_GONE`, status 409) if the cookie is one whose session has another id by now, or has ended since it was last
   * opened for this request, and with what the store throws, `onStoreError: 'anonymous'` or not.
   */
  open(request: IncomingMessage): Promise<SocketSession<Data>>
  /**
   * Gives a WebSocket of ws its session: `wss.on('connection', (socket, request) => live.attach(socket, request, handler))`. Call it
   * at once, as messages that come before anybody listens are lost; those that come while the session is loaded wait for it.
   *
   * Each message is handled as {@link SocketSession.handle} says; one whose session has ended is no failure. When it has ended
   * (signed out, revoked, expired, another id), here or in another process, the socket is closed by 4401 with the reason:
   * `'signed-out'`, `'revoked'`, `'expired'`, `'rotated'`, or `'ended'` where nobody can tell. `'rotated'` may come before the page has
   * its new cookie: a socket that it opens with the old one is closed by `'rotated'` again, so it tries until it is let in.
   *
   * Resolves when the session is open, to `undefined` if it could not be, has ended, or the page is of another site: the socket is
   * closed. Never rejects; see the option `onError`. What breaks the protocol of WebSocket closes the socket, too, and ends no process.
   */
  attach(
    socket: SocketLike,
    request: IncomingMessage,
    onMessage?: OnMessage<Data>,
  ): Promise<SocketSession<Data> | undefined>
  /**
   * For Socket.IO: `io.use(live.socketIo())`, for each namespace. Behind it `socket.data.session` is a {@link SocketSession}, whose
   * `handle` is for each event. When the session has ended the client gets the event `session-ended` with `{ why }`, and its
   * connection is closed, with all its namespaces. Each namespace is given the session as it is when it is connected.
   *
   * A page of another site, a store that fails, and a session that has ended are a `connect_error` whose `data` has `code` and
   * `status`, and of the last one `why`: by `'rotated'` the page tries again, as with {@link attach}. With the option
   * `connectionStateRecovery` of Socket.IO set `skipMiddlewares: false`: a socket that is recovered without them is not closed.
   */
  socketIo(): (socket: IoSocketLike, next: (error?: Error) => void) => void
  readonly sessions: Sessions<Data>
  /** Closes the store, so that the process can exit. */
  close(): MaybePromise<void>
}

/** `defaultStore`: where the options name none. */
export function socketSessions<Data extends object>(
  options: SocketSessionsOptions<Data>,
  defaultStore: () => SessionStore,
): SocketSessions<Data> {
  refuseOther(options)
  const { trustProxy = false, origins = [], atOnce = 16, as, onError, ...source } = options
  const property = sessionProperty(as)
  const framework = nodeHttp(asBoolean('trustProxy', trustProxy), false)
  const allowed = new Origins(origins, trustProxy, (req) => framework.isSecure(req))
  const most = asWholeNumber('atOnce', atOnce, { from: 1 })
  if (onError !== undefined) asFunction('onError', onError)
  const { sessions, close } = mountOf<Data>(source, defaultStore, property)
  const mount = { sessions, framework, property, atOnce: most }
  const report = (error: unknown) => sessions.report({ type: 'error', error })

  const open = async (request: IncomingMessage): Promise<OpenSocket<Data>> => {
    assertRequest(request)
    outlivesReset(request)
    allowed.check(request)
    return OpenSocket.of(mount, request, attachSession(mount, request, NO_RESPONSE, report))
  }
  const connections = new Connections<Data>()
  return {
    sessions,
    async open(request) {
      const opened = await open(request)
      if (opened.end !== undefined) throw new SessionGoneError()
      return opened
    },
    close,
    socketIo: () => socketIo({ open, connections, report }),
    attach(socket, request, onMessage) {
      assertSocket(socket)
      if (onMessage !== undefined) asCallable('onMessage', onMessage)
      const failed = (error: unknown) => {
        if (onError === undefined) return closeFailed(socket, error, report)
        callSafely(
          () => onError(error, socket),
          error,
          (thrown) => closeFailed(socket, thrown, report),
        )
      }
      return attached({ opening: open(request), socket, onMessage, atOnce: most, failed })
    },
  }
}

const NO_RESPONSE = {} as ServerResponse

function assertRequest(request: unknown): void {
  const { headers, socket } = (request ?? {}) as Partial<IncomingMessage>
  if (headers !== undefined && socket !== undefined) return
  throw invalidArgument(
    'request',
    'the request is needed that has opened the socket, as `connection` hands it over',
  )
}

function assertSocket(socket: unknown): void {
  const { on, close } = (socket ?? {}) as Partial<SocketLike>
  if (typeof on === 'function' && typeof close === 'function') return
  throw invalidArgument('socket', 'a WebSocket of ws is needed; for one of Socket.IO there is `socketIo()`')
}
