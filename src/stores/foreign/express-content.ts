import { parsedJson, valuesOf } from './content.ts'
import { Unreadable } from './unreadable.ts'

/** What express-session and @fastify/session have written: the values of a session, and its cookie. */
export interface ExpressContent {
  values: Map<string, unknown>
  /** For `untorn:cookie`. */
  cookie: string | undefined
  /** Milliseconds that the cookie lives from each use. */
  maxAge: number | undefined
  /** When the cookie ends, milliseconds since the epoch. */
  expires: number | undefined
}

/** What may be set of a cookie, in the form that it has then. `expires` is no part of it: it is the record's. */
const OF_COOKIE: Record<string, (value: unknown) => boolean> = {
  originalMaxAge: (value) => value === null || (typeof value === 'number' && Number.isFinite(value)),
  path: isShortText,
  domain: isShortText,
  httpOnly: (value) => typeof value === 'boolean',
  secure: (value) => typeof value === 'boolean' || value === 'auto',
  sameSite: (value) => typeof value === 'boolean' || isShortText(value),
  partitioned: (value) => typeof value === 'boolean',
  priority: isShortText,
}

/** What @fastify/session keeps beside the values, for itself. */
const NO_VALUES = ['sessionId', 'encryptedSessionId']

/** Of a session as a JSON text. Throws {@link Unreadable}. */
export function expressContent(text: string): ExpressContent {
  const values = valuesOf(parsedJson(text))
  for (const name of NO_VALUES) values.delete(name)
  const cookie = values.get('cookie')
  values.delete('cookie')
  if (cookie === undefined || cookie === null) {
    return { values, cookie: undefined, maxAge: undefined, expires: undefined }
  }
  const { originalMaxAge, expires } = Object.fromEntries(valuesOf(cookie))
  const kept = Object.entries(cookie).filter(([name, value]) => isSet(name, value))
  return {
    values,
    cookie: JSON.stringify(Object.fromEntries(kept)),
    maxAge: typeof originalMaxAge === 'number' && originalMaxAge > 0 ? originalMaxAge : undefined,
    expires: timeIn(expires),
  }
}

function isSet(name: string, value: unknown): boolean {
  return Object.hasOwn(OF_COOKIE, name) && OF_COOKIE[name]!(value)
}

function timeIn(expires: unknown): number | undefined {
  if (typeof expires !== 'string' && typeof expires !== 'number') return undefined
  const time = new Date(expires).getTime()
  if (Number.isNaN(time)) throw new Unreadable("its cookie's `expires` is no date")
  return time
}

function isShortText(value: unknown): boolean {
  return typeof value === 'string' && value.length <= 1024
}
