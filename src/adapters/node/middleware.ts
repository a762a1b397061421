import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { SessionStore } from '../../contract/store.ts'
import { after, attempt, isPromise, type MaybePromise, type Outcome, outcomeOf } from '../../contract/wait.ts'
import { asBoolean } from '../../options/checks.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { AnyData } from '../../values/data.ts'
import { tellOfFailure } from '../request/failure.ts'
import { forwardedHttps, warnOfInsecureCookie } from '../request/forwarded.ts'
import type { Framework, RequestHeader } from '../request/host.ts'
import type { PlainSession } from '../request/plain-session.ts'
import type { RequestSession } from '../request/request-session.ts'
import { mountOf, refuseOther, type SessionsSource } from '../request/sessions-of.ts'
import { quietly } from '../request/told-promise.ts'
import { attachSession } from './attach.ts'
import { sessionProperty } from './property.ts'
import { answerPlainly } from './response/plain-answer.ts'

/** A request of `node:http`, `node:https`, or of `node:http2` as those two show it. */
export type NodeRequest = IncomingMessage | Http2ServerRequest
/** The response to a {@link NodeRequest}. */
export type NodeResponse = ServerResponse | Http2ServerResponse

/**
 * `{}`: the upgrade to a WebSocket has no response. Its session can be read, changed and saved by `save()`; what a cookie
 * would have to be sent for, a new session or a new id, is a `MisuseError` (`UNTORN_MISUSE`).
 */
export type NoResponse = Record<string, never>

/** What a request has once `sessions()` has seen it; with the option `as` under another name. */
export type WithSession<Data extends object = AnyData, As extends string = 'session'> = As extends 'session'
  ? {
      /** Values as plain properties, and the methods beside them. Opened when it is first used. */
      readonly session: PlainSession<Data>
      /** The secret that the cookie carries: never log it. */
      readonly sessionID: string
    }
  : { readonly [Name in As]: PlainSession<Data> }

/** The options of `createSessions`, or `{ sessions }`; and what this host has besides. */
export type NodeSessionsOptions<
  Data extends object = AnyData,
  As extends string = 'session',
> = SessionsSource<Data> & {
  /**
   * The property of the request that shows the session. Default: `'session'`. For a second session in one request, say of
   * a customer and of an administrator: `sessions<Admin, 'admin'>({ as: 'admin', cookie: { name: 'admin' } })` gives
   * `req.admin`.
   *
   * Over one store, too, an id of one is unknown to the other, so that nobody is an administrator by the id of a customer: the
   * name is the option `app` where that is not set. Of `{ sessions }` it is for who made them to set that.
   */
  as?: As
  /**
   * Whether the first value of `X-Forwarded-Proto` says if a request came over https. Default: `false`. Set it where a
   * proxy of yours stands before this server and sets that header itself: from anybody else it is a claim.
   */
  trustProxy?: boolean
}

/** What `sessions()` of `untorn/node` returns. */
export interface NodeSessions<Data extends object = AnyData, As extends string = 'session'> {
  /**
   * Wraps a handler: `createServer(session((req, res) => { ... }))`. What it returns is returned. Nobody stands above
   * it, so what it throws, or rejects with, is answered: a plain text with the `status` of an error of untorn's, with 500
   * for any other; or the end of an answer that has begun. The event `error` tells what it was, the first time a warning
   * as well.
   */
  <Req extends NodeRequest = IncomingMessage, Res extends NodeResponse = ServerResponse>(
    handler: (req: Req & WithSession<Data, As>, res: Res) => unknown,
  ): (req: Req, res: Res) => unknown
  /** As a middleware of connect. An error of the store, when loading or saving, is passed to `next`. */
  (req: NodeRequest, res: NodeResponse | NoResponse, next: (error?: unknown) => void): void
  /**
   * In a handler, with `open` for what `sessions()` returned: `const { session } = await open(req, res)`. The same
   * request, with its session; rejects if that can't be loaded.
   */
  <Req extends NodeRequest>(req: Req, res: NodeResponse | NoResponse): Promise<Req & WithSession<Data, As>>
  readonly sessions: Sessions<Data>
  /** Closes the store, so that the process can exit: once the server has stopped. */
  close(): MaybePromise<void>
}

