import { stringifySetCookie } from 'cookie'
import { CookieTooLargeError } from '../errors.ts'
import { type AcceptedCookie, acceptedId } from './accepted.ts'
import { cookieValues } from './header.ts'
import { hasIdForm, ID_LENGTH } from './id.ts'
import type { CookieSettings } from './options.ts'
import { type CookieShape, isSameShape, prefixedName, prefixOf } from './shape.ts'

/** What browsers keep of a cookie, its attributes included. */
const LONGEST = 4096

/** More cookies of one name than these are no accident; and each that can be an id costs a call of the store. */
const MOST_OF_A_NAME = 4

/** What a request's Cookie header says. */
export interface CookieFound {
  /** What may be an id, each once; most often it is one. */
  readonly ids: readonly string[]
  /** What is wrong, as the event is called. */
  readonly wrong: 'malformed-cookie' | 'duplicate-cookie' | undefined
  /** There are so many cookies of the name that none of them is to be used. */
  readonly tooMany: boolean
  /** What is left in the client of earlier settings; `undefined`: nothing that is known. */
  readonly leftovers: Leftovers | undefined
  /** Ids of somebody else's making, each once, of the cookie that is accepted where there is none of ours. */
  readonly accepted: readonly string[]
}

/** Cookies of earlier settings (`formerly`), or of somebody else (`accept`), that a request carries, or may carry. */
export interface Leftovers {
  readonly cookies: readonly CookieShape[]
  /** One of them is there for sure; else they go when a cookie is sent anyway. */
  readonly certain: boolean
  /** The id that is used may be that of one of these: it has to be sent anew, as the cookie is now. */
  readonly used: boolean
}

/** A cookie of earlier settings, by the name that a request has it under. */
interface FormerCookie extends CookieShape {
  /** Its id may be used where there is no cookie of the name of now. */
  readonly readable: boolean
}

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
  /** The same as a Date, for clients that don't know the other one. */
  readonly expires?: Date
  readonly httpOnly: true
  readonly secure: boolean
  readonly sameSite: 'lax' | 'strict' | 'none'
  readonly partitioned: boolean
}

/** The cookie that carries the id: which one is read, and what is sent. */
export class IdCookie {
  readonly #settings: CookieSettings
  readonly #secureName: string
  readonly #formerOnHttps: readonly FormerCookie[]
  readonly #formerOnHttp: readonly FormerCookie[]
  readonly #accept: AcceptedCookie | undefined

  /** `lifetime` in milliseconds, the longest that a cookie will be sent for. */
  constructor(settings: CookieSettings, lifetime: number) {
    this.#settings = settings
    this.#secureName = settings.prefix ? prefixedName(settings) : settings.name
    this.#formerOnHttps = this.#former(true)
    this.#formerOnHttp = this.#former(false)
    this.#accept = settings.accept
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
    const own = this.#readOwn(header, secure)
    return this.#accept === undefined ? own : withAccepted(own, header, this.#accept)
  }

  /** Whether two Cookie headers lead to the same session: what counts is what is read, and not how it is written. */
  showsSame(one: string | undefined, other: string | undefined, secure: boolean): boolean {
    const [shown, otherwise] = [one, other].map((header) => this.read(header ?? '', secure))
    if ((shown?.tooMany ?? false) !== (otherwise?.tooMany ?? false)) return false
    return isSameSet(shown?.ids, otherwise?.ids) && isSameSet(shown?.accepted, otherwise?.accepted)
  }

  #readOwn(header: string, secure: boolean): CookieFound | undefined {
    const values = cookieValues(header, this.#name(secure), MOST_OF_A_NAME + 1)
    const former = secure ? this.#formerOnHttps : this.#formerOnHttp
    if (former.length > 0) return this.#readWith(former, header, secure, values)
    return values.length === 0 ? undefined : found(values, undefined)
  }

