import type { SessionStore } from '../../contract/store.ts'
import type { MaybePromise } from '../../contract/wait.ts'
import { MisuseError } from '../../errors.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { AnyData } from '../../values/data.ts'
import { committedOrUnsaved, isResponse } from '../fetch/answer.ts'
import type { FetchRequest } from '../fetch/host.ts'
import { FetchMount, type FetchSessionsOptions } from '../fetch/mount.ts'
import type { CommittedSession } from '../request/committed-session.ts'
import type { PlainSession } from '../request/plain-session.ts'

/** What `sessions()` of `untorn/tanstack-start` returns. */
export interface StartSessions<Data extends object = AnyData> {
  /**
   * Runs what comes behind a request middleware with the session, and resolves to what that gives, its response with the session
   * committed to it. One that is thrown, a redirect perhaps, counts as returned; with any other error values are saved, and no
   * session begins. Within itself, for the same request, it hands out the same session, and the outer one commits.
   *
   * Rejects with what the store throws, when loading or saving. Where a cookie is due all the same, of a sign-in that was saved before,
   * a short answer with that cookie and the error's status is given, and the event `error` tells. Rejects with `MisuseError`
   * (`UNTORN_MISUSE`) where there is no response: a middleware of a server function alone has none; and where other sessions have the
   * same cookie further out.
   */
  handle<Result>(
    request: Request,
    next: (session: PlainSession<Data>) => Result | Promise<Result>,
  ): Promise<Result>
  readonly sessions: Sessions<Data>
  /** Closes the store, so that the process can exit: once the server has stopped. */
  close(): MaybePromise<void>
}

/** `defaultStore`: where the options name none. */
export function startSessions<Data extends object>(
  options: FetchSessionsOptions<Data>,
  defaultStore: () => SessionStore,
): StartSessions<Data> {
  const mount = new FetchMount<Data>(options, defaultStore, (usual) => ({ ...usual, leavesHandlers: true }))
  return {
    sessions: mount.sessions,
    close: mount.close,
    handle(request, next) {
      return mount.answer(request, (session, outermost) => {
        const answering = () => next(session.plain)
        return outermost ? committedResult(session, answering) : answering()
      })
    },
  }
}

type Served<Data extends object> = CommittedSession<Data, FetchRequest>

async function committedResult<Data extends object, Result>(
  session: Served<Data>,
  next: () => Result | Promise<Result>,
): Promise<Result> {
  let result: Result
  try {
    result = await next()
  } catch (thrown) {
    if (isResponse(thrown)) throw await committedOrUnsaved(session, thrown)
    await session.commitUnanswered()
    throw thrown
  }
  if (isResponse(result)) return (await committedOrUnsaved(session, result)) as Result
  const { response } = (result ?? {}) as { response?: unknown }
  if (!isResponse(response)) throw await withoutResponse(session)
  const committed = await committedOrUnsaved(session, response)
  return committed === response ? result : { ...result, response: committed }
}

async function withoutResponse<Data extends object>(session: Served<Data>): Promise<MisuseError> {
  await session.commitUnanswered()
  return new MisuseError(
    'There is no response that could carry the cookie of the session. Use the middleware for all requests: ' +
      '`createStart(() => ({ requestMiddleware: [session] }))` in src/start.ts.',
  )
}
