import type { ServerResponse } from 'node:http'
import type { ResponseHeaders } from '../../request/head-additions.ts'
import { OF_THE_BODY } from '../../request/of-the-body.ts'

/** Adds to what the handler has set. */
export function addToHead(res: ServerResponse, additions: { addTo(headers: ResponseHeaders): void }): void {
  additions.addTo(new NodeHeaders(res))
}

class NodeHeaders implements ResponseHeaders {
  readonly #res: ServerResponse

  constructor(res: ServerResponse) {
    this.#res = res
  }

  get(name: string): string | undefined {
    return textOf(this.#res.getHeader(name))
  }

  set(name: string, value: string): void {
    this.#res.setHeader(name, value)
  }

  /** As a list, also of one: who takes an answer apart for a cloud function (serverless-http) looks for cookies in lists alone. */
  append(name: string, value: string): void {
    this.#res.setHeader(name, [...listOf(this.#res.getHeader(name)), value])
  }

  getSetCookie(): string[] {
    return listOf(this.#res.getHeader('Set-Cookie'))
  }
}

/** A header as Node.js keeps it, as one text. */
export function textOf(value: unknown): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value?.toString()
}

/** The same as the lines that it is sent in. */
export function listOf(value: unknown): string[] {
  return value === undefined ? [] : Array.isArray(value) ? value.map(String) : [String(value)]
}

/** The headers that `writeHead` is given, behind a status and perhaps a text for it: node's own rule. */
export function givenHeaders(args: readonly unknown[]): unknown {
  return typeof args[1] === 'string' ? args[2] : (args[2] ?? args[1])
}

/**
 * Moves the headers given to `writeHead` on to the response, so that others can be added to them, and returns the
 * arguments that are left. As in Node a header replaces the one set before; one that a list names twice is sent twice.
 */
export function adoptHeaders(res: ServerResponse, args: unknown[]): unknown[] {
  const named = typeof args[1] === 'string'
  const given = givenHeaders(args)
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
