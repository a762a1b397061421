import { warnOnce } from '../../events/warn-once.ts'

/** Whether a proxy says, by `X-Forwarded-Proto`, that the client came over https; `undefined`: it says nothing. */
export function forwardedHttps(header: string | readonly string[] | null | undefined): boolean | undefined {
  if (header === undefined || header === null) return undefined
  const [first] = String(header).split(',', 1)
  return first!.trim().toLowerCase() === 'https'
}

/** For a cookie that follows the request (`cookie.secure: 'auto'`) and was made for http. */
export function warnOfUntrustedProxy(
  header: string | readonly string[] | null | undefined,
  fix: string,
): void {
  if (forwardedHttps(header) !== true) return
  warnOnce(
    'UNTORN_UNTRUSTED_PROXY',
    'The session cookie was sent without Secure: X-Forwarded-Proto says that the client came over https, but the proxy ' +
      `that says so is not trusted. If it is yours: ${fix}.`,
  )
}
