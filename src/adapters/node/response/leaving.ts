import type { ServerResponse } from 'node:http'
import type { ResponseHeaders } from '../../request/head-additions.ts'
import type { AddsToHead } from './head.ts'
import { addToHead, adoptHeaders, givenHeaders, listOf, textOf } from './headers.ts'

/**
 * For a host that commits before it sends its answer: what is added to the head is added once more as that leaves, on the
 * response itself. Code that runs in between may set the same headers, and `Cache-Control: public` would have the last word over an
 * answer with a session's cookie. Every other way to send a head leads to `writeHead`.
 */
export function addAsItLeaves(res: ServerResponse, additions: AddsToHead): void {
  const { writeHead } = res as { writeHead(...args: unknown[]): ServerResponse }
  const watched = (...args: unknown[]): ServerResponse => {
    let left = args
    // Otherwise it is refused.
    if (!res.headersSent) {
      const leaving = new Leaving(res, args)
      additions.addTo(leaving)
      if (leaving.lacks) {
        left = adoptHeaders(res, args)
        addToHead(res, additions)
      }
    }
    return Reflect.apply(writeHead, res, left)
  }
  res.writeHead = watched as typeof res.writeHead
}

/** A head as it is about to leave: most often nothing has to be added to it, and what `writeHead` is given stays where it is. */
class Leaving implements ResponseHeaders {
  lacks = false
  readonly #res: ServerResponse
  readonly #given: unknown

  constructor(res: ServerResponse, args: readonly unknown[]) {
    this.#res = res
    this.#given = givenHeaders(args)
  }

  get(name: string): string | undefined {
    return textOf(this.#value(name))
  }

  set(): void {
    this.lacks = true
  }

  append(): void {
    this.lacks = true
  }

  getSetCookie(): string[] {
    return listOf(this.#value('Set-Cookie'))
  }

  #value(name: string): unknown {
    const given = this.#given
    // Looked up in no list, so that what is added there counts as missing.
    if (Array.isArray(given)) return undefined
    if (typeof given === 'object' && given !== null) {
      const lower = name.toLowerCase()
      for (const [key, value] of Object.entries(given)) if (key.toLowerCase() === lower) return value
    }
    return this.#res.getHeader(name)
  }
}
