import type { SessionStore } from '../../contract/store.ts'
import { MisuseError } from '../../errors.ts'
import { asBoolean } from '../../options/checks.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { AnyData } from '../../values/data.ts'
import { CommittedSession, type CommittingHost } from '../request/committed-session.ts'
import { cookieFollowsRequest, refuseOther, type SessionsSource, sessionsOf } from '../request/sessions-of.ts'
import { type FetchRequest, fetchHost, isRequest } from './host.ts'

const NOT_CALLED =
  '`sessions` was passed on without being called, and was given a request. Write `const app = sessions()`, and ' +
  '`fetch: (request) => app.handle(request, handler)`.'

/** The options of `createSessions`, or `{ sessions }`; and what a fetch host has besides. */
export type FetchSessionsOptions<Data extends object = AnyData> = SessionsSource<Data> & {
  /**
   * Whether the first value of `X-Forwarded-Proto` says if a request came over https. Default: `false`, so that its URL says it.
   * Set it where a proxy of yours stands before this server and sets that header itself: from anybody else it is a claim.
   */
  trustProxy?: boolean
}

const slots = new WeakMap<object, symbol>()

/** Of mounts of the same sessions it is the same. */
function slotOf(sessions: object): symbol {
  const slot = slots.get(sessions) ?? Symbol('untorn')
  slots.set(sessions, slot)
  return slot
}

/** Sessions by which the requests of a fetch host are served. */
export class FetchMount<Data extends object> {
  readonly sessions: Sessions<Data>
  readonly #host: CommittingHost<FetchRequest>
  /**
   * Where a request keeps its session: one that passes through several handlers has one. A map by requests, which live for a moment,
   * costs its garbage collection more than all else here.
   */
  readonly #slot: symbol

  /**
   * Throws what `createSessions` throws. `defaultStore`: where the options name none. `host`: where it knows more of a request.
   * `as`: what a session that is not the only one of a request is called.
   */
  constructor(
    options: FetchSessionsOptions<Data>,
    defaultStore: () => SessionStore,
    host: (usual: CommittingHost<FetchRequest>) => CommittingHost<FetchRequest> = (usual) => usual,
    as?: string,
  ) {
    if (isRequest(options)) throw new MisuseError(NOT_CALLED)
    refuseOther(options)
    const { trustProxy = false, ...source } = options
    const follows = cookieFollowsRequest(source as SessionsSource<Data>)
    this.#host = host(fetchHost(asBoolean('trustProxy', trustProxy), follows))
    this.sessions = sessionsOf<Data>(source as SessionsSource<Data>, defaultStore, as)
    this.#slot = slotOf(this.sessions)
  }

  /** The session of a request, which is to be prepared before a handler gets it. */
  of(request: FetchRequest): CommittedSession<Data, FetchRequest> {
    const slots = request as unknown as { [slot: symbol]: CommittedSession<Data, FetchRequest> | undefined }
    const there = slots[this.#slot]
    return there ?? this.#newOf(request)
  }

  /**
   * The same for whoever answers the request, and not within somebody else who does: one that was answered before, or whose handler has
   * failed, and is given to the application once more, has a session of its own for that, as nothing follows on the commit of before.
   */
  toAnswer(request: FetchRequest): CommittedSession<Data, FetchRequest> {
    const there = this.of(request)
    return there.isUncommitted ? there : this.#newOf(request)
  }

  #newOf(request: FetchRequest): CommittedSession<Data, FetchRequest> {
    const session = new CommittedSession<Data, FetchRequest>(this.sessions, this.#host, request)
    // Not enumerable: a copy of a request is another one, and has its own.
    Object.defineProperty(request, this.#slot, { value: session, writable: true, configurable: true })
    return session
  }
}
