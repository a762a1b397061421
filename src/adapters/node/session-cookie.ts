import { MisuseError } from '../../errors.ts'
import type { Session } from '../../session/session.ts'

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

export function sessionCookie(core: () => Session, forWriting: () => Session): SessionCookie {
  const cookie = {
    get maxAge(): number {
      return core().expiresIn
    },
    set maxAge(ms: number | null) {
      forWriting().setExpiry(ms ?? 'browser')
    },
    get expires(): Date {
      return new Date(core().expiresAt)
    },
    set expires(date: Date | null | false) {
      forWriting().setExpiry(date || 'browser')
    },
    get originalMaxAge(): number {
      return core().expiresIn
    },
  }
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
