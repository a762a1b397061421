import { Agent, request } from 'node:http'

export interface Reply {
  status: number
  /** The cookie to show from now on; empty: none any more. */
  cookie: string | undefined
}

/** A browser's side of the connection: kept-alive connections, and some that are cut. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 })
  readonly #port: number

  constructor(port: number) {
    this.#port = port
  }

  send(method: 'GET' | 'POST', path: string, cookie: string | undefined): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const asked = request(this.#options(method, path, cookie), (answer) => {
        const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0]
        answer.on('error', reject)
        answer.on('end', () => resolve({ status: answer.statusCode!, cookie }))
        answer.resume()
      })
      asked.on('error', reject)
      asked.end()
    })
  }

  /** Leaves after so many milliseconds, with the answer or a half of the body still to come. */
  leave(path: string, cookie: string | undefined, after: number, half?: string): Promise<void> {
    return new Promise((resolve) => {
      const headers =
        half === undefined ? {} : { 'Content-Type': 'text/plain', 'Content-Length': half.length * 2 }
      const options = this.#options('POST', path, cookie, headers)
      const asked = request(options, (answer) => answer.on('error', () => {}).resume())
      asked.on('error', () => {})
      asked.on('close', resolve)
      if (half === undefined) asked.end()
      else asked.write(half)
      setTimeout(() => asked.destroy(), after)
    })
  }

  close(): void {
    this.#agent.destroy()
  }

  #options(method: string, path: string, cookie: string | undefined, more: object = {}): object {
    const headers = { ...more, ...(cookie === undefined ? {} : { Cookie: cookie }) }
    return { agent: this.#agent, host: '127.0.0.1', port: this.#port, method, path, headers }
  }
}
