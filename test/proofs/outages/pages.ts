import express, { type ErrorRequestHandler, type Express, type Request } from 'express'
import type { ExpressSessions } from '../../../src/express.ts'

export interface Values {
  user: string
  count: number
  /** Always set to the same text as `right`. */
  left: string
  right: string
  seen: boolean
  notice: string
}

/** The application's pages. A request to `/count-late` waits at the gate before it is answered. */
export function pages(middleware: ExpressSessions<Values>, throughGate: () => Promise<void>): Express {
  const app = express()
  app.use(middleware)
  const of = (req: Request) => req.session as unknown as ReturnType<typeof values>
  const signIn = (req: Request) =>
    void Object.assign(of(req), { user: 'ada', count: 0, left: 'new', right: 'new' })
  app.get('/login', async (req, res) => {
    await req.session.regenerate()
    signIn(req)
    res.send('hello')
  })
  app.get('/login-not-awaited', (req, res) => {
    void req.session.regenerate()
    signIn(req)
    res.send('hello')
  })
  app.get(['/count', '/count-late'], async (req, res) => {
    const session = of(req)
    const count = session.update('count', (n = 0) => n + 1)
    const mark = Math.random().toString(36)
    session.left = mark
    session.right = mark
    // One whose session could not be loaded saves nothing.
    if (req.path === '/count-late' && session.user !== undefined) await throughGate()
    res.send(`${count}`)
  })
  app.get('/account', (req, res) => void res.json(req.session))
  app.get('/seen', (req, res) => {
    of(req).seen = true
    res.send('seen')
  })
  app.get('/notice', (req, res) => {
    of(req).set('notice', 'welcome')
    res.send('set')
  })
  app.get('/notice-shown', async (req, res) => void res.send((await of(req).take('notice')) ?? ''))
  app.get('/logout', (req, res) => {
    void req.session.destroy()
    res.send('bye')
  })
  app.get('/logout-awaited', async (req, res) => {
    await req.session.destroy()
    res.send('bye')
  })
  const failed: ErrorRequestHandler = (error, _req, res, _next) => void res.status(503).send(error.code)
  app.use(failed)
  return app
}

declare function values(): Values & {
  update(key: 'count', fn: (n?: number) => number): number
  set(key: 'notice', value: string): void
  take(key: 'notice'): Promise<string | undefined>
}
