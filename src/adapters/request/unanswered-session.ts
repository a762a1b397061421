import { isPromise, type MaybePromise } from '../../contract/wait.ts'
import { MisuseError } from '../../errors.ts'
import type { Session } from '../../session/session.ts'
import { LateChanges } from './late-changes.ts'
import { RequestSession, type UnsavedChange } from './request-session.ts'
import type { Explicit } from './host.ts'
import { whyNoCookie } from './why-no-cookie.ts'

const NOTHING_FOLLOWS = { state: 'passed' } as const

const UNSAVED_CHANGE: UnsavedChange = {
  code: 'UNTORN_UNSAVED_CHANGE',
  rest:
    'at an upgrade, which has no answer that a change is saved with, and the change was not saved. Call `await ' +
    'req.session.save()` after it. A new session can only begin in a request that is answered.',
}

// A browser sends a cookie with such a name over https alone.
const SECURE_NAME = /__(?:Host|Secure)-/

/**
 * The session of a request that is no question with an answer: the upgrade to a WebSocket. No cookie can be sent, and no
 * commit saves what changed: the handler does.
 */
export class UpgradeSession<Data extends object> extends RequestSession<Data> {
  readonly commitFollows = false
  readonly #late = new LateChanges<Data>(NOTHING_FOLLOWS, (session, at) =>
    this.tellOfUnsaved(session, at, UNSAVED_CHANGE),
  )

  beforeChange(): void {
    this.#late.beforeChange(this.core)
  }

  explicitly(what: Explicit, work: () => MaybePromise<void>): MaybePromise<void> {
    const { core } = this
    const refusal = whyNoCookie(what, core, 'no answer')
    if (refusal !== undefined) throw new MisuseError(refusal)
    return this.#late.explicitly(what === 'reload' ? work : () => this.own.run(core, work))
  }

  unwatched(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.report(error))
  }

  /** Whoever waits for an answer waits for ever otherwise. */
  protected answerFailure(): void {
    this.req.socket?.destroy()
  }

  protected opened(core: Session<Data>): void {
    // Nothing is saved: it is only told that the store failed, as at the commit of an answer.
    if (core.detached) core.commit()
    // Changes deep inside of values, which nobody saw being made.
    this.req.socket?.once('close', () => {
      if (core.changed && !this.own.handlerKnows(core)) this.#late.look(core)
    })
  }

  /**
   * Where a proxy ends TLS nothing here may say that the client came over https, but the name of its cookie does, and
   * nobody but the server over https can have set one of that name.
   */
  protected override open(): MaybePromise<Session<Data>> {
    if (!SECURE_NAME.test(this.req.headers.cookie ?? '') || this.framework.isSecure(this.req)) {
      return super.open()
    }
    const opened = this.openAs(true)
    const found = (session: Session<Data>) => (session.isNew ? super.open() : session)
    return isPromise(opened) ? opened.then(found) : found(opened)
  }
}
