import { MisuseError } from '../../errors.ts'
import type { ExpiryMode } from '../../session/expiry.ts'
import type { SessionView } from '../../session/view.ts'
import { BEFORE_CHANGE, STATE } from '../../session/view-symbols.ts'
import { reservedKeys } from '../../values/data.ts'

/** What code that was written for express-session does with `req.session.cookie`. */
export interface SessionCookie {
  /**
   * Milliseconds that the session lives from now. Setting it is `setExpiry(ms)`, with `null` `setExpiry('browser')`. Setting it to
   * `originalMaxAge` is `touch()`: it lives that long from now, and its cookie stays as it is.
   */
  maxAge: number | null
  /**
   * When it ends. Setting it is `setExpiry(date)`, with `null` or `false` `setExpiry('browser')`; to `originalMaxAge` from now,
   * `touch()`.
   */
  get expires(): Date
  set expires(date: Date | null | false)
  /**
   * Milliseconds that it lives from each use; `null` where its cookie ends with the browser. Of a session with a fixed end
   * (`setExpiry(date)`) as `maxAge`.
   */
  readonly originalMaxAge: number | null
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
/** Milliseconds within which a Date counts as the one that was reckoned: code has to run between the two. */
const SAME_MOMENT = 1000

const ACCESSORS = {
  maxAge: {
    ...expiresIn,
    set(this: Reach, ms: number | null) {
      if (ms !== null && isAsItIs(this[SESSION], ms, 0)) touch(this[SESSION])
      else this[SESSION].setExpiry(ms ?? 'browser')
    },
  },
  expires: {
    get(this: Reach): Date {
      return new Date(this[SESSION].expiresAt)
    },
    set(this: Reach, date: Date | null | false) {
      if (date && isAsItIs(this[SESSION], Number(date) - Date.now(), SAME_MOMENT)) touch(this[SESSION])
      else this[SESSION].setExpiry(date || 'browser')
    },
    enumerable: true,
  },
  originalMaxAge: {
    get(this: Reach): number | null {
      const mode = modeOf(this[SESSION])
      if (mode.kind === 'browser') return null
      // Not what is left of it, which gets less from request to request.
      return mode.kind === 'idle' ? mode.idle : this[SESSION].expiresIn
    },
    enumerable: true,
  },
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

function modeOf(session: SessionView): ExpiryMode {
  const { policy, values } = session[STATE]
  return policy.expiry.modeOf(values.get(reservedKeys.expiry), values.get(reservedKeys.notAfter))
}

/** That it is to live this long from now says nothing new: it lives so from each use. */
function isAsItIs(session: SessionView, ms: number, tolerance: number): boolean {
  const mode = modeOf(session)
  return mode.kind === 'idle' && Math.abs(ms - mode.idle) <= tolerance
}

function touch(session: SessionView): void {
  session[BEFORE_CHANGE]()
  session[STATE].touched = true
  session[STATE].lookedAt = true
}

function refuse(name: string): () => never {
  return () => {
    const instead =
      name === 'httpOnly' ? 'the session cookie is always HttpOnly' : `set the option \`cookie.${name}\``
    throw new MisuseError(`\`req.session.cookie.${name}\` can't be set: ${instead}.`)
  }
}
