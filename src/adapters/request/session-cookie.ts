import { MisuseError } from '../../errors.ts'
import type { SessionView } from '../../session/view.ts'

/** What code that was written for express-session does with `req.session.cookie`. */
export interface SessionCookie {
  /** Milliseconds that the session lives from now. Setting it is `setExpiry(ms)`, with `null` `setExpiry('browser')`. */
  maxAge: number | null
  /** When it ends. Setting it is `setExpiry(date)`, with `null` or `false` `setExpiry('browser')`. */
  get expires(): Date
  set expires(date: Date | null | false)
  /** The same as `maxAge`. */
  readonly originalMaxAge: number
  /** Always. */
  readonly httpOnly: true
}

/** The cookie's other attributes are options: they are the same for every session, and can't be set on one of them. */
const FIXED = ['httpOnly', 'secure', 'sameSite', 'path', 'domain', 'partitioned', 'signed', 'priority']

/** How a cookie gets at its session. */
interface Reach {
  readonly [SESSION]: SessionView
}

const SESSION = Symbol('untorn.session')

// The same functions for every session, so that they can be told in a stack.
const expiresIn = {
  get(this: Reach): number {
    return this[SESSION].expiresIn
  },
  enumerable: true,
}
const ACCESSORS = {
  maxAge: {
    ...expiresIn,
    set(this: Reach, ms: number | null) {
      this[SESSION].setExpiry(ms ?? 'browser')
    },
  },
  expires: {
    get(this: Reach): Date {
      return new Date(this[SESSION].expiresAt)
    },
    set(this: Reach, date: Date | null | false) {
      this[SESSION].setExpiry(date || 'browser')
    },
    enumerable: true,
  },
  originalMaxAge: expiresIn,
}

/** What an assignment calls that changes a session. */
export const COOKIE_SETTERS = [ACCESSORS.maxAge.set, ACCESSORS.expires.set]

export function sessionCookie(session: SessionView): SessionCookie {
  const cookie: object = Object.defineProperties({}, { [SESSION]: { value: session }, ...ACCESSORS })
  for (const name of FIXED) {
    const get = () => (name === 'httpOnly' ? true : undefined)
    Object.defineProperty(cookie, name, { get, set: refuse(name), enumerable: name === 'httpOnly' })
  }
  return Object.freeze(cookie) as SessionCookie
}

function refuse(name: string): () => never {
  return () => {
    const instead =
      name === 'httpOnly' ? 'the session cookie is always HttpOnly' : `set the option \`cookie.${name}\``
    throw new MisuseError(`\`req.session.cookie.${name}\` can't be set: ${instead}.`)
  }
}
