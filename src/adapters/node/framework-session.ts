import type { ServerResponse } from 'node:http'
import { after, attempt, type MaybePromise } from '../../contract/wait.ts'
import { MisuseError } from '../../errors.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import { CommittedSession, type CommittingHost } from '../request/committed-session.ts'
import { ONLY_VARIES, type ResponseHeaders } from '../request/head-additions.ts'
import type { Explicit } from '../request/host.ts'
import type { UnsavedChange } from '../request/request-session.ts'
import { whyNoCookie } from '../request/why-no-cookie.ts'
import { addAsItLeaves } from './response/leaving.ts'

/** A framework over `node:http` that has the answer in its hands, unless a handler takes it out of them. */
export interface FrameworkHost<Req> extends CommittingHost<Req> {
  responseTo(req: Req): ServerResponse
  /** Somebody has answered past the framework, or is about to: nothing is added to the head of that any more. */
  isPassedBy(req: Req): boolean
}

const ANSWERED_PAST: UnsavedChange = {
  code: 'UNTORN_ANSWERED_PAST',
  rest:
    'in a request that was answered past its framework (`reply.hijack()`, `reply.raw`, `ctx.respond = false`, `ctx.res`). A new ' +
    'session, or a new id, needs a cookie, which nothing has added to such an answer: it was not saved, or no client can use ' +
    'it. Let the framework send the answer, a stream as well, or begin the session in a request before.',
}

/**
 * The session of a request that a framework over `node:http` answers. What is changed where a handler answers past the framework is
 * saved all the same, unless a cookie has to follow: then it is refused where it is asked for, or told once the answer is over.
 */
export class FrameworkSession<Data extends object, Req> extends CommittedSession<Data, Req> {
  readonly #host: FrameworkHost<Req>
  #failed = false
  #lost = false

  constructor(sessions: Sessions<Data>, host: FrameworkHost<Req>, req: Req) {
    super(sessions, host, req)
    this.#host = host
  }

  /**
   * Code that runs behind the commit may set the same headers, and an error that nobody has caught gets a head of its own, for which Koa
   * removes all headers. In the error's own a cookie would be where it can be logged, and, of an error that is made once and thrown
   * often, sent to the next visitor.
   */
  protected override opened(): void {
    addAsItLeaves(this.#host.responseTo(this.req), this)
    super.opened()
  }

  /** What is sent past the framework has no commit before it, and depends on the session as much as any other answer. */
  override addTo(headers: ResponseHeaders): void {
    super.addTo(headers)
    if (!this.isAnswered && this.openedState?.varies) ONLY_VARIES.addTo(headers)
  }

  /** As of every such session; once it has failed, the error's answer gets what is due, and nothing is tried again. */
  override commitAnswer(): MaybePromise<boolean> {
    if (this.#failed) return true
    if (this.#host.isPassedBy(this.req)) return this.#commitPassedBy()
    return attempt(
      () => super.commitAnswer(),
      (error) => {
        this.#failed = true
        throw error
      },
    )
  }

  /** As of every answer, but for that of an error of the commit itself. */
  override headStays(): void {
    if (!this.#failed) super.headStays()
  }

  override explicitly(what: Explicit, work: () => MaybePromise<void>): MaybePromise<void> {
    const refusal = this.#isPassedBy ? whyNoCookie(what, this.state, 'begun') : undefined
    if (refusal !== undefined) throw new MisuseError(refusal)
    return super.explicitly(what, work)
  }

  override over(): void {
    if (this.#isPassedBy) this.#tellOfLostCookie()
    super.over()
  }

  protected override get unsavedChange(): UnsavedChange {
    return this.#lost ? ANSWERED_PAST : super.unsavedChange
  }

  /** No commit has been called for, and the answer is not the framework's. */
  get #isPassedBy(): boolean {
    return this.commitFollows && this.#host.isPassedBy(this.req)
  }

  #commitPassedBy(): MaybePromise<boolean> {
    const committing = this.#tellOfLostCookie() ? this.commitUnanswered() : super.commitAnswer()
    return after<unknown, boolean>(committing, () => false)
  }

  /** Whether there is a session, or an id, that the client will never hear of. */
  #tellOfLostCookie(): boolean {
    const state = this.openedState
    if (state === undefined || !(state.needsCookie || state.cookieDue === 'set')) return false
    if (!this.#lost) {
      this.#lost = true
      this.tellOfUnsaved(undefined)
    }
    return true
  }
}
