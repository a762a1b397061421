import { once } from 'node:events'
import http, { type IncomingMessage, type Server } from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import { onTestFinished } from 'vitest'

// A key that both sides know is TLS without a certificate.
const psk = Buffer.from('a key that both sides know')
const tls = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const
const serverTls = { ...tls, pskCallback: () => psk, pskIdentityHint: 'test' }
const clientTls = {
  ...tls,
  pskCallback: () => ({ psk, identity: 'test' }),
  checkServerIdentity: () => undefined,
  rejectUnauthorized: false,
}

export type OnUpgrade = (req: IncomingMessage, socket: Duplex) => void

/** A server that is asked for pages and for upgrades. */
export async function servesUpgrades(
  page: http.RequestListener,
  onUpgrade: OnUpgrade,
  scheme: 'http' | 'https' = 'http',
): Promise<UpgradeClient> {
  const server: Server = scheme === 'http' ? http.createServer(page) : https.createServer(serverTls, page)
  server.on('upgrade', onUpgrade)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  })
  const { port } = server.address() as { port: number }
  return new UpgradeClient(scheme, port)
}

/** Says that the protocol is another one now, and sends one text in it. */
export function answerUpgrade(socket: Duplex, text: string): void {
  socket.end(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n${text}`)
}

/** A browser as far as the session cookie goes. */
class UpgradeClient {
  readonly #scheme: 'http' | 'https'
  readonly port: number
  cookie = ''

  constructor(scheme: 'http' | 'https', port: number) {
    this.#scheme = scheme
    this.port = port
  }

  async get(path: string, headers: http.OutgoingHttpHeaders = {}): Promise<string> {
    const request = this.#request(path, headers)
    request.end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const [line] = response.headers['set-cookie'] ?? []
    if (line !== undefined) this.cookie = line.split(';', 1)[0]!
    return textOf(response)
  }

  /** What comes once the protocol is another one; `undefined`: the connection was closed instead. */
  async upgrade(path = '/'): Promise<string | undefined> {
    const request = this.#request(path, { connection: 'Upgrade', upgrade: 'test' })
    request.end()
    try {
      const [, socket, head] = (await once(request, 'upgrade')) as [IncomingMessage, Duplex, Buffer]
      return String(head) + (await textOf(socket))
    } catch {
      return undefined
    }
  }

  #request(path: string, headers: http.OutgoingHttpHeaders): http.ClientRequest {
    const cookie = this.cookie === '' ? {} : { cookie: this.cookie }
    const options = { host: '127.0.0.1', port: this.port, path, headers: { ...cookie, ...headers } }
    return this.#scheme === 'http'
      ? http.request({ ...options, agent: false })
      : https.request({ ...options, ...clientTls, agent: false })
  }
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += chunk
  return text
}
