import { parseSetCookie } from 'cookie'

export function cookieOf(id: string | undefined): string | undefined {
  return id === undefined ? undefined : `__Host-sid=${id}`
}

/** The id that a Set-Cookie line gives, if it gives any. */
export function idIn(line: string | undefined): string | undefined {
  return (line && parseSetCookie(line).value) || undefined
}
