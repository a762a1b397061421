import { once } from 'node:events'
import { type Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import { json } from 'node:stream/consumers'

export interface Answer {
  status: number
  body: unknown
}

/** Somebody with a cookie of their own, who talks to this server as a browser would, but without its six connections. */
export class Visitor {
  readonly #base: string
  readonly #agent: Agent
  #cookie: string | undefined

  constructor(base: string, agent: Agent) {
    this.#base = base
    this.#agent = agent
  }

  /** The same visitor's other tab: has the cookie as it is now, and keeps it. */
  otherTab(): Visitor {
    const tab = new Visitor(this.#base, this.#agent)
    tab.#cookie = this.#cookie
    return tab
  }

  async get(path: string): Promise<Answer> {
    return this.#answer(this.#begin('GET', path).end())
  }

  async post(path: string): Promise<Answer> {
    return this.#answer(this.#begin('POST', path).end())
  }

  /** A POST whose body isn't at its end yet, once its handler is at work. Call the result to send the rest. */
  async slowPost(path: string): Promise<() => Promise<Answer>> {
    const outgoing = this.#begin('POST', path)
    const answer = this.#answer(outgoing)
    outgoing.write('the first half ')
    await Promise.race([once(outgoing, 'information'), answer])
    return () => {
      outgoing.end('and the second')
      return answer
    }
  }

  #begin(method: string, path: string): ClientRequest {
    const headers: Record<string, string> = { origin: new URL(this.#base).origin }
    if (this.#cookie !== undefined) headers.cookie = this.#cookie
    return request(this.#base + path, { method, headers, agent: this.#agent })
  }

  async #answer(outgoing: ClientRequest): Promise<Answer> {
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
    for (const line of incoming.headers['set-cookie'] ?? []) this.#cookie = line.split(';', 1)[0]
    return { status: incoming.statusCode ?? 0, body: await json(incoming).catch(() => undefined) }
  }
}
