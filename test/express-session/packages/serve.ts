import { once } from 'node:events'
import http, { type RequestListener, type Server } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { onTestFinished } from 'vitest'

/** Where a server of a test is found. */
export interface Address {
  /** Its origin. */
  url: string
  port: number
  /** What a client needs to know of its TLS. */
  tls?: ConnectionOptions
}

// A key that both sides know is TLS without a certificate.
const psk = Buffer.from('a key that both sides know')
const ciphers = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const
const serverTls = { ...ciphers, pskCallback: () => psk, pskIdentityHint: 'test' }
const clientTls = {
  ...ciphers,
  pskCallback: () => ({ psk, identity: 'test' }),
  checkServerIdentity: () => undefined,
}

/** A server on the loopback, which nobody listens to yet. */
export function serverFor(listener?: RequestListener, scheme: 'http' | 'https' = 'http'): Server {
  return scheme === 'http' ? http.createServer(listener) : https.createServer(serverTls, listener)
}

/** Lets it listen until the test is over. */
export async function listen(server: Server): Promise<Address> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  })
  const { port } = server.address() as AddressInfo
  const secure = server instanceof https.Server
  return {
    url: `${secure ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    ...(secure && { tls: clientTls }),
  }
}
