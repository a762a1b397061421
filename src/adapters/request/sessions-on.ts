import type { CommittedSession } from './committed-session.ts'

/**
 * Where a request has the session that it got last, which leads to those of before. Every copy of this code has the same symbol: each
 * finds what another one did (across-copies.ts). On the request itself, as a map by requests, which live for a moment, costs the garbage
 * collection more than all else here.
 */
export const INNERMOST = Symbol.for('untorn.innermost')

type Kept<Req> = CommittedSession<object, Req>

/** The one that a request got last; `null` is in the place of none where a framework asks for a value. */
type Holder<Req> = { [INNERMOST]?: Kept<Req> | null }

/** The session that a request got last; by {@link CommittedSession.outer} it leads to the others. */
export function innermostOn<Req extends object>(request: Req): Kept<Req> | undefined {
  return (request as Holder<Req>)[INNERMOST] ?? undefined
}

/** The one of them that is of these sessions. */
export function sessionOn<Req extends object>(request: Req, sessions: object): Kept<Req> | undefined {
  // The only one, most often.
  let session = innermostOn(request)
  while (session !== undefined && !session.isOf(sessions)) session = session.outer
  return session
}

/** Gives a request a session beside those that it has. */
export function keepOn<Req extends object>(request: Req, session: Kept<Req>): void {
  session.outer = innermostOn(request)
  // Not enumerable: a copy of a request is another one, and has its own.
  Object.defineProperty(request, INNERMOST, { value: session, writable: true, configurable: true })
}

/** Takes from a request one of the sessions that it has. */
export function takeOff<Req extends object>(request: Req, session: Kept<Req>): void {
  const innermost = innermostOn(request)!
  if (Object.is(innermost, session)) {
    ;(request as Holder<Req>)[INNERMOST] = session.outer ?? null
    return
  }
  let inner = innermost
  while (!Object.is(inner.outer, session)) inner = inner.outer!
  inner.outer = session.outer
}
