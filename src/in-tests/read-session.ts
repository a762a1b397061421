import { invalidArgument } from '../errors.ts'
import type { Sessions } from '../sessions/create-sessions.ts'
import type { AnyData } from '../values/data.ts'
import { assertSessions } from './cookie-for.ts'

/** What has cookies: a `Response` of fetch, one of supertest or Node.js, or the text of a `Cookie` or `Set-Cookie` header. */
export type CookieSource =
  | string
  | { headers: { getSetCookie(): string[] } }
  | { headers: { 'set-cookie'?: string | string[] | undefined; [name: string]: unknown } }

/**
 * The values of the session whose cookie a response brings, as they are stored: for tests of applications.
 *
 * ```ts
 * const response = await fetch(`${url}/login`, { method: 'POST', body })
 * assert.equal((await readSession(sessions, response))?.user, 'ada')
 * ```
 *
 * `undefined`: it sets no cookie of a session, as most responses to who has one don't, or removes it; or there is no session of
 * that cookie any more. To see what a visitor has whose cookie stays the same, give the text of that:
 * `readSession(sessions, cookie)`. To look is no use of the session.
 *
 * Rejects with a `TypeError` (`UNTORN_INVALID_ARGUMENT`) for what is no response, and with what the store throws.
 */
export async function readSession<Data extends object = AnyData>(
  sessions: Sessions<Data>,
  response: CookieSource,
): Promise<Partial<Data> | undefined> {
  assertSessions(sessions)
  const header = cookiesOf(response)
  // Which of the two names it has depends on how the application saw the request.
  for (const secure of [true, false]) {
    const session = await sessions.open(header, { secure })
    if (!session.isNew) return session.toJSON()
  }
  return undefined
}

/** The `Cookie` header that a browser would send then. */
function cookiesOf(response: CookieSource): string {
  return linesOf(response).flatMap(keptOf).join('; ')
}

/** What a browser keeps of a `Set-Cookie` line; a `Cookie` header has no attributes, and is it already. */
function keptOf(line: string): string | [] {
  const [pair] = line.split(ATTRIBUTES, 1) as [string]
  const isRemoval = pair !== line && (pair.endsWith('=') || OVER_AT_ONCE.test(line))
  return isRemoval ? [] : pair
}

const ATTRIBUTES = /;\s*(?:path|domain|expires|max-age|httponly|secure|samesite|partitioned|priority)\b/i

const OVER_AT_ONCE = /;\s*max-age=0*(?:;|$)/i

function linesOf(response: CookieSource): readonly string[] {
  if (typeof response === 'string') return [response]
  const { headers } = (response ?? {}) as {
    headers?: Partial<Headers> & { 'set-cookie'?: string | string[] }
  }
  if (typeof headers?.getSetCookie === 'function') return headers.getSetCookie()
  if (typeof headers === 'object' && headers !== null) return [headers['set-cookie'] ?? []].flat()
  throw invalidArgument('response', 'a response with headers is needed, or the text of a cookie')
}
