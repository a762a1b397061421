import { once } from 'node:events'
import { createRequire } from 'node:module'
import { onTestFinished } from 'vitest'
import type { Browser } from './browser.ts'

/** What is used of a WebSocket of the package ws. */
interface Socket extends NodeJS.EventEmitter {
  send(text: string): void
  terminate(): void
}

/** A WebSocket that shows the cookies of a browser. */
export function connect(browser: Browser, path: string): Socket {
  const { WebSocket } = createRequire(import.meta.url)('ws')
  const url = browser.address.url.replace('http', 'ws') + path
  const socket: Socket = new WebSocket(url, { headers: { cookie: browser.cookie }, ...browser.address.tls })
  onTestFinished(() => socket.terminate())
  return socket
}

/** A WebSocket with the cookies of a browser: it is greeted, and then each message is answered by one. */
export class Talk {
  readonly #socket: Socket

  private constructor(socket: Socket) {
    this.#socket = socket
  }

  static async with(browser: Browser, path: string): Promise<Talk> {
    const socket = connect(browser, path)
    // What is said before the application listens is lost: express-ws opens a socket first, and then finds the session.
    await once(socket, 'message')
    return new Talk(socket)
  }

  async ask(text: string): Promise<unknown> {
    const answer = once(this.#socket, 'message')
    this.#socket.send(text)
    const [data] = await answer
    return JSON.parse(String(data))
  }

  async closed(): Promise<void> {
    await once(this.#socket, 'close')
  }
}

/** The status with which a WebSocket is refused. */
export async function refusal(browser: Browser, path: string): Promise<number> {
  const socket = connect(browser, path)
  socket.on('error', () => {})
  const [, response] = await once(socket, 'unexpected-response')
  return response.statusCode
}
