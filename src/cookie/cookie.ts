import { stringifySetCookie } from 'cookie'
import { CookieTooLargeError } from '../errors.ts'
import { cookieValues } from './header.ts'
import { hasIdForm } from './id.ts'
import type { CookieSettings } from './options.ts'

/** What browsers keep of a cookie, its attributes included. */
const LONGEST = 4096
const ID_LENGTH = 43

/** What a request's Cookie header says; the events' names where it can't be used. */
export type CookieFound = { id: string } | { wrong: 'malformed-cookie' | 'duplicate-cookie' }

/** A cookie to send: as the value of a `Set-Cookie` header, and in parts for hosts that build it themselves. */
export interface SetCookie {
  readonly name: string
  /** Empty for one that is removed. */
  readonly value: string
  readonly attributes: CookieAttributes
  /** The whole value of the header. */
  readonly line: string
}

/** As in RFC 6265bis, with the names that frameworks give them. */
export interface CookieAttributes {
  readonly path: string
  readonly domain?: string
  /** Seconds; 0 removes it. Absent: until the browser ends. */
  readonly maxAge?: number
  readonly httpOnly: true
  readonly secure: boolean
  readonly sameSite: 'lax' | 'strict' | 'none'
  readonly partitioned: boolean
}

/** The cookie that carries the id: which one is read, and what is sent. */
export class IdCookie {
  readonly #settings: CookieSettings
  readonly #secureName: string

  /** `lifetime` in milliseconds, the longest that a cookie will be sent for. */
  constructor(settings: CookieSettings, lifetime: number) {
    this.#settings = settings
    this.#secureName = secureName(settings)
    const id = 'x'.repeat(ID_LENGTH)
    const maxAge = Math.ceil(lifetime / 1000)
    const size = Math.max(...[true, false].map((secure) => this.setting(id, maxAge, secure).line.length))
    if (size > LONGEST) throw new CookieTooLargeError(size, LONGEST)
  }

  /**
   * Only the cookie that would be sent to such a request is read: over https a plain `sid`, which anybody on the
   * network or on another subdomain can plant, says nothing.
   */
  read(header: string, secure: boolean): CookieFound | undefined {
    const [value, another] = cookieValues(header, this.#name(secure))
    if (value === undefined) return undefined
    if (another !== undefined) return { wrong: 'duplicate-cookie' }
    return hasIdForm(value) ? { id: value } : { wrong: 'malformed-cookie' }
  }

  /** The cookie is for https only, and this request is not https: a browser would drop it. */
  withheld(secure: boolean): boolean {
    return this.#settings.secure === true && !secure
  }

  /** `maxAge` in seconds; `undefined`: until the browser ends. */
  setting(id: string, maxAge: number | undefined, secure: boolean): SetCookie {
    return this.#with(id, maxAge, secure)
  }

  /**
   * The same attributes as the cookie that it removes, Secure included: a browser ignores a removal that lacks what
   * the name's prefix demands, or one without Secure of a cookie that has it.
   */
  removal(secure: boolean): SetCookie {
    return this.#with('', 0, secure)
  }

  #with(value: string, maxAge: number | undefined, requestIsSecure: boolean): SetCookie {
    const { path, domain, sameSite, partitioned } = this.#settings
    const name = this.#name(requestIsSecure)
    const secure = this.#isSecure(requestIsSecure)
    const attributes: CookieAttributes = {
      path,
      ...(maxAge === undefined ? undefined : { maxAge }),
      ...(domain === undefined ? undefined : { domain }),
      httpOnly: true,
      secure,
      // Browsers refuse None and Partitioned without Secure; Lax is the nearest that they take.
      sameSite: secure || sameSite !== 'none' ? sameSite : 'lax',
      partitioned: secure && partitioned,
    }
    return { name, value, attributes, line: stringifySetCookie({ name, value, ...attributes }) }
  }

  #isSecure(requestIsSecure: boolean): boolean {
    const { secure } = this.#settings
    return secure === 'auto' ? requestIsSecure : secure
  }

  #name(requestIsSecure: boolean): string {
    return this.#isSecure(requestIsSecure) ? this.#secureName : this.#settings.name
  }
}

function secureName({ name, prefix, path, domain }: CookieSettings): string {
  if (!prefix) return name
  return path === '/' && domain === undefined ? `__Host-${name}` : `__Secure-${name}`
}
