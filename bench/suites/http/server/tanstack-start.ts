import { createServer, type Server } from 'node:http'
import { register } from 'node:module'
import { getRequestListener } from '@hono/node-server'
import type { SessionStore } from 'untorn'
import { sessions } from 'untorn/tanstack-start'
import { answerTo, none } from './answer.ts'
import { folderOf, importFrom } from './elsewhere/packages.ts'

interface StartPackage {
  createStartHandler(handler: unknown): (request: Request) => Promise<Response>
  defaultStreamHandler: unknown
}

type Next = (session: object) => unknown

/** The application of its tests: a server route, and a middleware of the request, which is there without sessions too. */
export async function tanStackStartServer(store: SessionStore | undefined): Promise<Server> {
  process.env.TSS_SERVER_FN_BASE = '/_serverFn/'
  const load = importFrom('TanStack Start')
  register('./hooks.mjs', folderOf('TanStack Start'))
  const site = {
    app: store === undefined ? { handle: (_: Request, next: Next) => next(none()) } : sessions({ store }),
    answer: async (session: object, request: Request) =>
      Response.json(await answerTo(new URL(request.url).pathname, () => session)),
  }
  Object.assign(globalThis, { untornSites: { get: () => site } })
  const { createStartHandler, defaultStreamHandler } = (await load(
    '@tanstack/react-start/server',
  )) as StartPackage
  const handler = createStartHandler(defaultStreamHandler)
  return createServer(getRequestListener((request) => handler(request)))
}
