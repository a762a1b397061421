import { STATUS_CODES } from 'node:http'
import { after, attempt, type MaybePromise } from '../../contract/wait.ts'
import { MisuseError, statusOf } from '../../errors.ts'
import type { CommittedSession } from '../request/committed-session.ts'

/** Whether it is a response of fetch, whichever copy of its class has made it: hosts bring their own. */
export function isResponse(value: unknown): value is Response {
  const { status, headers } = (value ?? {}) as Partial<Response>
  return typeof status === 'number' && typeof headers?.getSetCookie === 'function'
}

/**
 * Commits a session to a response, or to a new one of the same body where its headers can't be changed: those of a redirect,
 * say, or of what was fetched. One that switches protocols, and the one of a network error, have no head to add to: they pass as
 * they are. Where the commit fails nobody reads the response, and its body is let go.
 */
export function committedTo<Data extends object, Req>(
  session: CommittedSession<Data, Req>,
  response: Response,
): MaybePromise<Response> {
  if (response.status < 200) return after(session.commitUnanswered(), () => response)
  return attempt(
    () => after(session.commitAnswer(), (adds) => (adds ? withHead(response, session) : response)),
    (error) => {
      letGo(response)
      throw error
    },
  )
}

/**
 * The same for a host that adds no cookie to the answer of an error. What can't be saved is thrown on for the host to answer; but where a
 * cookie is due, of a sign-in that was stored before, it would be lost, and a short answer with it is given in place of the error's.
 */
export function committedOrUnsaved<Data extends object, Req>(
  session: CommittedSession<Data, Req>,
  response: Response,
): MaybePromise<Response> {
  return attempt(
    () => committedTo(session, response),
    (error) => {
      if (session.cookies.length === 0) throw error
      return unsavedAnswer(session, error)
    },
  )
}

/** A short answer to an error of the commit, with what is due all the same; nobody else tells of the error. */
export function unsavedAnswer<Data extends object, Req>(
  session: CommittedSession<Data, Req>,
  error: unknown,
): Response {
  session.loadFailed(error)
  const status = statusOf(error)
  const answer = new Response(`${STATUS_CODES[status]}\n`, { status })
  session.addTo(answer.headers)
  return answer
}

/** Made here, for one visitor: these can be added to. */
const made = new WeakSet<Response>()

/**
 * The response with what the session adds to its head. One without a body may be made once and answer many (a redirect that stands in a
 * constant): what is for this visitor alone is never written into it, but into a new one.
 */
export function withHead<Data extends object, Req>(
  response: Response,
  session: CommittedSession<Data, Req>,
): Response {
  if (!session.addsForOne || made.has(response)) {
    try {
      session.addTo(response.headers)
      return response
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
    }
  }
  const { status, statusText, body } = response
  const headers = new Headers(response.headers)
  session.addTo(headers)
  // What a framework has noted on its own responses is theirs.
  const answer = Object.assign(
    new Response(body, { status, statusText, headers }),
    Object.fromEntries(Object.entries(response)),
  )
  made.add(answer)
  return answer
}

/**
 * Lets go of what a handler has answered, where an error is answered in its place: nobody reads its stream, and who feeds that would wait
 * for ever. One that somebody reads already is theirs; and what is no stream stays as it is, whatever methods it has.
 */
export function letGo(answer: unknown): void {
  if (letGoOf(answer)) return
  // Of a response, of whatever kind.
  letGoOf((answer as Partial<Response> | null | undefined)?.body)
}

/** Whether it is a stream, of Node.js or of the web. */
function letGoOf(stream: unknown): boolean {
  const { pipe, destroy, getReader, cancel, locked } = (stream ?? {}) as { [name: string]: unknown }
  if (typeof pipe === 'function' && typeof destroy === 'function') {
    Reflect.apply(destroy, stream, [])
    return true
  }
  if (typeof getReader !== 'function' || typeof cancel !== 'function') return false
  if (locked === false) Reflect.apply(cancel, stream, []).catch(() => {})
  return true
}

/** Throws {@link MisuseError} for what a handler has returned in the place of a response. */
export function assertResponse(value: unknown): asserts value is Response {
  if (isResponse(value)) return
  throw new MisuseError(
    `A handler returned ${value === undefined ? 'nothing' : 'something else'} where a \`Response\` is needed. Return one, ` +
      'or a promise of one; the session was saved where that needed no cookie.',
  )
}
