import { cookieValues } from '../../cookie/header.ts'
import type { CommittingHost } from '../request/committed-session.ts'
import { forwardedHttps, warnOfInsecureCookie } from '../request/forwarded.ts'

/** What `cookies()` of next/headers gives. */
export interface CookieJar {
  getAll(): { readonly name: string; readonly value: string }[]
  set(name: string, value: string, attributes: object): unknown
  delete(name: string): unknown
}

/** A request, as Next.js has it where there is no object of it; the option `describe` is given this. */
export interface NextRequest {
  readonly cookies: CookieJar
  readonly headers: Pick<Headers, 'get'>
  /** Of a route handler and of the proxy. */
  readonly request: Request | undefined
}

/** The request that is being answered. Rejects with what Next.js throws outside of one, and at a build for a page that has none. */
export async function currentRequest(request?: Request): Promise<NextRequest> {
  // Needed by nobody who only imports the entry. Next.js has no `exports`, and Node.js asks for the ending then.
  // @ts-expect-error: it is the application's, and is not installed here
  const { cookies, headers } = await import('next/headers.js')
  const [jar, head] = await Promise.all([cookies(), headers()])
  return { cookies: jar as CookieJar, headers: head as Pick<Headers, 'get'>, request }
}

/**
 * Waits until somebody asks for the page, for whom it is made now: where Next.js makes a page in advance, at a build or for a
 * link that nobody has followed yet, it ends here, and no session is used and no message taken.
 */
export async function askedForNow(): Promise<void> {
  // @ts-expect-error: it is the application's, and is not installed here
  const { connection } = await import('next/server.js')
  await connection()
}

/**
 * Whether cookies can be set here, as in an action, a route handler and the proxy. Where they can't, in a component, each verb that
 * changes something is one and the same function, which throws: to ask changes nothing.
 */
export function isWritable(jar: CookieJar): boolean {
  return jar.set !== jar.delete
}

/**
 * What is given to a route handler first, and to the proxy. Not whatever has the look of one: what an action is called with comes
 * from the client, and a `Map` among it has a `get`, too.
 */
export function asRequest(value: unknown): Request | undefined {
  return Object.prototype.toString.call(value) === '[object Request]' ? (value as Request) : undefined
}

/** `cookieFollows`: the cookie is Secure as the request is (`cookie.secure: 'auto'`). */
export function nextHost(trustProxy: boolean, cookieFollows: boolean): CommittingHost<NextRequest> {
  return {
    cookieOf,
    headerOf,
    // Nothing else says it in an action. Browsers tell with a form where it comes from, and not with a link.
    methodOf: ({ request, headers }) => request?.method ?? (headers.get('origin') === null ? 'GET' : 'POST'),
    // Next.js says it itself where no proxy does.
    isSecure: ({ headers }) => trustProxy && forwardedHttps(headers.get('x-forwarded-proto')) === true,
    onInsecureCookie(request) {
      if (!cookieFollows) return
      const sent = headerOf(request)
      // What Next.js has said for want of a proxy that does is no sign of one.
      const header = (name: string) => (trustProxy && name === 'x-forwarded-proto' ? undefined : sent(name))
      warnOfInsecureCookie(header, 'leave out `trustProxy: false`', trustProxy)
    },
    clientIsGone: ({ request }) => request?.signal?.aborted === true,
  }
}

function headerOf({ headers }: NextRequest) {
  return (name: string) => headers.get(name)
}

const MOST = 100

/**
 * The header as it was sent, since only that shows two cookies of one name; but where a cookie was set since, by an action or the proxy,
 * it is of before, and what `cookies()` has is right.
 */
function cookieOf({ cookies, headers }: NextRequest): string | undefined {
  const sent = headers.get('cookie') ?? ''
  const now = cookies.getAll()
  const isAsSent = now.every(({ name, value }) =>
    cookieValues(sent, name, MOST).some((each) => each === value || decoded(each) === value),
  )
  if (isAsSent) return sent === '' ? undefined : sent
  const live = now.filter(({ value }) => value !== '')
  return live.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join('; ') || undefined
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
