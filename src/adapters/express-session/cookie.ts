import { types } from 'node:util'
import { stringifySetCookie } from 'cookie'
import { deprecated } from './deprecated.ts'

/** What is kept of a cookie with its session, and what a Set-Cookie line is made of. */
export interface CookieData {
  originalMaxAge: number | null
  partitioned?: boolean | undefined
  priority?: 'low' | 'medium' | 'high' | undefined
  expires?: Date | null | undefined
  secure?: boolean | 'auto' | undefined
  httpOnly?: boolean | undefined
  domain?: string | undefined
  path?: string | undefined
  sameSite?: boolean | string | undefined
}

/** What a cookie's end can be set to: `null`, `false` and `undefined` are a cookie that ends with the browser. */
type Expires = Date | boolean | null | undefined

/**
 * `req.session.cookie`: how long the session lives, and how its cookie is sent. `maxAge` and `expires` are two ways to say
 * one thing, and both say what `originalMaxAge` is from then on: the idle timeout.
 */
export class Cookie {
  path = '/'
  httpOnly = true
  // Of these there is no property until one is set, as people print and compare cookies.
  declare originalMaxAge: number | null
  declare _expires: Expires
  declare partitioned?: boolean | undefined
  declare priority?: 'low' | 'medium' | 'high' | undefined
  declare domain?: string | undefined
  declare secure?: boolean | 'auto' | undefined
  declare sameSite?: boolean | string | undefined

  constructor(options?: object | null) {
    this.maxAge = null
    if (options) {
      if (typeof options !== 'object') throw new TypeError('argument options must be a object')
      // What another cookie inherits counts, too: options may be one.
      const all = options as Record<string, unknown>
      for (const name in all) if (name !== 'data') (this as unknown as typeof all)[name] = all[name]
    }
    this.originalMaxAge ??= this.maxAge as number | null
  }

  set expires(date: Expires) {
    this._expires = date
    this.originalMaxAge = this.maxAge as number | null
  }

  get expires(): Expires {
    return this._expires
  }

  set maxAge(ms: number | Expires) {
    if (ms && typeof ms !== 'number' && !types.isDate(ms)) {
      throw new TypeError('maxAge must be a number or Date')
    }
    if (types.isDate(ms)) deprecated('maxAge as Date; pass number of milliseconds instead')
    this.expires = typeof ms === 'number' ? new Date(Date.now() + ms) : ms
  }

  get maxAge(): number | Expires {
    return types.isDate(this.expires) ? this.expires.valueOf() - Date.now() : this.expires
  }

  get data(): CookieData {
    return {
      originalMaxAge: this.originalMaxAge,
      partitioned: this.partitioned,
      priority: this.priority,
      expires: this._expires as Date,
      secure: this.secure,
      httpOnly: this.httpOnly,
      domain: this.domain,
      path: this.path,
      sameSite: this.sameSite,
    }
  }

  /** The value of a Set-Cookie header. Throws a `TypeError` for what can be in none. */
  serialize(name: string, value: string): string {
    return setCookieLine(name, value, this.data)
  }

  toJSON(): CookieData {
    return this.data
  }
}

/** Throws a `TypeError` for what can be in no Set-Cookie header. */
export function setCookieLine(name: string, value: string, data: CookieData): string {
  try {
    return stringifySetCookie(name, value, data as object)
  } catch (cause) {
    // In the words of express-session, which don't say what it was.
    throw new TypeError((cause as Error).message.replace(/ is invalid: [\s\S]*$/, ' is invalid'), { cause })
  }
}
