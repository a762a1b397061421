import { once } from 'node:events'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A server of HTTP/2 on loopback, without TLS, for the test that runs. */
export async function serveHttp2(listener: unknown): Promise<number> {
  const server = http2.createServer(listener as Parameters<typeof http2.createServer>[1])
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => new Promise((closed) => void server.close(() => closed())))
  return (server.address() as AddressInfo).port
}

/** Asks for the page by HTTP/2, and takes the request back once it is under way. */
export async function leaveHttp2(port: number, asked: Promise<void>): Promise<void> {
  const client = http2.connect(`http://127.0.0.1:${port}`)
  const stream = client.request({ ':path': '/' })
  stream.on('error', () => {})
  await asked
  stream.close(http2.constants.NGHTTP2_CANCEL)
  await once(stream, 'close')
  client.close()
}
