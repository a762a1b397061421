import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import express, { type ErrorRequestHandler } from 'express'
import type { Sessions } from 'untorn'
import { sessions as expressSessions } from 'untorn/express'
import { sessions as nodeSessions, type PlainSession } from 'untorn/node'

// biome-ignore lint/suspicious/noExplicitAny: values of any type
export type AnySession = PlainSession<Record<string, any>>
export type Act = (req: IncomingMessage & { session: AnySession }, res: ServerResponse) => Promise<void>

const express4 = createRequire(import.meta.url)('express4') as typeof express

/** Each host with one handler for all requests, written as its users write it. */
export const hosts: Record<string, (served: Sessions, act: Act) => RequestListener> = {
  'node:http': (served, act) => nodeSessions({ sessions: served })(act as never) as RequestListener,

  'Express 5': (served, act) => {
    const app = express()
    app.set('env', 'test')
    app.use(expressSessions({ sessions: served }))
    app.use((req, res) => act(req as never, res))
    app.use(failed)
    return app
  },

  // It does not look at the promises of its handlers: what they reject with, the application has to catch.
  'Express 4': (served, act) => {
    const app = express4()
    app.set('env', 'test')
    app.use(expressSessions({ sessions: served }))
    app.use((req, res, next) => {
      act(req as never, res).catch(next)
    })
    app.use(failed)
    return app
  },
}

const failed: ErrorRequestHandler = (error, _req, res, next) => {
  if (res.headersSent) next(error)
  else res.status(error.status).send(`failed: ${error.code}`)
}
