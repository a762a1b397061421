import { once } from 'node:events'
import { request } from 'node:http'
import { json } from 'node:stream/consumers'

/** Somebody with a cookie of their own, who asks as a browser would, but without its limit of six connections. */
export class Visitor {
  #base
  #agent
  #cookie

  /** `agent`: its connections are kept. */
  constructor(base, agent) {
    this.#base = base
    this.#agent = agent
  }

  /** The same visitor's other tab: has the cookie as it is now, and keeps it. */
  otherTab() {
    const tab = new Visitor(this.#base, this.#agent)
    tab.#cookie = this.#cookie
    return tab
  }

  /** Sends a form; gives the status of the answer, once all of it is there: express-session saves before its last byte. */
  async post(path, form = {}) {
    const incoming = await this.#ask('POST', path, String(new URLSearchParams(form)))
    await once(incoming.resume(), 'end')
    return incoming.statusCode
  }

  /** What the visitor's session holds. */
  async values() {
    const incoming = await this.#ask('GET', '/session')
    return incoming.statusCode === 200 ? json(incoming) : {}
  }

  async #ask(method, path, body) {
    const headers = { origin: this.#base, 'content-type': 'application/x-www-form-urlencoded' }
    if (this.#cookie !== undefined) headers.cookie = this.#cookie
    const outgoing = request(this.#base + path, { method, headers, agent: this.#agent })
    const [incoming] = await once(outgoing.end(body), 'response')
    for (const line of incoming.headers['set-cookie'] ?? []) this.#cookie = line.split(';', 1)[0]
    return incoming
  }
}
