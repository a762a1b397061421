import vary from 'vary'
import type { SetCookie } from '../../cookie/cookie.ts'

/** The headers of a response, however a host keeps them; `Headers` of fetch has this shape. */
export interface ResponseHeaders {
  /** A header's value, several of one name joined; nothing where there is none. */
  get(name: string): string | null | undefined
  set(name: string, value: string): void
  append(name: string, value: string): void
  getSetCookie(): string[]
}

/** What a session adds to the head of its response. */
export class HeadAdditions {
  /** Cookies to set or to remove; most often none. */
  readonly cookies: readonly SetCookie[]
  /** The answer depends on the cookie: `Vary: Cookie` is due. */
  readonly varies: boolean

  /** No shared cache may keep the answer, as it is for one visitor alone: a cookie is set, most often. */
  readonly private: boolean
  /** What the browser is to clear, as `Clear-Site-Data` names it; most often nothing. */
  readonly clears: readonly string[]

  constructor(
    cookies: readonly SetCookie[],
    varies: boolean,
    { forOne = false, clears = [] }: { forOne?: boolean; clears?: readonly string[] } = {},
  ) {
    this.cookies = cookies
    this.varies = varies
    this.clears = clears
    this.private = forOne || cookies.length > 0 || clears.length > 0
  }

  /** The same without the cookies that a later commit sets or removes. */
  before(later: HeadAdditions): HeadAdditions {
    const cookies = this.cookies.filter((cookie) => !later.cookies.some((other) => areOne(cookie, other)))
    if (cookies.length === this.cookies.length) return this
    return new HeadAdditions(cookies, this.varies, { forOne: this.private, clears: this.clears })
  }

  /** Adds to what is there; a second time it adds nothing. */
  addTo(headers: ResponseHeaders): void {
    if (this.varies) {
      const before = headers.get('Vary') ?? ''
      const after = vary.append(before, 'Cookie')
      if (after !== before) headers.set('Vary', after)
    }
    for (const { line } of this.cookies) {
      if (!headers.getSetCookie().includes(line)) headers.append('Set-Cookie', line)
    }
    if (this.private) keepPrivate(headers)
    if (this.clears.length > 0) headers.set(CLEAR, alsoClearing(headers.get(CLEAR) ?? '', this.clears))
  }
}

/** Of most answers to visitors who have a session. */
export const ONLY_VARIES = new HeadAdditions([], true)

/** They have one place in a browser. */
function areOne(one: SetCookie, other: SetCookie): boolean {
  const { path, domain, partitioned } = one.attributes
  const { attributes } = other
  return (
    one.name === other.name &&
    path === attributes.path &&
    domain === attributes.domain &&
    partitioned === attributes.partitioned
  )
}

const CLEAR = 'Clear-Site-Data'

/** What the handler clears stays. */
function alsoClearing(before: string, clears: readonly string[]): string {
  const there = before.split(',').map((text) => text.trim())
  const all = [...there, ...clears.map((name) => `"${name}"`)].filter(Boolean)
  return [...new Set(all)].join(', ')
}

/**
 * Headers that are for the caches of content delivery networks and reverse proxies alone, which then don't look at
 * `Cache-Control` (RFC 9213). There is no list of all; these are the general one, the one before it, and those that large
 * networks have added.
 */
const FOR_SHARED_CACHES = [
  'CDN-Cache-Control',
  'Surrogate-Control',
  'Cloudflare-CDN-Cache-Control',
  'Netlify-CDN-Cache-Control',
  'Vercel-CDN-Cache-Control',
]

/** Keeps a cookie out of every cache that is shared. */
function keepPrivate(headers: ResponseHeaders): void {
  const before = headers.get('Cache-Control') ?? undefined
  const after = keptPrivate(before)
  if (after !== before) headers.set('Cache-Control', after)
  for (const name of FOR_SHARED_CACHES) {
    const wish = headers.get(name) ?? undefined
    if (wish !== undefined && !isPrivate(directivesOf(wish))) headers.set(name, notStored(wish))
  }
}

interface Directive {
  /** In small letters. */
  readonly name: string
  readonly text: string
}

// A directive with its quoted argument, in which commas don't separate.
const DIRECTIVES = /(?:[^,"]|"(?:[^"\\]|\\.)*")+/g

function directivesOf(header: string): Directive[] {
  const texts = (header.match(DIRECTIVES) ?? []).map((text) => text.trim()).filter(Boolean)
  return texts.map((text) => ({ name: text.split('=', 1)[0]!.trim().toLowerCase(), text }))
}

/** `private="set-cookie"` is not: it keeps one header back, and lets the rest be stored and shown to others (RFC 9111, 5.2.2.7). */
function isPrivate(directives: readonly Directive[]): boolean {
  return directives.some(({ text }) => /^(no-store|private)$/i.test(text))
}

function keptPrivate(before: string | undefined): string {
  if (before === undefined) return 'private'
  const directives = directivesOf(before)
  if (isPrivate(directives)) return before
  const dropped = ['public', 's-maxage', 'private']
  const kept = directives.filter(({ name }) => !dropped.includes(name)).map(({ text }) => text)
  return ['private', ...kept].join(', ')
}

/** Of what is for shared caches nothing is left, but for what a reverse proxy is to do with the answer. */
function notStored(wish: string): string {
  const content = directivesOf(wish).filter(({ name }) => name === 'content')
  return ['no-store', ...content.map(({ text }) => text)].join(', ')
}
