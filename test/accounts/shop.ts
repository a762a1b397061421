import { parseSetCookie } from 'cookie'
import type { SessionKey } from '../../src/contract/key.ts'
import type { SessionRecord } from '../../src/contract/record.ts'
import type { SessionStore } from '../../src/contract/store.ts'
import type { MaybePromise } from '../../src/contract/wait.ts'
import { createSessions, type Session, type Sessions, type SessionsOptions } from '../../src/index.ts'
import type { SessionEvent } from '../../src/session/events.ts'
import type { RequestContext } from '../../src/session/request-context.ts'

export type ShopOptions = Omit<SessionsOptions, 'store' | 'onEvent'>

/** An application with sessions. Of one test all have the same data: each is what another process, or another application, is. */
export type OpenShop = (options?: ShopOptions) => Promise<Shop>

/** What a user does, and what has to come of it, over whatever store. */
export type Case = (open: OpenShop) => Promise<void>

/** Milliseconds: a request that comes so long after an id was replaced is not late any more. */
export const MUCH_LATER = 10_000

export class Shop {
  readonly sessions: Sessions
  readonly store: SessionStore
  /** What `onEvent` was told. */
  readonly events: SessionEvent[] = []

  constructor(store: SessionStore, options: ShopOptions = {}) {
    this.store = store
    this.sessions = createSessions({ ...options, store, onEvent: (event) => void this.events.push(event) })
  }

  browser(): Browser {
    return new Browser(this.sessions)
  }

  /** One that somebody has signed in with. */
  async signedIn(owner: string, values: Record<string, unknown> = {}): Promise<Browser> {
    const browser = this.browser()
    const signingIn = async (session: Session): Promise<void> => {
      await session.login(owner)
      for (const [name, value] of Object.entries(values)) session.set(name, value)
    }
    await browser.visit(signingIn)
    return browser
  }

  /** Every session that is stored. */
  async stored(): Promise<[SessionKey, SessionRecord][]> {
    const all: [SessionKey, SessionRecord][] = []
    for await (const each of this.sessions.all()) all.push(each)
    return all
  }

  /** The handles of an owner's devices, the latest first. */
  async handles(owner: string): Promise<string[]> {
    return (await this.sessions.list(owner)).map(({ handle }) => handle)
  }

  /** What was told of the ends of sessions, and forgets it. */
  endsTold(): (SessionEvent | { type: string })[] {
    const ends = this.events.splice(0).filter(({ type }) => type === 'signed-out' || type === 'revoked')
    return ends.map((event) => {
      const { key: _, ...told } = event as SessionEvent & { key: string }
      return told
    })
  }
}

/** A browser as far as a session goes: the cookie of one application. */
export class Browser {
  cookie: string | undefined
  readonly #sessions: Sessions

  constructor(sessions: Sessions, cookie?: string) {
    this.#sessions = sessions
    this.cookie = cookie
  }

  /** Another one with the cookie that this one has now: a page that was opened before, or who has stolen it. */
  copy({ sessions }: Pick<Shop, 'sessions'> = { sessions: this.#sessions }): Browser {
    return new Browser(sessions, this.cookie)
  }

  /** A request that comes in; what it is answered is for {@link receive}. */
  async open(context?: RequestContext): Promise<Session> {
    return this.#sessions.open(this.cookie, context)
  }

  /** The answer to a request comes back. */
  async receive(session: Session): Promise<void> {
    const line = await session.commit()
    for (const each of [...session.dueCookies(), line]) if (each !== undefined) this.#keep(each)
  }

  /** A request and its answer; what `handler` returned. */
  async visit<T>(handler: (session: Session) => MaybePromise<T>, context?: RequestContext): Promise<T> {
    const session = await this.open(context)
    const result = await handler(session)
    await this.receive(session)
    return result
  }

  /** A request whose answer never comes back. */
  async lose(handler: (session: Session) => unknown): Promise<void> {
    const session = await this.open()
    await handler(session)
    await session.commit()
  }

  /** The same as {@link visit}, when whoever shows an id that was replaced can't be under way with it any more. */
  visitMuchLater<T>(handler: (session: Session) => MaybePromise<T>): Promise<T> {
    return this.visit(handler, { arrivedAt: Date.now() + MUCH_LATER })
  }

  /** Whose the session is that its cookie opens. */
  owner(): Promise<string | undefined> {
    return this.visit(({ owner }) => owner)
  }

  /** The values in it. */
  values(): Promise<unknown> {
    return this.visit((session) => session.toJSON())
  }

  #keep(line: string): void {
    const { name, value, maxAge } = parseSetCookie(line)
    this.cookie = maxAge === 0 ? undefined : `${name}=${value}`
  }
}
