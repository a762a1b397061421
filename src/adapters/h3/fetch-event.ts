import { after, attempt, type MaybePromise, outcomeOf } from '../../contract/wait.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import { letGo } from '../fetch/answer.ts'
import { alsoOnNode, type FetchRequest, fetchHost } from '../fetch/host.ts'
import { addAsItLeaves } from '../node/response/leaving.ts'
import type { CommittedSession, CommittingHost } from '../request/committed-session.ts'
import type { ResponseHeaders } from '../request/head-additions.ts'
import type { AnySession } from '../request/shown.ts'
import { type FetchEvent, onContext } from './event.ts'
import { EventSession } from './event-session.ts'

/** What h3 2 takes for an answer that a handler of Node.js has sent past it. */
const HANDLED = Symbol.for('h3.handled')
/** And for none, of which it makes an error later. */
const NOT_FOUND = Symbol.for('h3.notFound')

/** How h3 2 shows a request. */
export function fetchEvents(trustProxy: boolean, cookieFollows: boolean): CommittingHost<FetchEvent> {
  const host = fetchHost(trustProxy, cookieFollows)
  const shown: CommittingHost<FetchEvent> = {
    cookieOf: ({ req }) => host.cookieOf(req),
    headerOf: ({ req }) => host.headerOf(req),
    methodOf: ({ req }) => host.methodOf(req),
    isSecure: ({ req, url }) => host.isSecure({ headers: req.headers, url: url.protocol } as FetchRequest),
    onInsecureCookie: ({ req }) => host.onInsecureCookie(req),
    clientIsGone: ({ req }) => host.clientIsGone(req),
  }
  return alsoOnNode(shown, ({ runtime }) => runtime?.node?.res)
}

/**
 * Has the rest of h3's chain answer an event with its session, and commits that before h3 makes a response of the answer. Whatever
 * it is, a text, a stream or a `Response`: h3 adds to it what is prepared in `event.res`. Nothing here waits that needs not:
 * h3 answers at once where its handlers do.
 */
export function serveEvent<Data extends object>(
  sessions: Sessions<Data>,
  host: CommittingHost<FetchEvent>,
  event: FetchEvent,
  next: () => unknown,
): unknown {
  const outer = onContext.on(event.context)
  const isSame = outer?.isOf(sessions) === true
  // Behind its commit nothing of an outer one is saved any more: who asks then, on the same context, has a session of their own.
  if (isSame && outer!.commitFollows) return next()
  if (outer !== undefined && !isSame) onContext.refuseSameCookie(sessions, outer)
  const session = new EventSession<Data>(sessions, host, event)
  onContext.show(event.context, session as unknown as AnySession)
  const answering = new Answering<Data>(event, sessions, session)
  const answered = outcomeOf(() => after(session.prepare(), () => answering.by(next)))
  return after(answered, (outcome) => {
    if (outer !== undefined) onContext.show(event.context, outer)
    if (!outcome.done) throw outcome.error
    return outcome.value
  })
}

class Answering<Data extends object> {
  readonly #event: FetchEvent
  readonly #sessions: Sessions<Data>
  readonly #session: CommittedSession<Data, FetchEvent>

  constructor(event: FetchEvent, sessions: Sessions<Data>, session: CommittedSession<Data, FetchEvent>) {
    this.#event = event
    this.#sessions = sessions
    this.#session = session
  }

  by(next: () => unknown): MaybePromise<unknown> {
    return after(outcomeOf(next), (outcome) => {
      if (outcome.done) return this.#answered(outcome.value)
      return after(this.#failed(outcome.error), () => {
        throw outcome.error
      })
    })
  }

  #answered(answer: unknown): MaybePromise<unknown> {
    if (answer === HANDLED || answer === NOT_FOUND || answer instanceof Error || isUpgrade(answer)) {
      return after(this.#failed(answer), () => answer)
    }
    return attempt(
      () =>
        after(this.#session.commitAnswer(), (adds) => {
          if (adds) this.#addTo(answer)
          return answer
        }),
      (error) => {
        letGo(answer)
        this.#addToError()
        throw error
      },
    )
  }

  /** The error stays the answer; that the session could not be saved beside it is told. */
  #failed(instead: unknown): MaybePromise<void> {
    if (instead === HANDLED || isUpgrade(instead)) return this.#session.commitSent()
    const committed = attempt(
      () => this.#session.commitAnswer(),
      (error) => {
        this.#sessions.report({ type: 'error', error })
        return true
      },
    )
    return after(committed, (adds) => {
      if (adds) this.#addToError()
    })
  }

  /** Which of the prepared headers h3 adds to an answer depends on what it is; they stand in the place of those it has. */
  #addTo(answer: unknown): void {
    const { res } = this.#event
    const prepared = answer instanceof Response && answer.status >= 400 ? res.errHeaders : res.headers
    const own = ownHeaders(answer)
    this.#session.addTo(own === undefined ? prepared : new PreparedHeaders(prepared, own))
    if (this.#session.addsForOne) this.#addAsItLeaves()
  }

  #addToError(): void {
    const { res } = this.#event
    this.#session.addTo(res.errHeaders)
    this.#session.addTo(res.headers)
    this.#addAsItLeaves()
  }

  /**
   * A middleware in front may still set what it likes; and `onError` may answer with something that is no error, and with a `Response`,
   * to which h3 adds nothing: on Node.js the head is looked at once more when it leaves.
   */
  #addAsItLeaves(): void {
    const below = this.#event.runtime?.node?.res
    if (below !== undefined && !below.headersSent) addAsItLeaves(below, this.#session)
  }
}

/** What is made of these by h3 is no copy that has everything: crossws looks for its hooks in the response itself. */
function isUpgrade(answer: unknown): boolean {
  return answer instanceof Response && 'crossws' in answer
}

function ownHeaders(answer: unknown): ResponseHeaders | undefined {
  const { headers } = (answer ?? {}) as { headers?: Partial<Headers> }
  return typeof headers?.getSetCookie === 'function' ? (headers as ResponseHeaders) : undefined
}

/** Headers that h3 adds to those of an answer, in whose place they stand. */
class PreparedHeaders implements ResponseHeaders {
  readonly #prepared: ResponseHeaders
  readonly #own: ResponseHeaders

  constructor(prepared: ResponseHeaders, own: ResponseHeaders) {
    this.#prepared = prepared
    this.#own = own
  }

  get(name: string): string | null | undefined {
    return this.#prepared.get(name) ?? this.#own.get(name)
  }

  set(name: string, value: string): void {
    this.#prepared.set(name, value)
  }

  append(name: string, value: string): void {
    this.#prepared.append(name, value)
  }

  getSetCookie(): string[] {
    return [...this.#own.getSetCookie(), ...this.#prepared.getSetCookie()]
  }
}
