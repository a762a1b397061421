import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SessionStore } from '../../contract/store.ts'
import type { MaybePromise } from '../../contract/wait.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { AnyData } from '../../values/data.ts'
import { attachSession, isResponse } from '../node/attach.ts'
import { headerOf, methodOf, type NoResponse, passOn } from '../node/middleware.ts'
import { sessionProperty } from '../node/property.ts'
import { warnOfInsecureCookie } from '../request/forwarded.ts'
import type { Framework } from '../request/host.ts'
import { mountOf, refuseOther, type SessionsSource } from '../request/sessions-of.ts'
import { shareHiddenClass } from './share-hidden-class.ts'

/** What `sessions()` of `untorn/express` returns: a middleware. */
export interface ExpressSessions<Data extends object = AnyData> {
  /** At the upgrade to a WebSocket, which has no response, with `{}` for one. */
  (req: IncomingMessage, res: ServerResponse | NoResponse, next: (error?: unknown) => void): void
  readonly sessions: Sessions<Data>
  /** Closes the store, so that the process can exit: once the server has stopped. */
  close(): MaybePromise<void>
}

/** The options of `createSessions`, or `{ sessions }`; and what this host has besides. */
export type ExpressSessionsOptions<Data extends object = AnyData> = SessionsSource<Data> & {
  /**
   * The property of the request that shows the session. Default: `'session'`. For a second session in one request, say of
   * a customer and of an administrator: `sessions({ as: 'admin', cookie: { name: 'admin' } })` gives `req.admin`, which
   * `sessionOf<Admin>(req, 'admin')` gives with a type.
   *
   * Over one store, too, an id of one is unknown to the other, so that nobody is an administrator by the id of a customer: the
   * name is the option `app` where that is not set. Of `{ sessions }` it is for who made them to set that.
   */
  as?: string
}

export function expressSessions<Data extends object>(
  options: ExpressSessionsOptions<Data>,
  defaultStore: () => SessionStore,
): ExpressSessions<Data> {
  refuseOther(options)
  const { as, ...source } = options
  const property = sessionProperty(as)
  const { cookieFollows, ...mounted } = mountOf<Data>(source, defaultStore, property)
  const mount = { sessions: mounted.sessions, framework: express(cookieFollows), property }
  const middleware = (
    req: IncomingMessage,
    res: ServerResponse | NoResponse,
    next: (error?: unknown) => void,
  ) => {
    shareHiddenClass(req)
    if (isResponse(res)) shareHiddenClass(res)
    passOn(() => attachSession(mount, req, res as ServerResponse, next), next)
  }
  return Object.assign(middleware, mounted)
}

function express(cookieFollows: boolean): Framework<IncomingMessage> {
  return {
    cookieOf: (req) => req.headers.cookie,
    headerOf,
    methodOf,
    // What Express makes of its setting 'trust proxy'. It has no part in an upgrade, nor in what Socket.IO asks by polling.
    isSecure(req) {
      const { secure, socket } = req as { secure?: boolean; socket?: { encrypted?: boolean } }
      return secure ?? (socket?.encrypted === true ? true : undefined)
    },
    onInsecureCookie(req) {
      if (cookieFollows) warnOfInsecureCookie(headerOf(req), "app.set('trust proxy', 1)", trustsProxy(req))
    },
  }
}

/** Whether the application has set 'trust proxy' at all; that this proxy is among those is for Express to say. */
function trustsProxy(req: IncomingMessage): boolean {
  const { app } = req as { app?: { get(setting: string): unknown } }
  return app !== undefined && Boolean(app.get('trust proxy'))
}
