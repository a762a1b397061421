import { reservedKeys } from '../../values/data.ts'
import type { Cookie, CookieData } from './cookie.ts'

const ONE_DAY = 24 * 60 * 60 * 1000

/*
 * What is kept of `req.session.cookie`: all but its end, which is the record's. So a use that makes a session live longer
 * changes no value, and most uses don't have to be written at all.
 */

/** The cookie as a text of the record. */
export function keptCookie(cookie: Cookie | CookieData): string {
  const { expires: _, ...kept } = 'data' in cookie ? cookie.data : cookie
  return JSON.stringify(kept)
}

/**
 * The same back again, of a record that is there and ends at `expiresAt`, in the time of this process; of one of other origin,
 * or a damaged one, as cookies are by default.
 */
export function cookieIn(values: ReadonlyMap<string, string>, expiresAt: number): CookieData {
  const cookie = parsed(values.get(reservedKeys.cookie))
  const { originalMaxAge } = cookie
  if (typeof originalMaxAge !== 'number') {
    // Of one that ends with the browser both say it in the same word: `null`, or `false`, by which it is sent again.
    const end = ((originalMaxAge as unknown) === false ? false : null) as null
    return { ...cookie, originalMaxAge: end, expires: end }
  }
  const promised = expiresAt - slackOf(originalMaxAge)
  // Who is shown an end that has passed takes a session for over that is there.
  return { ...cookie, originalMaxAge, expires: new Date(promised > Date.now() ? promised : expiresAt) }
}

/** Of the sessions of an application nearly all have one text of a cookie: it is parsed once. Nobody changes what it says. */
let latest: { readonly text: string | undefined; readonly cookie: Partial<CookieData> } | undefined

function parsed(text: string | undefined): Partial<CookieData> {
  if (latest === undefined || latest.text !== text) latest = { text, cookie: cookieOf(text) }
  return latest.cookie
}

function cookieOf(text: string | undefined): Partial<CookieData> {
  try {
    const cookie = text === undefined ? undefined : JSON.parse(text)
    if (typeof cookie === 'object' && cookie !== null) return cookie
  } catch {
    // Damaged: as cookies are by default.
  }
  return { originalMaxAge: null, httpOnly: true, path: '/' }
}

/** How long the store keeps a session beyond what its cookie says, so that it hears of a use at most every tenth of that. */
export function slackOf(idle: number): number {
  return Math.max(0, Math.ceil(idle / 10))
}

/** How a session ends if it is not used again: by its cookie, or where that ends with the browser, by the options. */
export interface KeptUntil {
  /** Until when its visitor may count on it. */
  readonly promised: number
  /** What the store is told. */
  readonly stored: number
}

/** What a cookie says of its end. */
export interface KeptEnd {
  readonly expires?: unknown
  readonly originalMaxAge?: unknown
}

/** The moment at which a cookie ends; `undefined`: with the browser. */
export function endOf({ expires }: KeptEnd = {}): number | undefined {
  const at = expires ? new Date(expires as Date).getTime() : Number.NaN
  return Number.isNaN(at) ? undefined : at
}

/** In the time of this process. */
export function keptUntil(cookie: KeptEnd, browserSessions: number = ONE_DAY): KeptUntil {
  const at = endOf(cookie)
  if (at === undefined) {
    const promised = Date.now() + browserSessions
    return { promised, stored: promised + slackOf(browserSessions) }
  }
  const { originalMaxAge } = cookie
  return { promised: at, stored: at + (typeof originalMaxAge === 'number' ? slackOf(originalMaxAge) : 0) }
}
