import type { SessionStore } from '../../contract/store.ts'
import type { MaybePromise } from '../../contract/wait.ts'
import { asFunction } from '../../options/checks.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { AnyData } from '../../values/data.ts'
import type { PlainSession } from '../request/plain-session.ts'
import { answerOf, thrownAnswer } from './answer.ts'
import { NextMount, type NextSessionsOptions } from './mount.ts'
import type { ReadonlySession } from './read-only.ts'
import { askedForNow, asRequest, currentRequest } from './request.ts'
import type { WritableSession } from './session.ts'

/** What `sessions()` of `untorn/next` returns. */
export interface NextSessions<Data extends object = AnyData> {
  /**
   * A handler with its session: of a server action, a route handler, or the proxy. What changed is saved when it returns, and the
   * cookie set; a `Response` has `Vary` and `Cache-Control` besides. `redirect()`, `notFound()` and the like, which throw, count as
   * returned; with any other error values are saved, and no new session begins. One within another is part of the outer one.
   *
   * Rejects with what the store throws, when loading or saving, and with `MisuseError` (`UNTORN_MISUSE`) in a component. What was saved
   * before such an error, a sign-in perhaps, has its cookie on the answer to an action; Next.js answers a route handler without it.
   */
  withSession<Args extends unknown[], Result>(
    handler: (session: PlainSession<Data>, ...args: Args) => Result | Promise<Result>,
  ): (...args: Args) => Promise<Result>
  /**
   * The session of the request, to be changed in a server action, a route handler or the proxy. Nobody commits it: call
   * `await session.save()` after changes, which sets the cookie, as `login()`, `rotate()`, `destroy()` and the others do. What nobody
   * has saved when the answer has left is told, and saved then if it needs no cookie. Rejects with what the store throws, and with
   * `MisuseError` (`UNTORN_MISUSE`) in a component.
   */
  getSession(): Promise<PlainSession<Data>>
  /**
   * The session of the request, to be read: in components, and wherever there is a request. It counts as use. To change it is an error
   * of the compiler, and a `MisuseError` (`UNTORN_MISUSE`) at once. A page that Next.js makes before somebody asks for it, at a build or
   * for a link, waits here (`connection()` of next/server). Rejects with what the store throws.
   */
  readSession(): Promise<ReadonlySession<Data>>
  /** Made with the first request, or when it is asked for. */
  readonly sessions: Sessions<Data>
  /** Closes the store, so that the process can exit; nothing where there was no request. */
  close(): MaybePromise<void>
}

/** `defaultStore`: where the options name none. */
export function nextSessions<Data extends object>(
  options: NextSessionsOptions<Data>,
  defaultStore: () => SessionStore,
): NextSessions<Data> {
  const mount = new NextMount<Data>(options, defaultStore)
  return {
    withSession(handler) {
      asFunction('handler', handler)
      return async (...args) => {
        const session = mount.writable(await currentRequest(asRequest(args[0])))
        return served(session, () => handler(session.plain, ...args), asRequest(args[0]) !== undefined)
      }
    },
    async getSession() {
      const session = mount.writable(await currentRequest())
      session.handOut()
      await session.prepare()
      await session.tellWhenAnswered()
      return session.plain
    },
    async readSession() {
      const request = await currentRequest()
      await askedForNow()
      const session = mount.readable(request)
      await session.prepare()
      await session.noteUse()
      return session.plain as unknown as ReadonlySession<Data>
    },
    get sessions() {
      return mount.sessions
    },
    close: () => mount.close(),
  }
}

async function served<Data extends object, Result>(
  session: WritableSession<Data>,
  handle: () => Result | Promise<Result>,
  isRoute: boolean,
): Promise<Result> {
  const isOutermost = session.hold()
  try {
    await session.prepare()
    if (!isOutermost) return await handle()
    return await answerOf(session, await handled(session, handle, isRoute))
  } finally {
    if (isOutermost) session.release()
  }
}

/** What a handler returns, or throws for an answer that Next.js would make without the head of the session. */
async function handled<Data extends object, Result>(
  session: WritableSession<Data>,
  handle: () => Result | Promise<Result>,
  isRoute: boolean,
): Promise<Result> {
  try {
    return await handle()
  } catch (thrown) {
    const answer = thrownAnswer(thrown)
    if (answer === undefined) await session.commitUnanswered()
    else if (isRoute && answer.status !== undefined)
      return new Response(null, { status: answer.status }) as Result
    else await answerOf(session, undefined)
    throw thrown
  }
}
