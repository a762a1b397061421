import { createServer, type Server } from 'node:http'
import express, { type Request, type RequestHandler } from 'express'
import { handlers, noSession, type SampleSession, visit } from './handlers.ts'

/** An application with a middleware, that of the sessions if it has any. */
export function expressServer(middleware: RequestHandler | undefined, hasSessions: boolean): Server {
  const app = express()
  if (middleware) app.use(middleware)
  const sessionOf = hasSessions
    ? (req: Request): SampleSession => req.session as unknown as SampleSession
    : (): SampleSession => noSession
  app.get('/visit', (_req, res) => void res.json(visit()))
  for (const path of ['/read', '/look'] as const) {
    app.get(path, (req, res) => void res.json(handlers[path](sessionOf(req))))
  }
  for (const path of ['/sign-in', '/change'] as const) {
    app.post(path, (req, res) => void res.json(handlers[path](sessionOf(req))))
  }
  return createServer(app)
}
