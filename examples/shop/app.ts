import { fileURLToPath } from 'node:url'
import express, { type Express, type RequestHandler } from 'express'
import type { Duration } from 'untorn'
import type { ExpressSessions, SessionData } from 'untorn/express'
import { sameOriginPosts, securityHeaders } from './security.ts'
import { createShop } from './shop/routes.ts'
import { failed, notFound } from './views/error.ts'

const publicFolder = fileURLToPath(new URL('public', import.meta.url))
const chart = fileURLToPath(new URL('chart.umd.min.js', import.meta.resolve('chart.js')))

interface AppParts {
  sessions: ExpressSessions<SessionData>
  race: RequestHandler
  askAgainAfter: Duration
}

/** The application: the race, which brings sessions of its own, and the shop. */
export function createApp(parts: AppParts): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(securityHeaders, sameOriginPosts)

  app.use('/public', express.static(publicFolder))
  app.get('/public/chart.js', (_req, res) => res.sendFile(chart))

  // Before the shop's sessions: express-session stands back when a request has a session already.
  app.use('/race', parts.race)

  app.use(parts.sessions)
  app.use(createShop({ sessions: parts.sessions.sessions, askAgainAfter: parts.askAgainAfter }))

  app.use(notFound, failed)
  return app
}
