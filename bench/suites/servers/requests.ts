import { once } from 'node:events'
import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import express, { type Request, type RequestHandler, type Response } from 'express'
import { sessions } from 'untorn/express'
import { values } from '../../candidates/sample.ts'
import type { Pair } from './pairs.ts'
import type { Step } from './step.ts'

// It has no types here: what the bench calls of it, by its shape.
const expressSession = createRequire(import.meta.url)('express-session') as (
  options: object,
) => RequestHandler

/** Of both applications. untorn says so of a tenth of it at a time, which is waited for here. */
const IDLE_TIMEOUT_MS = 2000

/** A request that counts as use. */
const LATER_MS = IDLE_TIMEOUT_MS / 10 + 50

export interface Application {
  port: number
  close(): Promise<void>
}

export function untornApplication({ untorn }: Pair): Promise<Application> {
  const middleware = sessions({ store: untorn, idleTimeout: IDLE_TIMEOUT_MS })
  return application(middleware, (session, done) => {
    session.regenerate()
    session.user = values.user
    done()
  })
}

/** As the documentation of express-session recommends it. */
export function peerApplication({ peer }: Pair): Promise<Application> {
  return application(
    expressSession({
      store: peer,
      secret: 'of the bench',
      resave: false,
      saveUninitialized: false,
      rolling: true,
      cookie: { maxAge: IDLE_TIMEOUT_MS },
    }),
    (_, done, req) => {
      sessionOf(req).regenerate((error) => {
        sessionOf(req).user = values.user
        done(error)
      })
    },
  )
}

/** What both kinds of session can do. */
type AnySession = Record<string, unknown> &
  Record<'regenerate' | 'destroy', (done?: (error?: unknown) => void) => void>

/** As the documentation of each has it. */
type SignIn = (session: AnySession, done: (error?: unknown) => void, req: Request) => void

function sessionOf(req: Request): AnySession {
  return req.session as unknown as AnySession
}

/** The same handlers for both, but for this one. */
async function application(middleware: RequestHandler, signIn: SignIn): Promise<Application> {
  const app = express()
  app.use(middleware)
  const answerTo = (res: Response) => (error?: unknown) => void (error ? res.sendStatus(500) : res.json({}))
  app.get('/visit', (_req, res) => void res.json({}))
  app.get('/read', (req, res) => void res.json(sessionOf(req).user ?? {}))
  let changes = 0
  app.post('/begin', (req, res) => {
    Object.assign(sessionOf(req), values)
    res.json({})
  })
  app.post('/change', (req, res) => {
    sessionOf(req).token = `token ${changes++}`
    res.json({})
  })
  app.post('/sign-in', (req, res) => signIn(sessionOf(req), answerTo(res), req))
  app.post('/sign-out', (req, res) => sessionOf(req).destroy(answerTo(res)))
  const server: Server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** What visitors ask for. */
export function requestsOf(port: number): Step[] {
  let cookie: string | undefined
  const ask = async (method: string, path: string, cookie?: string): Promise<string | undefined> => {
    const headers = cookie === undefined ? {} : { cookie }
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers })
    if (response.status !== 200) throw new Error(`${path} was answered with status ${response.status}.`)
    await response.arrayBuffer()
    return response.headers.get('set-cookie')?.split(';', 1)[0]
  }
  const begun = async (): Promise<void> => {
    cookie = await ask('POST', '/begin')
    if (cookie === undefined) throw new Error('No session was begun.')
  }
  const step = (name: string, method: string, path: string): Step => ({
    name,
    before: begun,
    once: () => ask(method, path, cookie),
  })
  return [
    { name: 'a visitor without a session', before: async () => {}, once: () => ask('GET', '/visit') },
    { name: 'a session begins', before: async () => {}, once: () => ask('POST', '/begin') },
    step('a read', 'GET', '/read'),
    {
      ...step('a read, a tenth of the idle timeout later', 'GET', '/read'),
      async before() {
        await begun()
        await delay(LATER_MS)
      },
    },
    step('a change', 'POST', '/change'),
    step('a sign-in', 'POST', '/sign-in'),
    step('a sign-out', 'POST', '/sign-out'),
  ]
}