  /** The same, where the client may have cookies of earlier settings. */
  #readWith(
    former: readonly FormerCookie[],
    header: string,
    secure: boolean,
    values: string[],
  ): CookieFound | undefined {
    const name = this.#name(secure)
    const valuesOf = ({ name }: FormerCookie) => cookieValues(header, name, MOST_OF_A_NAME + 1)
    const cookies = former.filter((cookie) =>
      cookie.name === name ? values.length > 0 : valuesOf(cookie).length > 0,
    )
    if (cookies.length === 0) return values.length === 0 ? undefined : found(values, undefined)
    if (values.length > 0) {
      const used = cookies.some((cookie) => cookie.name === name)
      const certain = (used && values.length > 1) || cookies.some((cookie) => cookie.name !== name)
      return found(values, { cookies, certain, used })
    }
    const names = new Map(cookies.filter(({ readable }) => readable).map((cookie) => [cookie.name, cookie]))
    return found([...names.values()].flatMap(valuesOf), { cookies, certain: true, used: true })
  }

  /** Cookies of earlier settings that such a request can carry; none of them is the cookie of now. */
  #former(onHttps: boolean): FormerCookie[] {
    const { partitioned } = this.#settings
    const now = { ...this.#settings, name: this.#name(onHttps), partitioned: onHttps && partitioned }
    const former = this.#settings.formerly.flatMap((shape) => {
      const plain = { ...shape, partitioned: onHttps && shape.partitioned, readable: !onHttps }
      if (prefixOf(shape.name) !== undefined) return onHttps ? [{ ...plain, readable: true }] : []
      return onHttps ? [{ ...plain, name: prefixedName(shape), readable: true }, plain] : [plain]
    })
    return former.filter((cookie) => !isSameShape(cookie, now))
  }

  /** The cookie is for https only, and this request is not https: a browser would drop it. */
  withheld(secure: boolean): boolean {
    return this.#settings.secure === true && !secure
  }

  /** Requests that pages of other sites cause bring it along, whatever they are. */
  get comesFromOtherSites(): boolean {
    return this.#settings.sameSite === 'none'
  }

  /** It is to be `SameSite=None`, which browsers refuse without Secure: on such a request it is sent as `Lax`. */
  weakened(secure: boolean): boolean {
    return this.#settings.sameSite === 'none' && !this.#isSecure(secure)
  }

  /** `maxAge` in seconds; `undefined`: until the browser ends. */
  setting(id: string, maxAge: number | undefined, secure: boolean): SetCookie {
    return this.#with(this.#now(secure), id, maxAge, this.#isSecure(secure))
  }

  /**
   * The same attributes as the cookie that it removes, Secure included: a browser ignores a removal that lacks what
   * the name's prefix demands, or one without Secure of a cookie that has it.
   */
  removal(secure: boolean): SetCookie {
    return this.#with(this.#now(secure), '', 0, this.#isSecure(secure))
  }

  /** The removals of cookies of earlier settings. */
  removalsOf({ cookies }: Leftovers, secure: boolean): SetCookie[] {
    return cookies.map((cookie) => this.#with(cookie, '', 0, secure))
  }

  #now(requestIsSecure: boolean): CookieShape {
    return { ...this.#settings, name: this.#name(requestIsSecure) }
  }

  #with(shape: CookieShape, value: string, maxAge: number | undefined, secure: boolean): SetCookie {
    const { name, path, domain, partitioned } = shape
    const { sameSite } = this.#settings
    const attributes: CookieAttributes = {
      path,
      ...(maxAge === undefined ? undefined : { maxAge, expires: expiry(maxAge) }),
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

const NONE: readonly string[] = []

function isSameSet(ids = NONE, others = NONE): boolean {
  return ids.length === others.length && ids.every((id) => others.includes(id))
}

function found(values: string[], leftovers: Leftovers | undefined): CookieFound {
  if (values.length === 1 && hasIdForm(values[0]!)) {
    return { ids: values, wrong: undefined, tooMany: false, leftovers, accepted: NONE }
  }
  // One value that is sent twice is that value.
  const different = [...new Set(values)]
  const ids = different.filter(hasIdForm)
  const malformed = different.length > 0 && ids.length === 0 ? 'malformed-cookie' : undefined
  return {
    ids,
    wrong: different.length > 1 ? 'duplicate-cookie' : malformed,
    tooMany: values.length > MOST_OF_A_NAME,
    leftovers,
    accepted: NONE,
  }
}

/**
 * With the ids of a cookie of somebody else's. It is removed with the answer, whether it leads to a session or not; one that
 * is not of the form, or not signed by us, may be another application's, and stays.
 */
function withAccepted(
  own: CookieFound | undefined,
  header: string,
  accept: AcceptedCookie,
): CookieFound | undefined {
  const values = cookieValues(header, accept.name, MOST_OF_A_NAME)
  const ids = values.map((value) => acceptedId(accept, value)).filter((id) => id !== undefined)
  if (ids.length === 0) return own
  const { cookies, used } = own?.leftovers ?? { cookies: [], used: false }
  const leftovers = { cookies: [...cookies, accept], certain: true, used }
  return { ...(own ?? found([], undefined)), leftovers, accepted: [...new Set(ids)] }
}

/** By the clock of here, which is what clients compare it with theirs: who knows `Max-Age` goes by that. */
function expiry(maxAge: number): Date {
  return new Date(maxAge === 0 ? 0 : Date.now() + maxAge * 1000)
}
