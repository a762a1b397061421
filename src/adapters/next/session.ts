import type { MaybePromise } from '../../contract/wait.ts'
import type { SetCookie } from '../../cookie/cookie.ts'
import { MisuseError } from '../../errors.ts'
import { CommittedSession } from '../request/committed-session.ts'
import type { Explicit } from '../request/host.ts'
import type { UnsavedChange } from '../request/request-session.ts'
import { currentRequest, isWritable, type NextRequest } from './request.ts'

const UNSAVED: UnsavedChange = {
  code: 'UNTORN_UNSAVED_CHANGE',
  rest:
    'that `getSession()` gave, and nobody saved it before the answer left: Next.js tells nobody that an action is through. Call ' +
    '`await session.save()` after the change, or write the handler as `withSession((session, ...) => ...)`, which does.',
}

const READ_ONLY =
  'A session can only be read in a component: Next.js sends no cookie from there. Change it in a server action, in a route ' +
  'handler or in the proxy, with `withSession()` or `getSession()`; nothing was changed or stored.'

/** The session of an action, a route handler or the proxy. */
export class WritableSession<Data extends object> extends CommittedSession<Data, NextRequest> {
  #isAsked = false

  /** Somebody has got it who saves for themselves, unless a `withSession` further out holds it. */
  handOut(): void {
    if (!this.isHeld) this.headStays()
  }

  /** Sets what is due in `cookies()`, which sends it with whatever is answered. */
  setCookies(): void {
    this.#set(this.cookies)
  }

  override explicitly(what: Explicit, work: () => MaybePromise<void>): MaybePromise<void> {
    if (this.isHeld) return super.explicitly(what, work)
    return this.#withCookie(what, () => super.explicitly(what, work))
  }

  /** Asks Next.js to say when the answer has left; where it can't, nobody is told of what is not saved. */
  async tellWhenAnswered(): Promise<void> {
    if (this.isHeld || this.#isAsked) return
    this.#isAsked = true
    try {
      // @ts-expect-error: it is the application's, and is not installed here
      const { after } = await import('next/server.js')
      after(() => this.over())
    } catch {
      // Next.js 15.0 has no such function, and some hosts nobody who would call it.
    }
  }

  /** The answer has left. */
  override over(): void {
    const isLeftOver = !this.isHeld && !this.onlyHandlerSaves && this.openedState?.changed === true
    if (isLeftOver && !this.own.handlerKnows(this.methods)) this.tellOfUnsaved(undefined)
    super.over()
  }

  protected override get unsavedChange(): UnsavedChange {
    return this.onlyHandlerSaves ? super.unsavedChange : UNSAVED
  }

  /** Next.js is asked once more: an action may be through by now, and render its page. */
  async #withCookie(what: Explicit, work: () => MaybePromise<void>): Promise<void> {
    const mayNeedCookie = what !== 'reload' && (what !== 'save' || this.state.needsCookie)
    if (mayNeedCookie && !isWritable((await currentRequest()).cookies)) throw new MisuseError(READ_ONLY)
    await work()
    this.#set(this.due()?.cookies ?? [])
  }

  #set(cookies: readonly SetCookie[]): void {
    for (const { name, value, attributes } of cookies) this.req.cookies.set(name, value, attributes)
  }
}

/** The session of a component. */
export class ReadSession<Data extends object> extends CommittedSession<Data, NextRequest> {
  /** Reading counts as use, which the store is told at once: no answer is met here that could take it along. */
  noteUse(): MaybePromise<void> {
    this.state.lookedAt = true
    this.state.accessed = true
    return this.commitUnanswered()
  }

  override beforeChange(): void {
    throw new MisuseError(READ_ONLY)
  }

  override explicitly(what: Explicit, work: () => MaybePromise<void>): MaybePromise<void> {
    if (what === 'reload') return work()
    throw new MisuseError(READ_ONLY)
  }
}

/** Throws `MisuseError` where no cookie can be set. */
export function assertWritable({ cookies }: NextRequest): void {
  if (!isWritable(cookies)) throw new MisuseError(`${READ_ONLY} To read it there is \`readSession()\`.`)
}
