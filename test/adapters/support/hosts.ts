import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { sessions as expressSessions } from '../../../src/express.ts'
import type { Sessions } from '../../../src/index.ts'
import { sessions as nodeSessions, type PlainSession } from '../../../src/node.ts'
import { serving } from '../fetch/serving.ts'
import { expresses } from './express.ts'

/** What a handler of any host has at hand. */
export interface Exchange {
  session: PlainSession
  method: string
  path: string
  /** Sets a header of the answer. */
  set(name: string, value: string): void
}

/** Gives the text of the answer. */
export type Handle = (exchange: Exchange) => string | Promise<string>

/** One handler for all requests of a server, on each host. */
export const hosts: Record<string, (sessions: Sessions, handle: Handle) => RequestListener> = {
  'node:http': (sessions, handle) =>
    nodeSessions({ sessions })((req, res) => answer(handle, req as OfNode, res)) as RequestListener,

  ...Object.fromEntries(
    Object.entries(expresses).map(([name, express]) => [
      name,
      (sessions: Sessions, handle: Handle): RequestListener => {
        const app = express()
        app.use(expressSessions({ sessions }))
        app.use((req, res, next) => {
          answer(handle, req as unknown as OfNode, res).catch(next)
        })
        return app
      },
    ]),
  ),

  'a fetch host': (sessions, handle) => {
    const respond = serving(sessions, async (session, { method, url }) => {
      const headers = new Headers()
      const set = (name: string, value: string) => headers.set(name, value)
      return new Response(await handle({ session, method, path: new URL(url).pathname, set }), { headers })
    })
    return (req, res) => void passOn(req, res, respond)
  },
}

type OfNode = IncomingMessage & { session: PlainSession }

async function answer(handle: Handle, req: OfNode, res: ServerResponse): Promise<void> {
  const set = (name: string, value: string) => void res.setHeader(name, value)
  const { session, method = '', url = '' } = req
  res.setHeader('Content-Type', 'text/html')
  res.end(await handle({ session, method, path: url, set }))
}

/** As a server of Node.js passes its requests on to a fetch host. */
async function passOn(
  req: IncomingMessage,
  res: ServerResponse,
  respond: (request: Request) => Promise<Response>,
): Promise<void> {
  const { method = 'GET', url = '/', headers } = req
  const request = new Request(`http://${headers.host}${url}`, {
    method,
    headers: headers as Record<string, string>,
  })
  const response = await respond(request)
  res.statusCode = response.status
  res.setHeader('Content-Type', 'text/html')
  for (const [name, value] of response.headers) {
    if (name === 'set-cookie') res.appendHeader(name, value)
    else if (name !== 'content-type') res.setHeader(name, value)
  }
  res.end(await response.text())
}
