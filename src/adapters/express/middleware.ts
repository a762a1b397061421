import type { IncomingMessage, ServerResponse } from 'node:http'
import type { MaybePromise } from '../../record/steps.ts'
import type { AnyData } from '../../session/data.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import { attachSession } from '../node/attach.ts'
import { warnOfUntrustedProxy } from '../node/forwarded.ts'
import { passOn } from '../node/middleware.ts'
import type { Framework } from '../node/request-session.ts'
import { cookieFollowsRequest, refuseOther, type SessionsSource, sessionsOf } from '../node/sessions-of.ts'
import { shareHiddenClass } from './share-hidden-class.ts'

/** What `sessions()` of `untorn/express` returns: a middleware. */
export interface ExpressSessions<Data extends object = AnyData> {
  (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void): void
  readonly sessions: Sessions<Data>
  /** Closes the store, so that the process can exit. */
  close(): MaybePromise<void>
}

export function expressSessions<Data extends object>(source: SessionsSource<Data>): ExpressSessions<Data> {
  refuseOther(source)
  const served = sessionsOf<Data>(source)
  const framework = express(cookieFollowsRequest(source))
  const middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => {
    shareHiddenClass(req)
    shareHiddenClass(res)
    passOn(() => attachSession(served, framework, req, res, next), next)
  }
  return Object.assign(middleware, { sessions: served, close: () => served.close() })
}

function express(cookieFollows: boolean): Framework {
  return {
    // What Express makes of its setting 'trust proxy'.
    isSecure: (req) => (req as { secure?: boolean }).secure === true,
    onInsecureCookie(req) {
      if (cookieFollows) warnOfUntrustedProxy(req, "app.set('trust proxy', 1)")
    },
  }
}
