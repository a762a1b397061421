import http, { type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sessions as expressSessions, type PlainSession } from '../../../src/express.ts'
import { sessions as fetchSessions } from '../../../src/fetch.ts'
import { sessions as nodeSessions } from '../../../src/node.ts'
import type { AdapterConformanceOptions, AdapterSite, PageAnswer } from '../../../src/testing.ts'
import { expresses } from '../support/express.ts'
import { bridge } from './bridge.ts'

type Serve = AdapterConformanceOptions['serve']

/** A server on loopback, as the suite has to be given one. */
export async function listening(listener: RequestListener): Promise<Awaited<ReturnType<Serve>>> {
  const server = http.createServer(listener)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const close = () =>
    new Promise<void>((closed) => {
      server.close(() => closed())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

/** Sends a page's answer as a handler of Node.js does. */
export async function send(res: ServerResponse, { status, headers, body = '' }: PageAnswer): Promise<void> {
  res.statusCode = status
  for (const [name, value] of headers) res.appendHeader(name, value)
  if (typeof body === 'string') return void res.end(body)
  for await (const piece of body) res.write(piece)
  res.end()
}

/** A page's answer as a fetch host has it. */
export function responseOf({ status, headers, body = '' }: PageAnswer): Response {
  const isEmpty = status === 204 || status === 304
  const sent = typeof body === 'string' ? body : ReadableStream.from(encoded(body))
  return new Response(isEmpty ? null : sent, { status, headers })
}

async function* encoded(pieces: AsyncIterable<string>): AsyncIterable<Uint8Array> {
  const encoder = new TextEncoder()
  for await (const piece of pieces) yield encoder.encode(piece)
}

const asked = (request: Request) => {
  const { pathname, search } = new URL(request.url)
  return { method: request.method, url: pathname + search }
}

/** How each adapter of the package serves a site. */
export const adapters: Record<string, Serve> = {
  'untorn/node': ({ options, trustProxy, page }) => {
    const session = nodeSessions({ ...options, trustProxy })
    return listening(
      session(async (req, res) => {
        await send(res, await page(req.session, { method: req.method!, url: req.url! }))
      }) as RequestListener,
    )
  },

  ...Object.fromEntries(
    Object.entries(expresses).map(([name, express]) => [`untorn/express, ${name}`, by(express)]),
  ),

  'untorn/fetch': ({ options, trustProxy, page }) => {
    const app = fetchSessions({ ...options, trustProxy })
    const respond = (request: Request) =>
      app.handle(request, async (session) => responseOf(await page(session, asked(request))))
    return listening((req, res) => void bridge(req, res, respond))
  },

  'untorn/fetch, in two steps': ({ options, trustProxy, page }) => {
    const app = fetchSessions({ ...options, trustProxy })
    const respond = async (request: Request) => {
      const { session, commit, due } = await app.open(request)
      try {
        const answer = await page(session, asked(request)).then(responseOf, async () => {
          return new Response('failed', { status: 500 })
        })
        return await commit(answer)
      } catch {
        return new Response('failed', { status: 503, headers: due() })
      }
    }
    return listening((req, res) => void bridge(req, res, respond))
  },
}

/** What a host can't do. */
export const lacks: Record<string, AdapterConformanceOptions['without']> = {
  'untorn/fetch': { errorCookie: 'who answers an error stands above `handle`, and has no session' },
}

function by(express: (typeof expresses)[string]): Serve {
  return ({ options, trustProxy, page }: AdapterSite) => {
    const app = express()
    app.set('trust proxy', trustProxy)
    app.use(expressSessions(options))
    app.use((req, res, next) => {
      const session = req.session as unknown as PlainSession
      page(session, { method: req.method, url: req.originalUrl })
        .then((answer) => send(res, answer))
        .catch(next)
    })
    // The error handler of Express itself would print each error.
    app.use(
      ((_error, _req, res, _next) =>
        void res.status(500).end('failed')) as import('express').ErrorRequestHandler,
    )
    return listening(app as unknown as RequestListener)
  }
}
