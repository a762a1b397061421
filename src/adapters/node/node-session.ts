import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type MaybePromise, run, type Steps, settled } from '../../contract/wait.ts'
import { MisuseError } from '../../errors.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import { AnsweredSession } from '../request/answered-session.ts'
import type { ResponseHeaders } from '../request/head-additions.ts'
import type { Framework } from '../request/host.ts'
import { UnansweredSession } from '../request/unanswered-session.ts'
import type { SessionProperty } from './property.ts'
import { isGone } from './response/gone.ts'
import { type AddsToHead, type Head, type HeadHost, watchHead } from './response/head.ts'
import { addToHead } from './response/headers.ts'
import { answerPlainly } from './response/plain-answer.ts'
import { outlivesReset } from './upgrade-socket.ts'

/** What a session of Node.js belongs to, as the middleware that gives it to a request says it. */
export interface Mount<Data extends object> {
  readonly sessions: Sessions<Data>
  readonly framework: Framework<IncomingMessage>
  readonly property: SessionProperty
}

/**
 * The session of a request of Node.js that is answered: committed before the response's head leaves. Of several on one
 * request the first watches the response, and has the others committed with it.
 */
export class NodeSession<Data extends object>
  extends AnsweredSession<Data, IncomingMessage>
  implements HeadHost
{
  readonly #res: ServerResponse
  readonly #as: string
  readonly #answerError: (error: unknown) => void
  readonly #head: Head
  /** All of the request's, this one included, where it is not the only one; with the first of them alone. */
  #all: NodeSession<object>[] | undefined
  /** Of the first: which of them has failed. */
  #failed: NodeSession<object> | undefined
  /** What is still to be added to the head of an error's answer. */
  #left: AddsToHead | undefined
  #deletionRefused = false

  /**
   * `answerError` is told of a commit that failed; the response is then clean, for an error's answer. `head`: the watch that
   * the response has already, for another session.
   */
  constructor(
    { sessions, framework, property }: Mount<Data>,
    req: IncomingMessage,
    res: ServerResponse,
    answerError: (error: unknown) => void,
    head: Head | undefined,
  ) {
    super(sessions, framework, req)
    this.#res = res
    this.#as = property.as
    this.#answerError = answerError
    this.#head = head ?? watchHead(res, this)
    if (head !== undefined)
      (head.host as NodeSession<object>).joinedBy(this as unknown as NodeSession<object>)
  }

  /** Another session of the same request is committed with this one. */
  joinedBy(other: NodeSession<object>): void {
    this.#all ??= [this as unknown as NodeSession<object>]
    this.#all.push(other)
  }

  /** Those that are committed with this one, which watches the response. */
  get together(): readonly NodeSession<object>[] {
    return this.#all ?? [this as unknown as NodeSession<object>]
  }

  beforeHead(): MaybePromise<AddsToHead | undefined> {
    return this.#all === undefined ? this.commitOwn() : run(this.#commitAll(this.#all))
  }

  /** This session alone. */
  commitOwn(): MaybePromise<AddsToHead | undefined> {
    if (Object.hasOwn(this.req, this.#as)) return this.commit()
    this.giveUp()
    this.#deletionRefused = true
    throw this.#deletion()
  }

  #deletion(): MisuseError {
    return new MisuseError(
      `\`delete req.${this.#as}\` does not end a session, and what was changed in it was not saved. ` +
        `Call \`req.${this.#as}.destroy()\`.`,
    )
  }

  /** Each on its own: what one could not save is no reason to lose what another one could. The first failure is answered. */
  *#commitAll(all: readonly NodeSession<object>[]): Steps<AddsToHead | undefined> {
    const additions: AddsToHead[] = []
    let failure: { error: unknown } | undefined
    for (const session of all) {
      try {
        const added = yield* settled(session.commitOwn())
        if (added !== undefined) additions.push(added)
      } catch (error) {
        const due = session.due()
        if (due !== undefined) additions.push(due)
        if (failure !== undefined) this.report(error)
        else this.#failed = session
        failure ??= { error }
      }
    }
    const together = additions.length > 0 ? new Together(additions) : undefined
    if (failure === undefined) return together
    this.#left = together
    throw failure.error
  }

  override headStays(): void {
    super.headStays()
    for (const session of this.#all ?? []) if (!Object.is(session, this)) session.headStays()
  }

  headFailed(error: unknown): void {
    if (this.together.some(({ isAbandoned }) => isAbandoned)) {
      this.report(error)
      return
    }
    // The error's answer carries what was saved before the failure: a new id that it left out would be lost.
    const due = this.#all === undefined ? this.due() : this.#left
    if (due) addToHead(this.#res, due)
    const failed = this.#failed ?? this
    failed.answer(error)
  }

  /** Has whoever stands above this session's mount answer an error. */
  answer(error: unknown): void {
    try {
      this.#answerError(error)
    } catch (thrown) {
      // Nobody stands above: a commit may end when nobody's call is under way any more.
      this.report(thrown)
      answerPlainly(this.#res, thrown)
    }
  }

  protected answerFailure(error: unknown): void {
    const res = this.#res
    if (this.#head.answerInstead(() => answerPlainly(res, error)) || this.#head.holdsWholeAnswer) return
    answerPlainly(res, error)
  }

  protected get clientIsGone(): boolean {
    return isGone(this.#res)
  }

  protected tellWhenOver(): void {
    this.#res.on('close', () => {
      this.over()
      // Once the head has left nobody looks any more whether it is there.
      if (!this.#deletionRefused && !Object.hasOwn(this.req, this.#as)) this.report(this.#deletion())
    })
  }
}

/** What several sessions add to one head. */
class Together implements AddsToHead {
  readonly #additions: readonly AddsToHead[]

  constructor(additions: readonly AddsToHead[]) {
    this.#additions = additions
  }

  addTo(headers: ResponseHeaders): void {
    for (const additions of this.#additions) additions.addTo(headers)
  }
}

/** The session of an upgrade to a WebSocket. */
export class UpgradeSession<Data extends object> extends UnansweredSession<Data, IncomingMessage> {
  constructor({ sessions, framework }: Mount<Data>, req: IncomingMessage) {
    super(sessions, framework, req)
    outlivesReset(req)
  }

  /** Whoever waits for an answer waits for ever otherwise. */
  protected answerFailure(): void {
    this.req.socket?.destroy()
  }

  /** What Socket.IO asks by polling, too, is served without a response; of its connection others have a part. */
  protected tellWhenOver(): void {
    const { req } = this
    const itsOwn: Partial<Pick<EventEmitter, 'once'>> = req.headers.upgrade === undefined ? req : req.socket
    itsOwn?.once?.('close', () => this.over())
  }
}
