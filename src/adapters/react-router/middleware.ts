import type { SessionStore } from '../../contract/store.ts'
import type { MaybePromise } from '../../contract/wait.ts'
import { MisuseError } from '../../errors.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { AnyData } from '../../values/data.ts'
import { committedOrUnsaved, isResponse } from '../fetch/answer.ts'
import { FetchMount, type FetchSessionsOptions } from '../fetch/mount.ts'
import type { PlainSession } from '../request/plain-session.ts'

/** What React Router's `createContext` makes, and `context.get` takes. */
export interface RouterContext<Value> {
  defaultValue?: Value
}

/** The `context` of loaders, actions and middleware: a `RouterContextProvider`. */
export interface RouterContexts {
  get<Value>(context: RouterContext<Value>): Value
  set<Value>(context: RouterContext<Value>, value: Value): void
}

/** What `sessions()` of `untorn/react-router` returns. */
export interface RouterSessions<Data extends object = AnyData> {
  /**
   * For the root route: `export const middleware = [app.middleware]`. The session is committed to the response, whatever makes it: a
   * document, what a loader or an action returns or throws, a redirect, an error boundary. On another route of the same request it
   * stands aside; rejects with `MisuseError` (`UNTORN_MISUSE`) where other sessions have the same cookie there.
   *
   * Rejects with what the store throws, when loading or saving, for React Router to show an error boundary. Where a cookie is due all
   * the same, of a sign-in that was saved before, the answer is a short one with that cookie and the error's status, and the event `error`
   * tells: React Router has no way to send both.
   */
  readonly middleware: <Result>(
    args: { request: Request; context: Readonly<RouterContexts> },
    next: () => Promise<Result>,
  ) => Promise<Result>
  /** The session of a request: `getSession(context)` in a loader or an action. Throws `MisuseError` (`UNTORN_MISUSE`) without the middleware. */
  getSession(context: Readonly<RouterContexts>): PlainSession<Data>
  /** The same for `context.get(app.context)`. */
  readonly context: RouterContext<PlainSession<Data>>
  readonly sessions: Sessions<Data>
  /** Closes the store, so that the process can exit: once the server has stopped. */
  close(): MaybePromise<void>
}

/** `defaultStore`: where the options name none. */
export function routerSessions<Data extends object>(
  options: FetchSessionsOptions<Data>,
  defaultStore: () => SessionStore,
): RouterSessions<Data> {
  const mount = new FetchMount<Data>(options, defaultStore, (usual) => ({ ...usual, leavesHandlers: true }))
  // All that React Router has in such an object is a default; what it is found by is the object itself.
  const sessionContext: RouterContext<PlainSession<Data>> = {}
  return {
    context: sessionContext,
    sessions: mount.sessions,
    close: mount.close,
    middleware({ request, context }, next) {
      return mount.answer(request, async (session, outermost) => {
        context.set(sessionContext, session.plain)
        const result = await next()
        // On another route of the same request its session is there, and is committed once all are through.
        if (!outermost) return result
        if (isResponse(result)) return (await committedOrUnsaved(session, result)) as typeof result
        await session.commitUnanswered()
        return result
      })
    },
    getSession(context) {
      try {
        return context.get(sessionContext)
      } catch (cause) {
        throw new MisuseError(
          'There is no session in this `context`. Export the middleware from the root route: `export const middleware = ' +
            `[app.middleware]\`. (${cause instanceof Error ? cause.message : cause})`,
        )
      }
    },
  }
}
