import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { SessionStore } from 'untorn'
import { type RouterContexts, sessions } from 'untorn/react-router'
import { buildOf } from '../../../../test/frameworks/react-router/build.ts'
import { answerTo, none } from './answer.ts'
import { importFrom } from './elsewhere/packages.ts'

interface Arguments {
  readonly request: Request
  readonly context: RouterContexts
}

interface RouterPackage {
  createRequestHandler(build: object, mode: 'production'): (request: Request) => Promise<Response>
}

/** A resource route, behind a bridge from Node.js to fetch. Without sessions it has no middleware. */
export async function reactRouterServer(store: SessionStore | undefined): Promise<Server> {
  const { createRequestHandler } = (await importFrom('React Router')('react-router')) as RouterPackage
  const app = store && sessions({ store })
  const handle = async ({ request, context }: Arguments): Promise<Response> => {
    const session = app === undefined ? none : () => app.getSession(context)
    return Response.json(await answerTo(new URL(request.url).pathname, session))
  }
  const middleware = app === undefined ? [] : [app.middleware]
  const build = buildOf(
    [
      { id: 'root', path: '', module: { default: () => null, middleware } },
      { id: 'all', path: '*', parentId: 'root', module: { loader: handle, action: handle } },
    ],
    console.error,
  )
  const handler = createRequestHandler(build, 'production')
  return createServer(getRequestListener((request) => handler(request)))
}
