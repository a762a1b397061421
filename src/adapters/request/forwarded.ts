import type { IncomingMessage } from 'node:http'
import { warnOnce } from '../../events/warn-once.ts'

/** Whether a proxy says that the client came over https; `undefined`: none says anything. */
export function forwardedHttps(req: IncomingMessage): boolean | undefined {
  const header = req.headers['x-forwarded-proto']
  if (header === undefined) return undefined
  const [first] = String(header).split(',', 1)
  return first!.trim().toLowerCase() === 'https'
}

/** For a cookie that follows the request (`cookie.secure: 'auto'`) and was made for http. */
export function warnOfUntrustedProxy(req: IncomingMessage, fix: string): void {
  if (forwardedHttps(req) !== true) return
  warnOnce(
    'UNTORN_UNTRUSTED_PROXY',
    'The session cookie was sent without Secure: X-Forwarded-Proto says that the client came over https, but the proxy ' +
      `that says so is not trusted. If it is yours: ${fix}.`,
  )
}
