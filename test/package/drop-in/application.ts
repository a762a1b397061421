// biome-ignore-all lint/suspicious/noExplicitAny: as such code is written
// An application that was written with @types/express-session; the line that imports `session` is put above it.
import express = require('express')

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CookieOptions, SessionData, SessionOptions } from 'untorn/express-session'
import { MemoryStore, Store } from 'untorn/express-session'
import { fileStore } from 'untorn/file'

class OwnStore extends session.Store {
  readonly kept = new Map<string, string>()

  get(sid: string, callback: (err: any, found?: session.SessionData | null) => void): void {
    const text = this.kept.get(sid)
    callback(null, text === undefined ? null : JSON.parse(text))
  }
  set(sid: string, data: session.SessionData, callback?: (err?: any) => void): void {
    this.kept.set(sid, JSON.stringify(data))
    callback?.()
  }
  destroy(sid: string, callback?: (err?: any) => void): void {
    this.kept.delete(sid)
    callback?.()
  }
  override touch(sid: string, data: SessionData, callback?: () => void): void {
    this.set(sid, data, callback)
  }
}

const cookie: CookieOptions = {
  maxAge: 86_400_000,
  sameSite: 'lax',
  secure: 'auto',
  httpOnly: true,
  path: '/',
}
const options: SessionOptions = {
  secret: ['new', 'old'],
  name: 'connect.sid',
  resave: false,
  saveUninitialized: false,
  rolling: true,
  proxy: true,
  unset: 'destroy',
  genid: (req) => `${req.headers['x-request-id']}`,
  store: new OwnStore(),
  cookie,
}
const app = express()
export const handler: express.RequestHandler = session(options)
app.use(handler, session({ secret: 'hush', cookie: (req) => ({ secure: req.secure }) }))
app.use('/files', session({ secret: Buffer.from('hush'), store: fileStore('.sessions'), idleTimeout: '1h' }))
app.use(session({ secret: 'hush', store: new session.MemoryStore() }))
app.use(session({ secret: 'hush', store: session.untornStore(fileStore('.sessions')) }))

app.post('/login', (req, res, next) => {
  req.session.regenerate((err) => {
    if (err) return next(err)
    req.session.user = { name: 'ada' }
    req.session.save((err) => (err ? next(err) : res.redirect('/')))
  })
})
app.get('/', (req, res) => {
  const name: string | undefined = req.session.user?.name
  req.session.views = (req.session.views ?? 0) + 1
  req.session.own = [name ?? 'nobody', req.sessionID, req.session.id]
  delete req.session.views
  const left: number | undefined = req.session.cookie.maxAge
  req.session.cookie.maxAge = left === undefined ? 1000 : left + 1000
  req.session.cookie.expires = new Date()
  const lived: number | null = req.session.cookie.originalMaxAge
  const values: Partial<SessionData> = req.session
  req.session.touch().resetMaxAge().save()
  req.session.reload((err: unknown) => res.json({ lived, values, err }))
  req.sessionStore.get(req.sessionID, (_err, found) => found?.user.name)
  req.sessionStore.all?.(() => {})
  req.sessionStore.generate(req)
  whole(req.session)
})
app.get('/logout', (req, res) => void req.session.destroy(() => res.redirect('/')))

function whole(of: session.Session & Partial<session.SessionData>): boolean {
  return (
    of instanceof session.Session && of.cookie instanceof session.Cookie && new MemoryStore() instanceof Store
  )
}

/** As Socket.IO and ws call it. */
export function upgrade(req: IncomingMessage, res: ServerResponse): void {
  session(options)(req, res, () => {})
  handler(req as express.Request, {} as express.Response, (() => {}) as express.NextFunction)
}

export function wrong(req: express.Request): void {
  // @ts-expect-error: not in a session
  req.session.nothing = 1
  // @ts-expect-error: another type
  req.session.views = '1'
  // @ts-expect-error: no such method
  req.session.end()
  // @ts-expect-error: a callback is needed
  req.session.regenerate()
  // @ts-expect-error: a text
  req.sessionID = 1
  // @ts-expect-error: no secret
  session({ resave: false })
  // @ts-expect-error: no such option
  session({ secret: 'hush', ttl: 1 })
  // @ts-expect-error: neither of the two
  session({ secret: 'hush', unset: 'remove' })
  // @ts-expect-error: no store
  session({ secret: 'hush', store: new Map() })
  // @ts-expect-error: no such value
  session({ secret: 'hush', cookie: { sameSite: 'always' } })
  // @ts-expect-error: `get`, `set` and `destroy` are missing
  ;new (class extends session.Store {})()
  // @ts-expect-error: abstract
  new session.Store()
  // @ts-expect-error: milliseconds
  req.session.cookie.maxAge = '1h'
}
