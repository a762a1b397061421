import type { IncomingMessage, ServerResponse } from 'node:http'
import type { MaybePromise } from '../../contract/wait.ts'
import { MisuseError } from '../../errors.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import { AnsweredSession } from '../request/answered-session.ts'
import type { HeadAdditions } from '../request/head-additions.ts'
import type { Framework } from '../request/host.ts'
import { UnansweredSession } from '../request/unanswered-session.ts'
import { type Head, type HeadHost, watchHead } from './response/head.ts'
import { addToHead } from './response/headers.ts'
import { answerPlainly } from './response/plain-answer.ts'

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
    if (!this.#head.answerInstead(() => answerPlainly(res))) answerPlainly(res)
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
