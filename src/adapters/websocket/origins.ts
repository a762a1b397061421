import type { IncomingMessage } from 'node:http'
import { ForeignOriginError, InvalidOptionError } from '../../errors.ts'
import { needed } from '../../options/checks.ts'

/** That of an application's pages, such as `capacitor://localhost`: nothing else is written so, and nothing of it is left out. */
const OF_AN_APPLICATION = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@\\]+$/

const OVER_HTTPS = /(?:^|;)\s*__(?:Host|Secure)-/

/** Whose pages may open a socket: the site's own, and those of these origins. */
export class Origins {
  readonly #others: ReadonlySet<string>
  readonly #trustProxy: boolean
  readonly #isSecure: (req: IncomingMessage) => boolean | undefined

  /** Throws {@link InvalidOptionError} for what is no list of origins. */
  constructor(others: unknown, trustProxy: boolean, isSecure: (req: IncomingMessage) => boolean | undefined) {
    if (!Array.isArray(others))
      throw needed('origins', "a list, such as ['https://app.example.com'],", others)
    this.#others = new Set(others.map((origin: unknown, at) => asOrigin(`origins[${at}]`, origin)))
    this.#trustProxy = trustProxy
    this.#isSecure = isSecure
  }

  /**
   * Throws {@link ForeignOriginError} for a request that a page of another site has caused: browsers keep no page from opening a
   * socket to any host, and send that host's cookie along. Who is no browser says nothing of an origin, and has nobody's cookie
   * but their own.
   */
  check(req: IncomingMessage): void {
    const { origin } = req.headers
    const own = origin === undefined ? !this.#isOfOthers(req) : this.#isOwn(origin, req)
    if (!own && !this.#others.has(String(origin).toLowerCase())) throw new ForeignOriginError()
  }

  /** A browser leaves Origin out where it asks by GET, as it does for Socket.IO, and says this in its place. */
  #isOfOthers({ headers }: IncomingMessage): boolean {
    const site = headers['sec-fetch-site']
    return site === 'cross-site' || site === 'same-site'
  }

  /**
   * A page of http is another site where this request came over https, as it is known, or as a cookie shows that a browser sends over
   * https alone: anybody on its network can have changed it.
   */
  #isOwn(origin: string, req: IncomingMessage): boolean {
    const page = urlOf(origin)
    if (page?.protocol === 'http:' && (this.#isSecure(req) || OVER_HTTPS.test(req.headers.cookie ?? '')))
      return false
    if (page?.protocol !== 'http:' && page?.protocol !== 'https:') return false
    return urlOf(`${page.protocol}//${this.#hostOf(req)}`)?.host === page.host
  }

  #hostOf({ headers }: IncomingMessage): string | undefined {
    const forwarded = this.#trustProxy ? headers['x-forwarded-host'] : undefined
    return forwarded === undefined ? headers.host : String(forwarded).split(',', 1)[0]!.trim()
  }
}

function asOrigin(option: string, value: unknown): string {
  // Of a page in a file, or in a frame without rights: an application of the desktop may have to name it.
  if (value === 'null') return value
  if (typeof value !== 'string') throw needed(option, "an origin, such as 'https://app.example.com',", value)
  // What a socket is opened at, in the place of the page that opens it.
  const origin = urlOf(value.trim().replace(/^ws(?=s?:)/i, 'http'))?.origin
  const written = value.toLowerCase()
  // URL knows the origins of the web alone.
  if (origin === written || (origin === 'null' && OF_AN_APPLICATION.test(written))) return written
  const hint = origin === undefined || origin === 'null' ? '' : `; write '${origin}'`
  throw new InvalidOptionError(
    option,
    `scheme and host are needed, and a port if it is not the usual one${hint}`,
  )
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}
