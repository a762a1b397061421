import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { text } from 'node:stream/consumers'
import type { Address } from './serve.ts'

/** An answer as a page's script sees it. */
export interface Answer {
  status: number
  /** What JSON says, or the text of anything else. */
  body: unknown
  /** Where a redirect leads. */
  location: string | undefined
  /** The names of the cookies that it sets or removes. */
  sets: string[]
  headers: http.IncomingHttpHeaders
}

/** What a request carries besides cookies. */
export interface Sent {
  /** Of a POST: as a form of a page sends it, as JSON, or as a text. */
  form?: Record<string, string>
  json?: unknown
  text?: string
  headers?: Record<string, string>
}

/** Asks one server, and keeps cookies by their names as a browser does. It follows no redirect by itself. */
export class Browser {
  readonly address: Address
  readonly cookies: Map<string, string>

  constructor(address: Address, cookies: Iterable<[string, string]> = []) {
    this.address = address
    this.cookies = new Map(cookies)
  }

  /** Another one with the same cookies: a second device that was given them, or a thief. */
  twin(): Browser {
    return new Browser(this.address, this.cookies)
  }

  /** Its Cookie header, for what asks by other ways than these. */
  get cookie(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  get(path: string, sent: Sent = {}): Promise<Answer> {
    return this.#ask('GET', path, sent)
  }

  post(path: string, sent: Sent = {}): Promise<Answer> {
    return this.#ask('POST', path, sent)
  }

  /** The body of what a GET answers. */
  async sees(path: string): Promise<unknown> {
    return (await this.get(path)).body
  }

  /** Goes where redirects lead, to other servers too, until there is a page. */
  async follows(path: string): Promise<Answer> {
    let answer = await this.get(path)
    for (let hops = 0; answer.location !== undefined; hops++) {
      if (hops === 10) throw new Error(`Redirects without an end: ${answer.location}`)
      answer = await this.get(answer.location)
    }
    return answer
  }

  async #ask(method: string, path: string, sent: Sent): Promise<Answer> {
    const url = new URL(path, this.address.url)
    const here = url.origin === new URL(this.address.url).origin
    const { type, body } = bodyOf(sent)
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method,
      agent: false,
      ...(here && this.address.tls),
      headers: {
        ...(here && this.cookies.size > 0 && { cookie: this.cookie }),
        ...(body !== '' && { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
        ...sent.headers,
      },
    })
    request.end(body)
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve).once('error', reject)
    })
    const answered = await text(response)
    const sets = here ? this.keep(response.headers['set-cookie']) : []
    return {
      status: response.statusCode!,
      body: /json/.test(response.headers['content-type'] ?? '') ? JSON.parse(answered) : answered,
      location: response.headers.location,
      sets,
      headers: response.headers,
    }
  }

  /** Keeps the cookies that an answer sets, and drops those that it removes; their names. */
  keep(lines: string[] = []): string[] {
    return lines.map((line) => {
      const pair = line.split(';', 1)[0]!
      const name = pair.slice(0, pair.indexOf('='))
      const expires = /;\s*expires=([^;]+)/i.exec(line)?.[1]
      const over = /;\s*max-age=0/i.test(line) || (expires && Date.parse(expires) <= Date.now())
      if (over) this.cookies.delete(name)
      else this.cookies.set(name, pair.slice(name.length + 1))
      return name
    })
  }
}

function bodyOf({ form, json, text }: Sent): { type: string; body: string } {
  if (form) return { type: 'application/x-www-form-urlencoded', body: `${new URLSearchParams(form)}` }
  if (json !== undefined) return { type: 'application/json', body: JSON.stringify(json) }
  return { type: 'text/plain', body: text ?? '' }
}
