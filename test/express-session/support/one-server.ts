import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Answer, ask, type Question } from '../../adapters/support/server.ts'

type Listener = (req: IncomingMessage, res: ServerResponse) => void

/** Asks the one application, whatever others the server has. */
export type Ask = (question?: Question) => Promise<Answer>

const WHICH = 'x-application'

/*
 * One server on loopback has all applications of the cases, each of which has several: to listen anew for each would take most
 * of the time. It is there as long as the process, and keeps none alive.
 */
const applications = new Map<string, Listener>()
let listening: Promise<number> | undefined
const agent = new http.Agent({ keepAlive: true, maxSockets: 8 })
let count = 0

export async function mount(listener: Listener): Promise<Ask> {
  const which = String(++count)
  applications.set(which, listener)
  listening ??= listen()
  const port = await listening
  return (question = {}) =>
    ask(port, { agent, ...question, headers: { ...question.headers, [WHICH]: which } })
}

function listen(): Promise<number> {
  const server = http.createServer((req, res) => applications.get(String(req.headers[WHICH]))!(req, res))
  server.on('connection', (socket) => socket.unref())
  server.unref()
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

/** A browser, as far as a session's cookie goes. */
export class VisitorOf {
  readonly #ask: Ask
  readonly cookies = new Map<string, string>()

  constructor(asks: Ask) {
    this.#ask = asks
  }

  async get(path = '/', question: Question = {}): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await this.#ask({
      ...question,
      path,
      headers: { ...(cookie === '' ? {} : { cookie }), ...question.headers },
    })
    for (const line of answer.setCookies) {
      const [, name, value] = /^([^=]*)=([^;]*)/.exec(line)!
      this.cookies.set(name!, value!)
    }
    return answer
  }
}
