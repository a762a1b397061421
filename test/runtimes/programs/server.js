// A server for a function of fetch: the runtime's own, and on Node.js, which has none, one over node:http.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

const HOST = '127.0.0.1'

/** An error that the handler has left to its server. */
const failed = (error) => new Response('failed', { status: error?.status ?? 500 })

/** Listens on a free port; `close` ends it with all connections. */
export function listen(handle) {
  if (globalThis.Bun !== undefined) return onBun(handle)
  if (globalThis.Deno !== undefined) return onDeno(handle)
  return onNode(handle)
}

async function onBun(handle) {
  const server = globalThis.Bun.serve({ hostname: HOST, port: 0, fetch: handle, error: failed })
  return { url: `http://${HOST}:${server.port}`, close: async () => void server.stop(true) }
}

async function onDeno(handle) {
  const stopped = new AbortController()
  const server = globalThis.Deno.serve(
    { hostname: HOST, port: 0, onListen() {}, onError: failed, signal: stopped.signal },
    handle,
  )
  return { url: `http://${HOST}:${server.addr.port}`, close: async () => stopped.abort() }
}

async function onNode(handle) {
  const server = createServer((req, res) => void serve(handle, req, res))
  server.listen(0, HOST)
  await once(server, 'listening')
  const close = () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://${HOST}:${server.address().port}`, close }
}

async function serve(handle, req, res) {
  const gone = new AbortController()
  res.on('close', () => gone.abort())
  const headers = new Headers(Object.entries(req.headers).map(([name, value]) => [name, String(value)]))
  const init = { method: req.method, headers, signal: gone.signal }
  const hasBody = req.method !== 'GET' && req.method !== 'HEAD'
  const request = new Request(
    `http://${req.headers.host}${req.url}`,
    hasBody ? { ...init, body: Readable.toWeb(req), duplex: 'half' } : init,
  )
  const response = await Promise.resolve(handle(request)).catch(failed)
  const cookies = response.headers.getSetCookie()
  for (const [name, value] of response.headers) if (name !== 'set-cookie') res.setHeader(name, value)
  if (cookies.length > 0) res.setHeader('set-cookie', cookies)
  res.writeHead(response.status)
  if (response.body === null || req.method === 'HEAD') res.end()
  else await pipeline(Readable.fromWeb(response.body), res).catch(() => {})
}
