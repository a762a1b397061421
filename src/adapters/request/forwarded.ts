import { warnOnce } from '../../events/warn-once.ts'
import type { RequestHeader } from './host.ts'

/** Whether a proxy says, by `X-Forwarded-Proto`, that the client came over https; `undefined`: it says nothing. */
export function forwardedHttps(header: string | readonly string[] | null | undefined): boolean | undefined {
  if (header === undefined || header === null) return undefined
  const [first] = String(header).split(',', 1)
  return first!.trim().toLowerCase() === 'https'
}

/**
 * For a cookie that follows the request (`cookie.secure: 'auto'`) and was made for http, where the client came over https all
 * the same: then a proxy ends TLS, and nobody knows of it.
 *
 * @param fix how the proxy is trusted; `trusted`: it is already
 */
export function warnOfInsecureCookie(header: RequestHeader, fix: string, trusted: boolean): void {
  const forwarded = forwardedHttps(header('x-forwarded-proto'))
  if (forwarded === true && !trusted) {
    warnOnce(
      'UNTORN_UNTRUSTED_PROXY',
      'The session cookie was sent without Secure: X-Forwarded-Proto says that the client came over https, but the proxy ' +
        `that says so is not trusted. If it is yours: ${fix}.`,
    )
  }
  if (forwarded !== undefined) return
  const sign = signOfHttps(header)
  if (sign === undefined) return
  warnOnce(
    'UNTORN_INSECURE_COOKIE',
    `The session cookie was sent without Secure, though the client came over https, as the request's ${sign} shows. The ` +
      'proxy that ends TLS does not say so in X-Forwarded-Proto: let it set that header (nginx: proxy_set_header ' +
      `X-Forwarded-Proto $scheme)${trusted ? '' : `, and trust it: ${fix}`}.`,
  )
}

/** What other proxies say, each in its way. */
const SAID_BY_PROXIES: readonly [name: string, https: RegExp][] = [
  ['forwarded', /\bproto="?https\b/i],
  ['x-forwarded-ssl', /^on$/i],
  ['x-forwarded-scheme', /^https$/i],
  ['x-forwarded-port', /^443$/],
  ['front-end-https', /^on$/i],
  ['x-url-scheme', /^https$/i],
  ['cloudfront-forwarded-proto', /^https$/i],
  ['cf-visitor', /"scheme":"https"/i],
]

// A browser takes these for as safe as https.
const LOCAL = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i

/**
 * The header by which it shows that the client came over https, where no proxy says so in the usual way. Anybody can send it;
 * that is enough for a warning, and for nothing else.
 */
function signOfHttps(header: RequestHeader): string | undefined {
  const said = SAID_BY_PROXIES.find(([name, https]) => https.test(String(header(name) ?? '')))
  if (said !== undefined) return said[0]
  const host = String(header('host') ?? '')
  if (host === '') return undefined
  // Only of the same host: a page on https may lead to one on http.
  const own = `https://${host}`.toLowerCase()
  const origin = String(header('origin') ?? '').toLowerCase()
  if (origin === own) return 'origin'
  const referer = String(header('referer') ?? '').toLowerCase()
  if (referer === own || referer.startsWith(`${own}/`)) return 'referer'
  // Browsers send it to places that they take for safe, and to no others.
  return header('sec-fetch-site') && !LOCAL.test(host) ? 'sec-fetch-site' : undefined
}
