import type { Sessions } from '../../sessions/create-sessions.ts'
import { CommittedSession, type CommittingHost } from '../request/committed-session.ts'
import type { PlainSession } from '../request/plain-session.ts'
import { type FetchEvent, refusalInCached } from './event.ts'

/**
 * The session of an event of h3 2. A handler whose answer is kept gets the event with a request in the place of its own that has no
 * cookies, or those that are part of the answer's key: a session that was opened by those would be nobody's, and take the visitor's
 * place; one of which they do not tell would be shown to the next visitor.
 */
export class EventSession<Data extends object> extends CommittedSession<Data, FetchEvent> {
  readonly #request: Request

  constructor(sessions: Sessions<Data>, host: CommittingHost<FetchEvent>, event: FetchEvent) {
    super(sessions, asItCame(host, event.req), event)
    this.#request = event.req
  }

  override get plain(): PlainSession<Data> {
    const { req } = this.req
    if (req === this.#request) return super.plain
    if (!this.isOfVisitor(req.headers.get('cookie') ?? undefined)) throw refusalInCached()
    return this.kept
  }
}

/** Whatever request the event has by now. */
function asItCame(host: CommittingHost<FetchEvent>, req: Request): CommittingHost<FetchEvent> {
  return {
    ...host,
    cookieOf: () => host.cookieOf({ req } as FetchEvent),
    headerOf: () => host.headerOf({ req } as FetchEvent),
    isSecure: ({ url }) => host.isSecure({ req, url } as FetchEvent),
  }
}
