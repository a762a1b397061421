import { after, attempt, type MaybePromise } from '../../contract/wait.ts'
import type { SetCookie } from '../../cookie/cookie.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import { AnsweredSession } from './answered-session.ts'
import type { HeadAdditions, ResponseHeaders } from './head-additions.ts'
import type { Framework } from './host.ts'

/** A host that has the answer in its hands, and sends it once its session is committed. */
export interface CommittingHost<Req> extends Framework<Req> {
  /** The client has gone, as far as is known. Asked for where a cookie is due. */
  clientIsGone(req: Req): boolean
  /** It gives a request up whose client has gone, and commits while the handler goes on. */
  readonly leavesHandlers?: boolean
  /** Calls `over` when the answer has been sent, or the client has gone; left out where nobody can tell. */
  whenOver?(req: Req, over: () => void): void
}

/**
 * The session of a request whose host calls for the commit itself: when the handler is through, and before anything of its
 * answer has left. Most frameworks are such hosts.
 */
export class CommittedSession<Data extends object, Req> extends AnsweredSession<Data, Req> {
  /** The one that the same request has got before it (sessions-on.ts). */
  outer: CommittedSession<object, Req> | undefined
  readonly #host: CommittingHost<Req>
  /** What commits have given: an answer may be made anew of one that has it already. */
  #added: HeadAdditions[] = []
  #isUnanswered = false
  #isHeld = false

  constructor(sessions: Sessions<Data>, host: CommittingHost<Req>, req: Req) {
    super(sessions, host, req)
    this.#host = host
  }

  /**
   * Says that somebody has the request answered now, and commits the session to that answer, once they call {@link release}. `false`:
   * somebody further out has, within whose handler this is; theirs is the answer that leaves, and the commit.
   */
  hold(): boolean {
    if (this.#isHeld) return false
    this.#isHeld = true
    this.headStays()
    return true
  }

  get isHeld(): boolean {
    return this.#isHeld
  }

  /** The request is answered. Who gives it to an application once more is answered anew. */
  release(): void {
    this.#isHeld = false
    this.forgetFailure()
  }

  /**
   * Saves what there is to save. Whether something is to be added to the answer's head, by {@link addTo}. Throws, or rejects, if it
   * can't be saved: then it is to be added to the answer of the error, as the cookie of what was saved before is due all the same.
   */
  commitAnswer(): MaybePromise<boolean> {
    this.#noteLeft()
    if (this.clientIsGone) this.abandon()
    const committed = attempt(
      () => this.commit(),
      (error) => {
        this.#note(this.due())
        throw error
      },
    )
    return after(committed, (additions) => {
      this.#note(additions)
      return this.#added.length > 0
    })
  }

  /** The request that it is the session of. */
  get request(): Req {
    return this.req
  }

  /** The cookies that all commits have given, for hosts that build them themselves. */
  get cookies(): readonly SetCookie[] {
    return this.#added.flatMap(({ cookies }) => cookies)
  }

  /** Also after a handler that had failed, where another one answers the request: what that one needs has its cookie. */
  override headStays(): void {
    super.headStays()
    if (!this.#isUnanswered) return
    this.#isUnanswered = false
    this.headFollows()
  }

  /** What is to be added is for this visitor alone, such as a cookie. */
  get addsForOne(): boolean {
    return this.#added.some((additions) => additions.private)
  }

  /** Adds to a head what all commits have given. */
  addTo(headers: ResponseHeaders): void {
    for (const additions of this.#added) additions.addTo(headers)
  }

  /**
   * The handler has failed, and whoever answers in its place adds nothing to the head: values are saved, but no session begins, and
   * none gets another id, as no cookie would follow. What can't be saved is the event `error`.
   */
  commitUnanswered(): MaybePromise<void> {
    this.#noteLeft()
    this.#isUnanswered = true
    this.abandon()
    return attempt(
      () => after(this.commit(), () => {}),
      (error) => this.report(error),
    )
  }

  /**
   * An answer was sent past this host, which can add nothing to it any more: values are saved. That a session began for which no
   * cookie could be sent, and is lost, is told as a late change.
   */
  commitSent(): MaybePromise<void> {
    return after(this.commitUnanswered(), () => {
      if (this.openedState?.needsCookie) this.tellOfUnsaved(undefined)
    })
  }

  protected get clientIsGone(): boolean {
    return this.openedState?.needsCookie === true && this.#host.clientIsGone(this.req)
  }

  protected tellWhenOver(): void {
    this.#host.whenOver?.(this.req, () => this.over())
  }

  /** Who made the host's call is told by what it throws. */
  protected answerFailure(): void {}

  #noteLeft(): void {
    if (this.#host.leavesHandlers && this.#host.clientIsGone(this.req)) this.goesOnUnwaited()
  }

  #note(additions: HeadAdditions | undefined): void {
    if (additions === undefined) return
    // One that got another id after it was committed still has one cookie.
    if (this.#added.length > 0) this.#added = this.#added.map((earlier) => earlier.before(additions))
    this.#added.push(additions)
  }
}
