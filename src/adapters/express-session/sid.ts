import { randomBytes } from 'node:crypto'
import { isNoSession, sessionKey } from '../../contract/key.ts'
import { cookieValues } from '../../cookie/header.ts'
import { type Secret, unsigned, withSignature } from '../../cookie/signature.ts'
import { deprecated } from './deprecated.ts'

/** What a signed value begins with. */
const SIGNED = 's:'

/** A new id, in the form of express-session's: 192 random bits, 32 characters. */
export function newSid(): string {
  for (;;) {
    const sid = randomBytes(24).toString('base64url')
    if (!isNoSession(sessionKey(sid))) return sid
  }
}

/** The value of the cookie. */
export function signed(sid: string, secret: Secret): string {
  return `${SIGNED}${withSignature(sid, secret)}`
}

/** What cookie-parser has made of the cookies, should it stand before. */
interface Parsed {
  headers: { cookie?: string | undefined }
  cookies?: Record<string, unknown> | undefined
  signedCookies?: Record<string, unknown> | undefined
}

/** The id that a request shows: from its header, or from what cookie-parser has left. */
export function sidOf(req: Parsed, name: string, secrets: readonly Secret[]): string | undefined {
  const { cookie } = req.headers
  const shown = cookie === undefined ? undefined : fromHeader(cookie, name, secrets)
  if (shown) return shown
  const parsed = req.signedCookies?.[name] || idIn(req.cookies?.[name], secrets)
  if (!parsed) return undefined
  deprecated('cookie should be available in req.headers.cookie')
  return parsed as string
}

function fromHeader(header: string, name: string, secrets: readonly Secret[]): string | undefined {
  const [value] = cookieValues(header, name, 1)
  return idIn(value === undefined ? undefined : decoded(value), secrets)
}

function idIn(value: unknown, secrets: readonly Secret[]): string | undefined {
  if (typeof value !== 'string' || !value.startsWith(SIGNED)) return undefined
  return unsigned(value.slice(SIGNED.length), secrets)
}

function decoded(value: string): string {
  if (!value.includes('%')) return value
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
