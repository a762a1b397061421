import type { IncomingMessage, ServerResponse } from 'node:http'
import type { MaybePromise } from '../../contract/wait.ts'
import { MisuseError } from '../../errors.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import { AnsweredSession } from '../request/answered-session.ts'
import type { HeadAdditions } from '../request/head-additions.ts'
import type { Framework } from '../request/host.ts'
import type { RequestSession } from '../request/request-session.ts'
import { UnansweredSession } from '../request/unanswered-session.ts'
import { type Head, type HeadHost, watchHead } from './response/head.ts'
import { addToHead } from './response/headers.ts'
import { answerPlainly } from './response/plain-answer.ts'

// Of every copy of this code (across-copies.ts): each finds on a request what another one did to it.
const SESSION = Symbol.for('untorn.request')
type NodeRequestSession<Data extends object> = RequestSession<Data, IncomingMessage>
type Attached = IncomingMessage & { [SESSION]: NodeRequestSession<object> }

/** Gives a request its session. Throws {@link MisuseError} where that can't work. */
export function attachSession<Data extends object>(
  sessions: Sessions<Data>,
  framework: Framework<IncomingMessage>,
  req: IncomingMessage,
  res: ServerResponse,
  answerError: (error: unknown) => void,
): NodeRequestSession<Data> {
  refuseMisuse(req, res)
  const session = isResponse(res)
    ? new NodeSession(sessions, framework, req, res, answerError)
    : new UpgradeSession(sessions, framework, req)
  ;(req as Attached)[SESSION] = session as unknown as NodeRequestSession<object>
  Object.defineProperty(req, 'session', SESSION_PROPERTY)
  Object.defineProperty(req, 'sessionID', ID_PROPERTY)
  return session
}

function refuseMisuse(req: IncomingMessage, res: ServerResponse): void {
  if (typeof res !== 'object' || res === null) {
    throw new MisuseError(
      'sessions() was given a request without its response. Pass it on as the second argument; at an upgrade, which ' +
        'has none, `{}`.',
    )
  }
  if (SESSION in req) {
    throw new MisuseError(
      'sessions() is mounted twice on this request. Mount it once, in front of everything that uses `req.session`.',
    )
  }
  if (res.headersSent) {
    throw new MisuseError(
      "sessions() was reached after the response's head had left, so no session could be saved. Mount it in front of " +
        'what answers.',
    )
  }
  if ((req as { session?: unknown }).session !== undefined) {
    throw new MisuseError('`req.session` is there already, from another library. Use one of the two.')
  }
}

const refuseAssignment = () => {
  throw new MisuseError(
    "`req.session` can't be assigned. To end the session call `req.session.destroy()`, to empty it " +
      '`req.session.clear()`.',
  )
}

// Not enumerable: whoever copies or logs a request does not mean to open its session.
const SESSION_PROPERTY: PropertyDescriptor = {
  get(this: Attached) {
    return this[SESSION].plain
  },
  set: refuseAssignment,
  configurable: true,
}

const ID_PROPERTY: PropertyDescriptor = {
  get(this: Attached) {
    return this[SESSION].plain.id
  },
  set: refuseAssignment,
  configurable: true,
}

/** Whether it is a response, and not what stands in for one at an upgrade: `{}`, or the connection. */
export function isResponse(res: unknown): res is ServerResponse {
  const { writeHead, on } = (res ?? {}) as Partial<ServerResponse>
  return typeof writeHead === 'function' && typeof on === 'function'
}

/** The session of a request of Node.js that is answered: committed before the response's head leaves. */
export class NodeSession<Data extends object>
  extends AnsweredSession<Data, IncomingMessage>
  implements HeadHost
{
  readonly #res: ServerResponse
  readonly #answerError: (error: unknown) => void
  readonly #head: Head

  /** `answerError` is told of a commit that failed; the response is then clean, for an error's answer. */
  constructor(
    sessions: Sessions<Data>,
    framework: Framework<IncomingMessage>,
    req: IncomingMessage,
    res: ServerResponse,
    answerError: (error: unknown) => void,
  ) {
    super(sessions, framework, req)
    this.#res = res
    this.#answerError = answerError
    this.#head = watchHead(res, this)
  }

  beforeHead(): MaybePromise<HeadAdditions | undefined> {
    if (Object.hasOwn(this.req, 'session')) return this.commit()
    this.giveUp()
    throw new MisuseError(
      '`delete req.session` does not end a session, and what was changed in it was not saved. ' +
        'Call `req.session.destroy()`.',
    )
  }

  headFailed(error: unknown): void {
    if (this.isAbandoned) {
      this.report(error)
      return
    }
    // The error's answer carries what was saved before the failure: a new id that it left out would be lost.
    const due = this.due()
    if (due) addToHead(this.#res, due)
    try {
      this.#answerError(error)
    } catch (thrown) {
      // Nobody stands above: a commit may end when nobody's call is under way any more.
      this.report(thrown)
      answerPlainly(this.#res)
    }
  }

  protected answerFailure(): void {
    const res = this.#res
    if (this.#head.answerInstead(() => answerPlainly(res)) || this.#head.holdsWholeAnswer) return
    answerPlainly(res)
  }

  protected get clientIsGone(): boolean {
    return this.#res.destroyed
  }

  protected tellWhenOver(): void {
    this.#res.on('close', () => this.over())
  }
}

/** The session of an upgrade to a WebSocket. */
export class UpgradeSession<Data extends object> extends UnansweredSession<Data, IncomingMessage> {
  /** Whoever waits for an answer waits for ever otherwise. */
  protected answerFailure(): void {
    this.req.socket?.destroy()
  }

  protected tellWhenOver(): void {
    this.req.socket?.once('close', () => this.over())
  }
}
