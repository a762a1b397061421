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

/** The `Cookie` header that a browser would send then: a later line takes the place of an earlier one of the same cookie, or removes it. */
function cookiesOf(response: CookieSource): string {
  const kept = new Map<string, string>()
  for (const line of linesOf(response)) {
    const [pair] = line.split(ATTRIBUTES, 1) as [string]
    const attributes = attributesOf(line.slice(pair.length))
    const place = JSON.stringify([
      pair.split('=', 1)[0],
      attributes.get('path'),
      attributes.get('domain')?.replace(/^\./, '').toLowerCase(),
      attributes.has('partitioned'),
    ])
    // A `Cookie` header has no attributes, and is it already.
    if (pair !== line && (pair.endsWith('=') || isOver(attributes))) kept.delete(place)
    else kept.set(place, pair)
  }
  return [...kept.values()].join('; ')
}

const ATTRIBUTES = /;\s*(?:path|domain|expires|max-age|httponly|secure|samesite|partitioned|priority)\b/i

/** By their names in small letters. */
function attributesOf(text: string): Map<string, string> {
  const all = text.split(';').map((each) => each.split('=') as [string, ...string[]])
  return new Map(all.map(([name, ...value]) => [name.trim().toLowerCase(), value.join('=').trim()]))
}

/** Of both `Max-Age` counts (RFC 6265, 5.3). */
function isOver(attributes: Map<string, string>): boolean {
  const age = attributes.get('max-age') ?? ''
  if (/^-?\d+$/.test(age)) return Number(age) <= 0
  return Date.parse(attributes.get('expires') ?? '') <= Date.now()
}

function linesOf(response: CookieSource): readonly string[] {
  if (typeof response === 'string') return [response]
  const { headers } = (response ?? {}) as {
    headers?: Partial<Headers> & { 'set-cookie'?: string | string[] }
  }
  if (typeof headers?.getSetCookie === 'function') return headers.getSetCookie()
  if (typeof headers === 'object' && headers !== null) return [headers['set-cookie'] ?? []].flat()
  throw invalidArgument('response', 'a response with headers is needed, or the text of a cookie')
}
