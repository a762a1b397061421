import type { ServerResponse } from 'node:http'
import { isGone } from '../node/response/gone.ts'
import type { CommittingHost } from '../request/committed-session.ts'
import { forwardedHttps, warnOfInsecureCookie } from '../request/forwarded.ts'
import type { RequestHeader } from '../request/host.ts'

/** What a request of fetch is asked for; hosts that wrap one need no more. */
export type FetchRequest = Pick<Request, 'headers' | 'method' | 'url' | 'signal'>

/** Whether it is a request of fetch, or of a host that wraps one. */
export function isRequest(value: unknown): value is FetchRequest {
  const { headers, url } = (value ?? {}) as Partial<Request>
  return typeof headers?.get === 'function' && typeof url === 'string'
}

/**
 * A host of the fetch kind. `cookieFollows`: the cookie is Secure as the request is (`cookie.secure: 'auto'`). `fix`: how a
 * proxy is trusted, as a warning says it.
 */
export function fetchHost(
  trustProxy: boolean,
  cookieFollows: boolean,
  fix = 'set the option `trustProxy: true`',
): CommittingHost<FetchRequest> {
  return {
    cookieOf: ({ headers }) => headers.get('cookie') ?? undefined,
    headerOf,
    methodOf: ({ method }) => method,
    isSecure(request) {
      const forwarded = trustProxy ? forwardedHttps(request.headers.get('x-forwarded-proto')) : undefined
      return forwarded ?? request.url.startsWith('https:')
    },
    onInsecureCookie(request) {
      if (cookieFollows) warnOfInsecureCookie(headerOf(request), fix, trustProxy)
    },
    // To listen to it would cost each request more than its session does, on some hosts.
    clientIsGone: ({ signal }) => signal?.aborted === true,
  }
}

/** The same of a host that may stand on Node.js, whose response, where it is at hand, says more of its client than a request of fetch. */
export function alsoOnNode<Req>(
  usual: CommittingHost<Req>,
  responseTo: (req: Req) => ServerResponse | undefined,
): CommittingHost<Req> {
  return {
    ...usual,
    clientIsGone(req) {
      const res = responseTo(req)
      return res === undefined ? usual.clientIsGone(req) : isGone(res)
    },
    // Elsewhere nobody can tell: what is changed deep inside of a value is then not seen to be late.
    whenOver: (req, over) => void responseTo(req)?.once('close', over),
  }
}

function headerOf({ headers }: FetchRequest): RequestHeader {
  return (name) => headers.get(name)
}
