import type { Sessions } from '../../sessions/create-sessions.ts'
import { CommittedSession, type CommittingHost } from '../request/committed-session.ts'
import type { PlainSession } from '../request/plain-session.ts'
import { type FetchEvent, refusalInCached } from './event.ts'

/**
 * The session of an event of h3 2. A handler whose answer is kept for everybody gets the event with a request that has no cookies in the place of
 * its own: a session that was opened there would be nobody's, and take the visitor's place; one that was opened before would tell the next visitor
 * of this one.
 */
export class EventSession<Data extends object> extends CommittedSession<Data, FetchEvent> {
  readonly #request: Request

  constructor(sessions: Sessions<Data>, host: CommittingHost<FetchEvent>, event: FetchEvent) {
    super(sessions, host, event)
    this.#request = event.req
  }

  override get plain(): PlainSession<Data> {
    const { req } = this.req
    if (req !== this.#request && this.#shownBy(req) !== this.#shownBy(this.#request)) throw refusalInCached()
    return super.plain
  }

  /** The values of its cookie, whatever prefix the name has. Who keeps answers may write the header anew. */
  #shownBy({ headers }: Request): string {
    const { name } = this.cookie
    const pairs = (headers.get('cookie') ?? '').split(/; */)
    return pairs
      .filter((pair) => pair.slice(0, Math.max(pair.indexOf('='), 0)).endsWith(name))
      .sort()
      .join()
  }
}
