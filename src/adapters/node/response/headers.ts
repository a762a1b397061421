import type { ServerResponse } from 'node:http'
import vary from 'vary'

/** What a session adds to the head of its response. */
export interface HeadAdditions {
  /** A Set-Cookie value, added to those that the handler sets. */
  setCookie?: string
  /** Whether the answer depends on the cookie, so that `Vary: Cookie` is due. */
  varies?: boolean
}

/** Adds to what the handler has set; a second time with the same cookie adds nothing. */
export function addToHead(res: ServerResponse, additions: HeadAdditions): void {
  if (additions.varies) vary(res, 'Cookie')
  if (additions.setCookie === undefined) return
  addSetCookie(res, additions.setCookie)
  const cacheControl = keptPrivate(res.getHeader('cache-control'))
  if (cacheControl !== undefined) res.setHeader('Cache-Control', cacheControl)
}

function addSetCookie(res: ServerResponse, cookie: string): void {
  const before = res.getHeader('set-cookie')
  const cookies = before === undefined ? [] : Array.isArray(before) ? before : [String(before)]
  if (!cookies.includes(cookie)) res.setHeader('Set-Cookie', [...cookies, cookie])
}

// A directive with its quoted argument, in which commas don't separate.
const DIRECTIVES = /(?:[^,"]|"(?:[^"\\]|\\.)*")+/g

/** The Cache-Control value that keeps a cookie out of shared caches. `undefined`: the one that is there does. */
function keptPrivate(before: number | string | readonly string[] | undefined): string | undefined {
  if (before === undefined) return 'private'
  const text = Array.isArray(before) ? before.join(', ') : String(before)
  const directives = (text.match(DIRECTIVES) ?? []).map((directive) => directive.trim()).filter(Boolean)
  const names = directives.map((directive) => directive.split('=', 1)[0]!.trim().toLowerCase())
  if (names.includes('private') || names.includes('no-store')) return undefined
  const shared = new Set(['public', 's-maxage'])
  return ['private', ...directives.filter((_, i) => !shared.has(names[i]!))].join(', ')
}

/**
 * Moves the headers given to `writeHead` on to the response, so that others can be added to them, and returns the
 * arguments that are left. As in Node a header replaces the one set before; one that a list names twice is sent twice.
 */
export function adoptHeaders(res: ServerResponse, args: unknown[]): unknown[] {
  const named = typeof args[1] === 'string'
  const given = named ? args[2] : (args[2] ?? args[1])
  if (Array.isArray(given)) {
    const pairs = pairsOf(given)
    if (pairs === undefined) return args
    for (const [name, values] of pairs) res.setHeader(name, values.length === 1 ? values[0]! : values)
  } else if (given) {
    for (const [name, value] of Object.entries(given)) if (name) res.setHeader(name, value)
  }
  return named ? args.slice(0, 2) : args.slice(0, 1)
}

/** Each name of a header list with its values, in order. `undefined`: not a list that Node takes. */
function pairsOf(list: unknown[]): Map<string, string[]> | undefined {
  const flat = Array.isArray(list[0]) ? list.flatMap((pair) => (pair as unknown[]).slice(0, 2)) : list
  if (flat.length % 2 !== 0) return undefined
  const spelled = new Map<string, string>()
  const pairs = new Map<string, string[]>()
  for (let i = 0; i < flat.length; i += 2) {
    if (!flat[i]) continue
    const name = String(flat[i])
    const lower = name.toLowerCase()
    if (!spelled.has(lower)) spelled.set(lower, name)
    const values = pairs.get(spelled.get(lower)!) ?? []
    pairs.set(spelled.get(lower)!, values.concat(flat[i + 1] as string | string[]))
  }
  return pairs
}

// What describes the body that is not sent after all. Security headers and the handler's cookies stay.
const OF_THE_BODY = [
  'accept-ranges',
  'cache-control',
  'content-digest',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'digest',
  'etag',
  'expires',
  'last-modified',
  'location',
  'refresh',
  'repr-digest',
  'trailer',
  'transfer-encoding',
]

/** Takes back the answer that a handler has begun, for an error's answer in its place. */
export function clearAnswer(res: ServerResponse): void {
  for (const name of OF_THE_BODY) if (res.hasHeader(name)) res.removeHeader(name)
  res.statusCode = 500
  if (!isHttp2(res)) res.statusMessage = ''
}

/** HTTP/2 has no status message: its response warns when one is only looked at. */
export function isHttp2(res: ServerResponse): boolean {
  return res.req?.httpVersionMajor === 2
}
