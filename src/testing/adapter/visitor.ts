import assert from 'node:assert/strict'
import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import { type SessionKey, sessionKey } from '../../contract/key.ts'
import { unlessCome } from './gate.ts'

export interface Question {
  method?: string
  headers?: Readonly<Record<string, string>>
  /** In the place of the cookies that this visitor has. */
  cookie?: string
}

/** An answer of which the head is there. */
export interface Begun {
  status: number
  setCookies: readonly string[]
  /** The lines of that name, joined; `undefined` if there is none. */
  header(name: string): string | undefined
  /** The next piece of the body; `undefined` behind the last. */
  piece(): Promise<string | undefined>
  /** The rest of the body. */
  rest(): Promise<string>
}

export interface Answer extends Omit<Begun, 'piece' | 'rest'> {
  text: string
}

/** The session cookie of a site: under the names of http and https, and the one that a case gives it. */
const SESSION = /^(?:__Host-)?(?:sid|shop)=([^;]*)/

/**
 * A browser, as far as a session goes. It is no `fetch`, of which nobody can see what lines its answers have, or how they
 * came in.
 */
export class Visitor {
  readonly #agent = new http.Agent({ keepAlive: true })
  readonly #base: string
  readonly #cookies = new Map<string, string>()
  readonly #timeout: number
  /** The id that its session had last. */
  id = ''

  /** `base`: where its paths begin. */
  constructor(base: string, timeout: number) {
    this.#base = base
    this.#timeout = timeout
  }

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  set cookie(cookie: string) {
    this.#cookies.clear()
    for (const pair of cookie.split('; ')) this.#keep(pair)
  }

  get key(): SessionKey {
    return sessionKey(this.id)
  }

  /** One request and its whole answer. */
  async get(path: string, question: Question = {}): Promise<Answer> {
    const { piece: _, rest, ...head } = await this.begin(path, question)
    return { ...head, text: await rest() }
  }

  /** One request, up to the head of its answer. */
  async begin(path: string, question: Question = {}): Promise<Begun> {
    const body = await this.#answer(path, question)
    const setCookies = body.headers['set-cookie'] ?? []
    for (const line of setCookies) this.#keep(line)
    return {
      status: body.statusCode!,
      setCookies,
      header: (name) => body.headersDistinct[name.toLowerCase()]?.join(', '),
      ...this.#reading(body, path),
    }
  }

  /**
   * A server closes a connection over which nothing came for some seconds. On a busy machine that may cross with the next
   * request, which then goes over another one.
   */
  async #answer(path: string, question: Question): Promise<IncomingMessage> {
    const request = this.send(path, question)
    const late = new AbortController()
    const come = unlessCome(this.#timeout, () => late.abort())
    try {
      const [body] = await once(request, 'response', { signal: late.signal })
      return body as IncomingMessage
    } catch (error) {
      request.destroy()
      if (late.signal.aborted) {
        assert.fail(`${question.method ?? 'GET'} ${path} was not answered within ${this.#timeout} ms`)
      }
      const isReset = (error as NodeJS.ErrnoException).code === 'ECONNRESET'
      if (isReset && request.reusedSocket) return await this.#answer(path, question)
      throw error
    } finally {
      come()
    }
  }

  /** One request, of which nobody waits for an answer. */
  send(
    path: string,
    { method = 'GET', headers = {}, cookie = this.cookie }: Question = {},
  ): http.ClientRequest {
    const sent = cookie === '' ? headers : { ...headers, cookie }
    const request = http.request(this.#base + path, { method, headers: sent, agent: this.#agent })
    // Who waits for the answer has the error; of one that was given up nobody does.
    return request.on('error', () => {}).end()
  }

  /** Closes its connections. */
  leave(): void {
    this.#agent.destroy()
  }

  #reading(body: IncomingMessage, path: string): Pick<Begun, 'piece' | 'rest'> {
    const pieces = body.setEncoding('utf8')[Symbol.asyncIterator]()
    const piece = async () => {
      const come = unlessCome(this.#timeout, () =>
        body.destroy(new Error(`nothing more of the body of ${path} came within ${this.#timeout} ms`)),
      )
      try {
        const { value, done } = await pieces.next()
        return done ? undefined : (value as string)
      } finally {
        come()
      }
    }
    const rest = async () => {
      let text = ''
      for (let next = await piece(); next !== undefined; next = await piece()) text += next
      return text
    }
    return { piece, rest }
  }

  #keep(line: string): void {
    const [, name, value] = /^([^=;]*)=([^;]*)/.exec(line) ?? []
    if (name === undefined) return
    if (/;\s*max-age=0/i.test(line)) this.#cookies.delete(name)
    else this.#cookies.set(name, value!)
    const id = SESSION.exec(line)?.[1]
    if (id) this.id = id
  }
}

/** The lines that set, or remove, the session's cookie. */
export function sessionCookies({ setCookies }: Pick<Begun, 'setCookies'>): string[] {
  return setCookies.filter((line) => SESSION.test(line))
}

/** The attributes of a cookie's line, by their names in small letters. */
export function attributesOf(line: string): Map<string, string> {
  const attributes = line.split(';').slice(1)
  return new Map(
    attributes.map((text) => {
      const [name, value = ''] = text.trim().split('=', 2)
      return [name!.toLowerCase(), value]
    }),
  )
}
