import type { MaybePromise } from '../../contract/wait.ts'
import { MisuseError } from '../../errors.ts'
import { commit } from '../../session/commit.ts'
import type { Session } from '../../session/session.ts'
import type { SessionState } from '../../session/state.ts'
import type { Explicit } from './host.ts'
import { RequestSession, type UnsavedChange } from './request-session.ts'
import { whyNoCookie } from './why-no-cookie.ts'

const UNSAVED_CHANGE: UnsavedChange = {
  code: 'UNTORN_UNSAVED_CHANGE',
  rest:
    'at an upgrade, which has no answer that a change is saved with, and the change was not saved. Call `await ' +
    'req.session.save()` after it. A new session can only begin in a request that is answered.',
}

/**
 * The session of a request that is no question with an answer: the upgrade to a WebSocket. No cookie can be sent, and no
 * commit saves what changed: the handler does.
 */
export abstract class UnansweredSession<Data extends object, Req> extends RequestSession<Data, Req> {
  readonly commitFollows = false
  readonly onlyHandlerSaves = true
  readonly unsavedChange = UNSAVED_CHANGE

  /** Calls {@link over} when the connection has ended. */
  protected abstract tellWhenOver(): void

  beforeChange(): void {
    this.lateChanges.beforeChange()
  }

  explicitly(what: Explicit, work: () => MaybePromise<void>): MaybePromise<void> {
    const refusal = whyNoCookie(what, this.state, 'no answer')
    if (refusal !== undefined) throw new MisuseError(refusal)
    return this.lateChanges.explicitly(what === 'reload' ? work : () => this.own.run(this.methods, work))
  }

  unwatched(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.report(error))
  }

  /** The connection has ended. */
  over(): void {
    this.lookForUnsaved()
  }

  protected opened(state: SessionState): void {
    // Nothing is saved: it is only told that the store failed, as at the commit of an answer.
    if (state.isDetached) void commit(state)
    this.tellWhenOver()
  }

  /** Frameworks know of proxies only where they answer. */
  protected override open(): MaybePromise<Session<Data>> {
    return this.framework.isSecure(this.req) ? this.openAs(true) : this.openAsEither()
  }
}
