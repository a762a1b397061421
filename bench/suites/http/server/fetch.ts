import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { SessionStore } from 'untorn'
import { sessions } from 'untorn/fetch'
import { answerTo, none } from './answer.ts'

/** A function of a request, as Bun and Deno serve it; on Node.js over a bridge, which both candidates have. */
export function fetchServer(store: SessionStore | undefined): Server {
  const app = store && sessions({ store })
  const handle = async (request: Request, session: () => object): Promise<Response> =>
    Response.json(await answerTo(pathOf(request.url), session))
  return createServer(
    getRequestListener((request) =>
      app === undefined
        ? handle(request, none)
        : app.handle(request, (session) => handle(request, () => session)),
    ),
  )
}

const pathOf = (url: string): string => url.slice(url.indexOf('/', 'http://'.length))
