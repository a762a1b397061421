import { isResponse, letGo, withHead } from '../fetch/answer.ts'
import type { ResponseHeaders } from '../request/head-additions.ts'
import type { WritableSession } from './session.ts'

/** What `redirect()` throws, and `notFound()`, `forbidden()` and `unauthorized()`, which have a status in it. */
const ANSWERS = /^NEXT_(?:REDIRECT|HTTP_ERROR_FALLBACK;(\d{3})$)/

/** What is thrown to be an answer, and no error; its status where Next.js would answer a route handler with it and nothing else. */
export function thrownAnswer(thrown: unknown): { status: number | undefined } | undefined {
  const { digest } = (thrown ?? {}) as { digest?: unknown }
  const found = typeof digest === 'string' ? ANSWERS.exec(digest) : null
  return found === null ? undefined : { status: found[1] === undefined ? undefined : Number(found[1]) }
}

/** What a handler returned, with what its session adds: to the head of a response, and else to `cookies()`. */
export async function answerOf<Data extends object, Result>(
  session: WritableSession<Data>,
  result: Result,
): Promise<Result> {
  const adds = await committed(session, result)
  if (!isResponse(result)) {
    session.setCookies()
    return result
  }
  if (!adds) return result
  return (goesOn(result) ? withCookies(result, session) : withHead(result, session)) as Result
}

/** Rejects as the commit does, and what is due all the same is in `cookies()` then: an action's error is answered with it. */
async function committed<Data extends object>(
  session: WritableSession<Data>,
  result: unknown,
): Promise<boolean> {
  try {
    return await session.commitAnswer()
  } catch (error) {
    letGo(result)
    session.setCookies()
    throw error
  }
}

/** A response of the proxy by which the request goes on to a page. */
interface GoingOn extends Response {
  readonly cookies: { set(name: string, value: string, attributes: object): unknown }
}

function goesOn(response: Response & { cookies?: unknown }): response is GoingOn {
  const { headers, cookies } = response
  const isPassed = headers.has('x-middleware-next') || headers.has('x-middleware-rewrite')
  return isPassed && typeof (cookies as GoingOn['cookies'] | undefined)?.set === 'function'
}

/** As Next.js says it of a page that is made for one request. */
const OF_A_PAGE = 'private, no-cache, no-store, max-age=0, must-revalidate'

/** By its own `cookies` the page sees what the proxy has set; its headers alone would bring it to the client only. */
function withCookies<Data extends object>(given: GoingOn, session: WritableSession<Data>): Response {
  // Of its own kind, and a new one: what was given may stand in a constant, and answer others too.
  const Own = given.constructor as new (body: Response['body'], init: ResponseInit) => GoingOn
  const { status, statusText } = given
  const response = new Own(given.body, { status, statusText, headers: given.headers })
  const { headers } = response
  const head: ResponseHeaders = {
    get: (name) => headers.get(name),
    set: (name, value) => headers.set(name, value),
    append() {},
    getSetCookie: () => [],
  }
  for (const { name, value, attributes } of session.cookies) response.cookies.set(name, value, attributes)
  // It takes the place of what a page that is never shown to others says itself, or of that of one that is the same for all.
  if (session.cookies.length > 0 && !headers.has('Cache-Control')) headers.set('Cache-Control', OF_A_PAGE)
  session.addTo(head)
  return response
}
