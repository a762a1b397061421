import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { after, type MaybePromise } from '../../contract/wait.ts'
import { statusOf } from '../../errors.ts'
import { attachSession } from '../node/attach.ts'
import type { Mount } from '../node/node-session.ts'
import { tellOfFailure } from '../request/failure.ts'
import type { AnySession } from '../request/shown.ts'
import { isCached, isKept, type NodeEvent, onContext } from './event.ts'

/** The hooks of an application of h3 1, as far as they matter here. */
interface Hooks {
  onRequest?: (event: NodeEvent) => MaybePromise<void>
  onError?: (error: Error, event: NodeEvent) => MaybePromise<unknown>
  onAfterResponse?: (event: NodeEvent, response: unknown) => MaybePromise<void>
}

/** An application of h3 1. */
export interface NodeApp {
  readonly options: object
  readonly stack: readonly unknown[]
}

/**
 * Gives an event of h3 1 its session. What h3 and its handlers write is watched on the response of Node.js that it stands on, since
 * most of it (`sendRedirect`, `sendStream`, errors) passes no hook that could wait.
 *
 * `hooks`: of the application, where it is known. h3 tells nobody else of its `onError`.
 */
export function attachEvent<Data extends object>(
  mount: Mount<Data>,
  event: NodeEvent,
  hooks: Hooks = {},
): MaybePromise<void> {
  const { req, res } = event.node
  const fetching = sessionOfFetching(mount, req)
  if (fetching !== undefined) return onContext.show(event.context, fetching)
  const session = attachSession(mount, req, res, (error) => {
    if (hooks.onError === undefined) tellOfFailure(mount.sessions, 'session', error)
    else mount.sessions.report({ type: 'error', error })
    answer(event, new UnsavedError(error), hooks).catch((failure) => {
      mount.sessions.report({ type: 'error', error: failure })
      res.destroy()
    })
  })
  // `event.node.req.session` is the same, and handed on to handlers whose answers are kept.
  session.isKept = () => isKept(event.context)
  onContext.show(event.context, session as unknown as AnySession)
  return session.prepare()
}

/** Nitro's, in which it finds the context of the event that has fetched it. */
type FetchedWithin = IncomingMessage & { readonly __unenv__?: unknown }

/**
 * What a request fetches within (`event.$fetch` of Nitro, and so `useFetch` of a page of Nuxt) has its session: the answer of the one
 * within is read by a handler, and not by the browser, so that a cookie on it would be lost, and nobody would know that what was made of
 * it depends on the session. Unless it comes as somebody else, is for an answer that is kept for everybody, or is later than the answer
 * that is to have the cookie.
 */
function sessionOfFetching<Data extends object>(
  { sessions, framework }: Mount<Data>,
  req: FetchedWithin,
): AnySession | undefined {
  const context = req.__unenv__
  if (typeof context !== 'object' || context === null || isCached(context)) return undefined
  const session = onContext.on(context)
  if (session === undefined || !session.isOf(sessions) || !session.commitFollows) return undefined
  return session.isOfVisitor(framework.cookieOf(req)) ? session : undefined
}

/** As h3 1 answers what a handler has thrown. */
async function answer(event: NodeEvent, error: UnsavedError, { onError }: Hooks): Promise<void> {
  const { res } = event.node
  res.statusCode = error.statusCode
  await onError?.(error, event)
  if (res.headersSent || res.writableEnded) return
  res.setHeader('content-type', 'application/json')
  res.end(JSON.stringify({ ...error.toJSON(), stack: [] }, undefined, 2))
}

/** What h3 1 makes of an error that is none of its own, and takes for one of its own wherever it looks. */
class UnsavedError extends Error {
  static readonly __h3_error__ = true
  readonly statusCode: number
  readonly fatal = false
  readonly unhandled = true

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : 'The session could not be saved.', { cause })
    this.statusCode = statusOf(cause)
  }

  toJSON(): object {
    return { statusCode: this.statusCode, statusMessage: '', message: 'The session could not be saved.' }
  }
}

/** Has each event of an application have its session, before anything else sees it. */
export function installIn<Data extends object>(mount: Mount<Data>, app: NodeApp): void {
  const hooks = app.options as Hooks
  const { onRequest, onError, onAfterResponse } = hooks
  hooks.onRequest = async (event) => {
    await onRequest?.(event)
    await attachEvent(mount, event, onError === undefined ? {} : { onError })
  }
  hooks.onAfterResponse = async (event, response) => {
    await sent(event.node.res)
    await onAfterResponse?.(event, response)
  }
  if (onError === undefined) return
  hooks.onError = async (error, event) => {
    await onError(error, event)
    await sent(event.node.res)
  }
}

/**
 * Who calls an application without a server, as Nitro does for cloud functions and for its own `$fetch`, takes the answer when the
 * handler is through. `h3` is, while a commit is under way, and what it has said is held.
 */
function sent(res: ServerResponse): MaybePromise<void> {
  const held = '__unenv__' in res && res.headersSent && !res.writableEnded
  return held ? after(once(res, 'finish'), () => {}) : undefined
}
