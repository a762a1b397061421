import type { SessionStore } from '../../contract/store.ts'
import type { MaybePromise } from '../../contract/wait.ts'
import { invalidArgument } from '../../errors.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { AnyData } from '../../values/data.ts'
import type { CommittedSession } from '../request/committed-session.ts'
import type { PlainSession } from '../request/plain-session.ts'
import { assertResponse, committedTo, isResponse } from './answer.ts'
import { type FetchRequest, isRequest } from './host.ts'
import { answeredBy, FetchMount, type FetchSessionsOptions } from './mount.ts'

/** What `sessions()` of `untorn/fetch` returns. */
export interface FetchSessions<Data extends object = AnyData> {
  /**
   * Answers a request with its session: `app.handle(request, async (session) => new Response(...))`. What changed is saved before
   * the response is handed on, and so before anything of its body is sent. A response that is thrown counts as returned.
   *
   * Any other error of the handler is thrown on: values that it had changed before are saved, but no new session begins, as whoever
   * answers the error sends no cookie. Rejects with what the store throws, when loading or saving (`StoreUnavailableError` and the
   * others have a `status`), with `MisuseError` (`UNTORN_MISUSE`) for a handler that returns no response, and with a `TypeError`
   * (`UNTORN_INVALID_ARGUMENT`) for what is no request or no handler.
   *
   * A handler may pass the same request on to another `handle`: it has the same session there, and is saved once the outermost
   * handler has its response.
   */
  handle(
    request: Request,
    handler: (session: PlainSession<Data>, request: Request) => Response | Promise<Response>,
  ): Promise<Response>
  /**
   * The same in two steps, for a host that is no function of a request: `const { session, commit } = await app.open(request)`, and
   * `await commit(response)` once the answer is made. Without `commit` nothing is saved. Rejects if the session can't be loaded; a
   * store that loads at once is asked where `session` is read, which throws then.
   */
  open(request: Request): Promise<OpenedRequest<Data>>
  readonly sessions: Sessions<Data>
  /** Closes the store, so that the process can exit: once the server has stopped. */
  close(): MaybePromise<void>
}

/** A request whose session is open. */
export interface OpenedRequest<Data extends object = AnyData> {
  /** Values as plain properties, and the methods beside them. */
  readonly session: PlainSession<Data>
  /**
   * Saves what changed, and adds to the head what is due: the cookie, `Vary`, `Cache-Control`. Given a response it resolves to
   * that one, or to a new one where a cookie is due, or its headers can't be changed. Given a `Headers` it adds to it; of what else `new Headers()`
   * takes it makes one.
   *
   * Rejects if it can't be saved, and cancels the body of the response, which nobody is to read then: add `due()` to the answer of the
   * error. A session that another request has ended is no reason: the answer stays, and nothing is stored.
   *
   * Where the answer is made anew, as by an error handler, commit that one as well: it gets what is due, too.
   */
  commit(response: Response): Promise<Response>
  commit(headers?: HeadersGiven): Promise<Headers>
  /** After a `commit` that failed: what the head of the error's answer needs, as a sign-in may have been saved before. */
  due(headers?: HeadersGiven): Headers
}

/** A `Headers`, or what one can be made of. */
export type HeadersGiven = ConstructorParameters<typeof Headers>[0]

/** `defaultStore`: where the options name none. */
export function fetchSessions<Data extends object>(
  options: FetchSessionsOptions<Data>,
  defaultStore: () => SessionStore,
): FetchSessions<Data> {
  const mount = new FetchMount<Data>(options, defaultStore)
  return {
    sessions: mount.sessions,
    close: mount.close,
    async open(request) {
      const session = mount.of(asRequest(request))
      try {
        await session.prepare()
      } catch (error) {
        session.forgetFailure()
        throw error
      }
      return new Opened<Data>(session)
    },
    async handle(request, handler) {
      const before = mount.of(asRequest(request))
      if (typeof handler !== 'function') {
        throw invalidArgument('handler', 'a function is needed: `handle(request, (session) => response)`')
      }
      // One that is handled once more is saved once more; after one that has failed nothing of that is there any more.
      const session = before.isAnswered ? before : mount.toAnswer(request)
      return answeredBy(session, async (_, outermost) => {
        const answer = await answered(session, () => handler(session.plain, request), outermost)
        return outermost ? committedTo(session, answer) : answer
      })
    },
  }
}

/** What a handler answers, or throws for an answer. */
async function answered<Data extends object>(
  session: CommittedSession<Data, FetchRequest>,
  handle: () => Response | Promise<Response>,
  outermost: boolean,
): Promise<Response> {
  try {
    const answer = await handle()
    assertResponse(answer)
    return answer
  } catch (thrown) {
    if (isResponse(thrown)) return thrown
    if (outermost) await session.commitUnanswered()
    throw thrown
  }
}

function asRequest(request: unknown): FetchRequest {
  if (isRequest(request)) return request
  throw invalidArgument('request', 'a `Request` is needed, as fetch hosts hand it over')
}

class Opened<Data extends object> implements OpenedRequest<Data> {
  readonly #session: CommittedSession<Data, FetchRequest>

  constructor(session: CommittedSession<Data, FetchRequest>) {
    this.#session = session
    // Taken apart most often: `const { session, commit } = ...`.
    this.commit = this.commit.bind(this) as typeof this.commit
    this.due = this.due.bind(this)
  }

  get session(): PlainSession<Data> {
    return this.#session.plain
  }

  commit(response: Response): Promise<Response>
  commit(headers?: HeadersGiven): Promise<Headers>
  async commit(to?: Response | HeadersGiven): Promise<Response | Headers> {
    if (isResponse(to)) return committedTo(this.#session, to)
    const headers = asHeaders(to)
    await this.#session.commitAnswer()
    return this.#added(headers)
  }

  due(headers?: HeadersGiven): Headers {
    return this.#added(asHeaders(headers))
  }

  #added(headers: Headers): Headers {
    this.#session.addTo(headers)
    return headers
  }
}

function asHeaders(given: HeadersGiven): Headers {
  const { append, getSetCookie } = (given ?? {}) as Partial<Headers>
  // Hosts bring classes of their own.
  if (typeof append === 'function' && typeof getSetCookie === 'function') return given as Headers
  try {
    return new Headers(given)
  } catch {
    throw invalidArgument(
      'headers',
      'a `Response`, a `Headers` or what one can be made of is needed, or nothing',
    )
  }
}
