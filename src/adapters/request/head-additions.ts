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

  constructor(cookies: readonly SetCookie[], varies: boolean) {
    this.cookies = cookies
    this.varies = varies
  }

  /** A cookie is set: no shared cache may keep the answer. */
  get private(): boolean {
    return this.cookies.length > 0
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
    if (!this.private) return
    const cacheControl = keptPrivate(headers.get('Cache-Control') ?? undefined)
    if (cacheControl !== undefined) headers.set('Cache-Control', cacheControl)
  }
}

// A directive with its quoted argument, in which commas don't separate.
const DIRECTIVES = /(?:[^,"]|"(?:[^"\\]|\\.)*")+/g

/** The Cache-Control value that keeps a cookie out of shared caches. `undefined`: the one that is there does. */
function keptPrivate(before: string | undefined): string | undefined {
  if (before === undefined) return 'private'
  const directives = (before.match(DIRECTIVES) ?? []).map((directive) => directive.trim()).filter(Boolean)
  const names = directives.map((directive) => directive.split('=', 1)[0]!.trim().toLowerCase())
  if (names.includes('private') || names.includes('no-store')) return undefined
  const shared = new Set(['public', 's-maxage'])
  return ['private', ...directives.filter((_, i) => !shared.has(names[i]!))].join(', ')
}
