import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SessionStore } from '../../contract/store.ts'
import { type Outcome, outcomeOf } from '../../contract/wait.ts'
import { shareHiddenClass } from '../express/share-hidden-class.ts'
import { isResponse } from '../node/attach.ts'
import { outlivesReset } from '../node/upgrade-socket.ts'
import { answer } from './answer.ts'
import { Cookie } from './cookie.ts'
import { type Checked, type CookieOptions, checkOptions, type SessionOptions } from './options.ts'
import { isHttps } from './secure.ts'
import { type RequestWithSession, ServedRequest } from './served-request.ts'
import { Session } from './session.ts'
import { sidOf } from './sid.ts'

type Next = (error?: unknown) => void

/** The middleware; `defaultStore`: where the options name none. Throws what {@link checkOptions} throws. */
export function expressSession(options: SessionOptions | undefined, defaultStore: () => SessionStore) {
  const checked = checkOptions(options ?? {}, defaultStore)
  const { store } = checked
  checked.untorn?.servesMiddleware()
  store.generate = (req) => generate(checked, req as RequestWithSession)
  let ready = true
  store.on('disconnect', () => {
    ready = false
  })
  store.on('connect', () => {
    ready = true
  })

  return function session(request: IncomingMessage, res: ServerResponse, next: Next): unknown {
    const req = request as RequestWithSession
    // Mounted twice, the store is out of reach, or another part of the site: there is no session.
    if (req.session || !ready || !isBelow(checked, req)) return next()
    const secrets = checked.secrets ?? (req.secret ? [req.secret] : undefined)
    if (secrets === undefined) return next(new Error('secret option required for sessions'))
    if (isOfExpress(req)) {
      shareHiddenClass(req)
      if (isResponse(res)) shareHiddenClass(res)
    }
    req.sessionStore = store
    const shown = sidOf(req as never, checked.name, secrets)
    req.sessionID = shown as string
    const served = new ServedRequest({ options: checked, secrets, req, shown, next })
    if (isResponse(res)) served.watch(res)
    else {
      outlivesReset(req)
      served.watchUpgrade(res)
    }
    if (!shown) {
      served.begin()
      return next()
    }
    return find(served, shown, next)
  }
}

/** Express alone changes the prototype of each, and sets this. */
function isOfExpress(req: object): boolean {
  return 'app' in req
}

/** Gives the request the session of the id that it shows, or a new one. */
function find(served: ServedRequest, sid: string, next: Next): void {
  const { store, untorn } = served.options
  const begin = (late: boolean): void => {
    served.isLate = late
    attempted(() => served.begin(), next)
  }
  store.get(sid, (error, data) => {
    if (error && (error as { code?: unknown }).code !== 'ENOENT') next(error)
    else if (!error && data) attempted(() => served.found(data), next)
    else if (untorn === undefined) begin(false)
    else {
      answer(
        () => untorn.isLate(sid, served.arrivedAt),
        (failure, late) => (failure ? next(failure) : begin(late === true)),
      )
    }
  })
}

/** Goes on when it is done, once: what the handlers behind it throw is theirs. */
function attempted(work: () => void, next: Next): void {
  const outcome = outcomeOf(work) as Outcome<void>
  if (outcome.done) next()
  else next(outcome.error)
}

/** A new session for a request. */
function generate(options: Checked, req: RequestWithSession): void {
  req.sessionID = options.genid(req)
  const session = new Session(req)
  req.session = session
  const asked = cookieOptionsFor(options, req)
  session.cookie = new Cookie(asked)
  const secure = isHttps(req, options.proxy)
  if (asked.secure === 'auto') session.cookie.secure = secure
  if (asked.sameSite === 'auto') session.cookie.sameSite = secure ? 'none' : 'lax'
}

function cookieOptionsFor({ cookie }: Checked, req: IncomingMessage): CookieOptions {
  return typeof cookie === 'function' ? cookie(req) : cookie
}

function isBelow(options: Checked, req: RequestWithSession): boolean {
  const path = cookieOptionsFor(options, req).path || '/'
  return pathOf(req.originalUrl ?? req.url ?? '').startsWith(path)
}

/** Of `/path?query`, or of a whole URL, as proxies ask for. `*` is one as well, below no other. */
function pathOf(url: string): string {
  const scheme = url.startsWith('/') ? -1 : url.indexOf('://')
  const start = scheme === -1 ? 0 : url.indexOf('/', scheme + 3)
  if (start === -1) return '/'
  const end = url.slice(start).search(/[?#]/)
  return (end === -1 ? url.slice(start) : url.slice(start, start + end)) || '/'
}
