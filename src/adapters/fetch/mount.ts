import type { SessionStore } from '../../contract/store.ts'
import type { MaybePromise } from '../../contract/wait.ts'
import { asBoolean } from '../../options/checks.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { AnyData } from '../../values/data.ts'
import { CommittedSession, type CommittingHost } from '../request/committed-session.ts'
import { refuseSameCookie, uncalled } from '../request/mistakes.ts'
import type { SessionName } from '../request/session-name.ts'
import { mountOf, refuseOther, type SessionsSource } from '../request/sessions-of.ts'
import { innermostOn, keepOn, sessionOn, takeOff } from '../request/sessions-on.ts'
import { type FetchRequest, fetchHost, isRequest } from './host.ts'

/** The options of `createSessions`, or `{ sessions }`; and what a fetch host has besides. */
export type FetchSessionsOptions<Data extends object = AnyData> = SessionsSource<Data> & {
  /**
   * Whether the first value of `X-Forwarded-Proto` says if a request came over https. Default: `false`, so that its URL says it.
   * Set it where a proxy of yours stands before this server and sets that header itself: from anybody else it is a claim.
   */
  trustProxy?: boolean
}

/** Where a host knows more of a request. `cookieFollows`: as `fetchHost` takes it. */
type OwnHost = (usual: CommittingHost<FetchRequest>, cookieFollows: boolean) => CommittingHost<FetchRequest>

type Served<Data extends object> = CommittedSession<Data, FetchRequest>

/** Sessions by which the requests of a fetch host are served. */
export class FetchMount<Data extends object> {
  readonly sessions: Sessions<Data>
  /** Closes the store. */
  readonly close: () => MaybePromise<void>
  readonly #host: CommittingHost<FetchRequest>
  readonly #name: SessionName | undefined

  /** Throws what `createSessions` throws. `defaultStore`: where the options name none. `name`: what handlers call the session. */
  constructor(
    options: object,
    defaultStore: () => SessionStore,
    host: OwnHost = (usual) => usual,
    name?: SessionName,
  ) {
    if (isRequest(options)) {
      throw uncalled(
        'a request',
        '`const app = sessions()`, and `fetch: (request) => app.handle(request, handler)`',
      )
    }
    refuseOther(options)
    const { trustProxy = false, ...source } = options as { trustProxy?: boolean }
    const trusts = asBoolean('trustProxy', trustProxy)
    const { sessions, close, cookieFollows } = mountOf<Data>(source, defaultStore, name)
    this.sessions = sessions
    this.close = close
    this.#host = host(fetchHost(trusts, cookieFollows), cookieFollows)
    this.#name = name
  }

  /** The session of a request, which is to be prepared before a handler gets it: one that passes through several handlers has one. */
  of(request: FetchRequest): Served<Data> {
    return (sessionOn(request, this.sessions) as Served<Data> | undefined) ?? this.#newOf(request)
  }

  /**
   * The same for whoever answers the request, and is to hold it. One that was answered before, or whose handler has failed, and is given to
   * the application once more, has a session of its own for that, as nothing follows on the commit of before. Throws
   * {@link MisuseError} within the handler of a mount of other sessions under the same cookie.
   */
  toAnswer(request: FetchRequest): Served<Data> {
    const there = this.of(request)
    if (there.isHeld) return there
    for (let other = innermostOn(request); other !== undefined; other = other.outer) {
      if (other.isHeld) refuseSameCookie(this.sessions, other, this.#name)
    }
    if (there.isUncommitted) return there
    takeOff(request, there as unknown as Served<object>)
    return this.#newOf(request)
  }

  /**
   * Has `work` answer a request by its session, which is open: it commits it where it is the `outermost` of those that answer the request
   * one within the other. Rejects as {@link toAnswer} throws, and with what the store throws.
   */
  async answer<T>(
    request: FetchRequest,
    work: (session: Served<Data>, outermost: boolean) => T | Promise<T>,
  ): Promise<T> {
    return answeredBy(this.toAnswer(request), work)
  }

  #newOf(request: FetchRequest): Served<Data> {
    const session = new CommittedSession<Data, FetchRequest>(this.sessions, this.#host, request)
    keepOn(request, session as unknown as Served<object>)
    return session
  }
}

/** The same as {@link FetchMount.answer}, by the session that is to answer. */
export async function answeredBy<Data extends object, T>(
  session: Served<Data>,
  work: (session: Served<Data>, outermost: boolean) => T | Promise<T>,
): Promise<T> {
  const outermost = session.hold()
  try {
    await session.prepare()
    return await work(session, outermost)
  } finally {
    if (outermost) session.release()
  }
}
