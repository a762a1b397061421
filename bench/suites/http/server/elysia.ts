import { createServer, type RequestListener, type Server } from 'node:http'
import type { SessionStore } from 'untorn'
import { sessions } from 'untorn/elysia'
import { answerTo, none } from './answer.ts'
import { importFrom } from './elsewhere/packages.ts'

interface Application {
  use(plugin: unknown): Application
  all(path: string, handler: (context: { path: string; session: object }) => unknown): Application
  compile(): Application
  readonly fetch: (request: Request) => Response | Promise<Response>
}

interface ElysiaPackage {
  Elysia: new (config: object) => Application
}

/** By the adapter that Elysia has for Node.js, and the bridge that this one stands on. */
export async function elysiaServer(store: SessionStore | undefined): Promise<Server> {
  const load = importFrom('Elysia')
  const { Elysia } = (await load('elysia')) as ElysiaPackage
  const { node } = (await load('@elysiajs/node')) as { node: () => object }
  const { toNodeHandler } = (await load('srvx/node')) as {
    toNodeHandler(fetch: Application['fetch']): RequestListener
  }
  const app = new Elysia({ adapter: node() })
  // Elysia reads the text of handlers: each asks for what it uses alone.
  if (store === undefined) app.all('/*', ({ path }) => answerTo(path, none))
  else app.use(sessions({ store })).all('/*', ({ path, session }) => answerTo(path, () => session))
  app.compile()
  return createServer(toNodeHandler((request) => app.fetch(request)))
}