/** `defaultStore`: where the options name none. */
export function nodeSessions<Data extends object, As extends string>(
  options: NodeSessionsOptions<Data, As>,
  defaultStore: () => SessionStore,
): NodeSessions<Data, As> {
  refuseOther(options)
  const { trustProxy = false, as, ...source } = options
  const property = sessionProperty(as)
  const trusts = asBoolean('trustProxy', trustProxy)
  const { cookieFollows, ...mounted } = mountOf<Data>(source, defaultStore, property)
  const { sessions } = mounted
  const mount = { sessions, framework: nodeHttp(trusts, cookieFollows), property }

  const attach = (req: NodeRequest, res: NodeResponse, answerError?: (error: unknown) => void) =>
    attachSession(
      mount,
      req as IncomingMessage,
      res as ServerResponse,
      answerError ??
        ((error) => {
          tellOfFailure(sessions, 'session', error)
          answerPlainly(res as ServerResponse, error)
        }),
    )
  const unheard = (error: unknown) => sessions.report({ type: 'error', error })

  const session = (first: NodeRequest | Handler, res?: NodeResponse, next?: (error?: unknown) => void) => {
    if (typeof first === 'function') return wrapped(first, attach)
    if (next === undefined) return prepared(first, () => attach(first, res!), unheard)
    passOn(() => attach(first, res!, next), next)
    return undefined
  }
  return Object.assign(session, mounted) as unknown as NodeSessions<Data, As>
}

type Handler = (req: never, res: never) => unknown

/** What a request of `node:http` is, and who says whether it came over https. */
export function nodeHttp(trustProxy: boolean, cookieFollows: boolean): Framework<IncomingMessage> {
  return {
    cookieOf: (req) => req.headers.cookie,
    headerOf,
    methodOf,
    isSecure(req) {
      const forwarded = trustProxy ? forwardedHttps(req.headers['x-forwarded-proto']) : undefined
      return forwarded ?? (req.socket as { encrypted?: boolean }).encrypted === true
    },
    onInsecureCookie(req) {
      if (cookieFollows) warnOfInsecureCookie(headerOf(req), 'set the option `trustProxy: true`', trustProxy)
    },
  }
}

export function headerOf(req: IncomingMessage): RequestHeader {
  return (name) => req.headers[name]
}

/** Before `method-override` made another one of it, which a form of any page can ask for. */
export function methodOf(req: IncomingMessage): string | undefined {
  const { originalMethod, method } = req as { originalMethod?: string; method?: string }
  return originalMethod ?? method
}

/**
 * Attaches a session to a request and goes on: now, if nothing has to be loaded first. What `next` throws goes to the
 * caller, who is gone where it has to wait: then, and for a promise of it, nobody else would look at the error.
 */
export function passOn<Data extends object>(
  attach: () => RequestSession<Data, IncomingMessage>,
  next: (error?: unknown) => unknown,
): void {
  const session = attachedOr(attach, next)
  if (session === undefined) return
  const goOn = (prepared: Outcome<void>): void => {
    const handled = prepared.done ? next() : next(prepared.error)
    if (isPromise(handled)) handled.then(undefined, (error: unknown) => session.handlerFailed(error))
  }
  const ready = outcomeOf(() => session.prepare())
  if (!isPromise(ready)) goOn(ready)
  else ready.then(goOn).catch((error: unknown) => session.handlerFailed(error))
}

function attachedOr<Data extends object>(
  attach: () => RequestSession<Data, IncomingMessage>,
  next: (error: unknown) => unknown,
): RequestSession<Data, IncomingMessage> | undefined {
  try {
    return attach()
  } catch (error) {
    next(error)
    return undefined
  }
}

/** The request once its session is there. Nobody has to wait for it: then its error is the event `error`. */
function prepared<Data extends object>(
  req: NodeRequest,
  attach: () => RequestSession<Data, IncomingMessage>,
  unheard: (error: unknown) => void,
): Promise<NodeRequest> {
  const work = async () => {
    await attach().prepare()
    return req
  }
  return quietly(work(), unheard)
}

function wrapped<Data extends object>(
  handler: Handler,
  attach: (req: NodeRequest, res: NodeResponse) => RequestSession<Data, IncomingMessage>,
) {
  return (req: NodeRequest, res: NodeResponse): unknown => {
    const session = attach(req, res)
    const handle = (): unknown =>
      attempt(
        () => handler(req as never, res as never),
        (error) => session.handlerFailed(error),
      )
    return after(
      outcomeOf(() => session.prepare()),
      (ready) => (ready.done ? handle() : session.loadFailed(ready.error)),
    )
  }
}
