import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { isNoSession, sessionKey } from '../../contract/key.ts'
import { cookieValues } from '../../cookie/header.ts'
import { deprecated } from './deprecated.ts'

/** A secret, as `createHmac` of Node.js takes it. */
export type Secret = Parameters<typeof createHmac>[1]

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

function withSignature(sid: string, secret: Secret): string {
  const signature = createHmac('sha256', secret).update(sid).digest('base64')
  return `${sid}.${signature.replace(/=+$/, '')}`
}

/** The id in a signed value, whichever of the secrets has signed it; `undefined`: none. */
function verified(value: string, secrets: readonly Secret[]): string | undefined {
  const sid = value.slice(0, value.lastIndexOf('.'))
  return secrets.some((secret) => isSame(value, withSignature(sid, secret))) ? sid : undefined
}

/** In a time that says nothing of where they differ. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
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
  return verified(value.slice(SIGNED.length), secrets)
}

function decoded(value: string): string {
  if (!value.includes('%')) return value
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
