import type { Express, Request, Response } from 'express'
import { expect } from 'vitest'
import { expresses } from '../adapters/support/express.ts'
import { onlyInShort } from '../support/whole.ts'
import { essence, runs, SECRET, stored } from './support/application.ts'
import type { Anything, Middleware, Req } from './support/implementation.ts'
import { mount, VisitorOf } from './support/one-server.ts'
import { type Subject, same } from './support/subjects.ts'

same('a request that has a session of somebody else is left alone', async (at) => {
  const app = await runs(
    at,
    { saveUninitialized: true },
    (req, res) => res.end(JSON.stringify(req.session)),
    {
      before: (req) => {
        req.session = { of: 'somebody else' }
      },
    },
  )
  const answer = await app.ask()
  expect(answer.setCookies).toEqual([])
  return [essence(answer), await stored(app.store)]
})

same('mounted twice, the second steps aside', async (at) => {
  const store = at.store()
  let saves = 0
  const { set } = store
  store.set = (...all) => {
    saves++
    return Reflect.apply(set, store, all)
  }
  const app = await runs(
    at,
    { store },
    (req, res) => {
      req.session.visits = (req.session.visits ?? 0) + 1
      res.end(`${req.sessionID} ${req.session.visits}`)
    },
    {
      middleware: (session): Middleware => {
        return (req, res, next) =>
          session(req, res, (error) => (error ? next(error) : session(req, res, next)))
      },
    },
  )
  const visitor = app.visitor()
  const seen = [essence(await visitor.get()), essence(await visitor.get())]
  expect(saves).toBe(2)
  return seen
})

/** An Express application of one implementation. */
async function express(
  at: Subject,
  make: (typeof expresses)[string],
  build: (app: Express, session: Anything) => void,
) {
  const app = make()
  let ids = 0
  const session = (options: object = {}) =>
    at.session({
      secret: SECRET,
      resave: false,
      saveUninitialized: false,
      genid: () => `id-${++ids}`,
      store: at.store(),
      ...options,
    })
  build(app, session)
  return new VisitorOf(await mount(app as never))
}

const count = (req: Anything) => (req.session.visits = (req.session.visits ?? 0) + 1)

const answers: Record<string, (req: Request & Anything, res: Response) => unknown> = {
  send: (req, res) => res.send(`visit ${count(req)}`),
  json: (req, res) => res.json({ visit: count(req) }),
  redirect: (req, res) => {
    count(req)
    res.redirect('/elsewhere')
  },
  sendStatus: (req, res) => {
    count(req)
    res.sendStatus(404)
  },
  cookie: (req, res) => {
    count(req)
    res.cookie('own', 'x').send('with a cookie')
  },
  'send without a change': (_req, res) => res.send('nothing'),
}

for (const [version, make] of Object.entries(onlyInShort(expresses, 'Express 5'))) {
  for (const [name, handler] of Object.entries(answers)) {
    same(`${version}: ${name}`, async (at) => {
      const visitor = await express(at, make, (app, session) => {
        app.use(session())
        app.all('/', handler)
      })
      const seen = []
      for (const method of ['GET', 'GET', 'HEAD', 'POST']) {
        const { status, setCookies, text, headers } = await visitor.get('/', { method })
        seen.push([status, setCookies, text, headers.etag, headers.location, headers['content-type']])
      }
      return seen
    })
  }

  same(`${version}: a fresh answer is 304, with its cookie`, async (at) => {
    const visitor = await express(at, make, (app, session) => {
      app.use(session({ rolling: true, cookie: { maxAge: 60_000 } }))
      app.get('/', (req: Anything, res) => {
        req.session.visits = (req.session.visits ?? 0) + 1
        res.send('the same each time')
      })
    })
    const { headers } = await visitor.get()
    const again = await visitor.get('/', { headers: { 'if-none-match': headers.etag! } })
    expect(again.status).toBe(304)
    return essence(again)
  })

  same(
    `${version}: what a handler throws goes to the error handler, and what was set before is stored`,
    async (at) => {
      const visitor = await express(at, make, (app, session) => {
        app.use(session())
        app.get('/throw', (req: Anything) => {
          req.session.a = 1
          throw new Error('of the handler')
        })
        app.get('/', (req: Anything, res) => void res.json(req.session))
        app.use((error: Error, req: Anything, res: Response, _next: unknown) => {
          req.session.b = 2
          res.status(500).send(error.message)
        })
      })
      return [essence(await visitor.get('/throw')), essence(await visitor.get())]
    },
  )

  same(`${version}: an error of the middleware goes to the error handler`, async (at) => {
    const visitor = await express(at, make, (app, session) => {
      app.use(session({ secret: undefined }))
      app.get('/', (_req, res) => void res.send('never'))
      app.use((error: Error, req: Anything, res: Response, _next: unknown) => {
        res.status(500).send(`${error.message} ${typeof req.session}`)
      })
    })
    return essence(await visitor.get())
  })

  same(`${version}: trust proxy says what is secure`, async (at) => {
    const visitor = await express(at, make, (app, session) => {
      app.set('trust proxy', 1)
      app.use(session({ saveUninitialized: true, cookie: { secure: 'auto', sameSite: 'auto' } }))
      app.get('/', (req, res) => void res.send(String(req.secure)))
    })
    const seen = []
    for (const protocol of ['https', 'http', 'https,http']) {
      visitor.cookies.clear()
      seen.push(essence(await visitor.get('/', { headers: { 'x-forwarded-proto': protocol } })))
    }
    return seen
  })

  same(`${version}: mounted below a path, and a cookie for it alone`, async (at) => {
    const visitor = await express(at, make, (app, session) => {
      app.use('/shop', session({ cookie: { path: '/shop/inner' }, saveUninitialized: true }))
      app.use((req: Req & Anything, res: Response) => void res.send(`${req.url} ${typeof req.session}`))
    })
    const seen = []
    for (const path of ['/', '/shop', '/shop/inner', '/shop/inner/x', '/inner']) {
      visitor.cookies.clear()
      seen.push(essence(await visitor.get(path)))
    }
    return seen
  })

  same(`${version}: two with names of their own, each for its part of the site`, async (at) => {
    const visitor = await express(at, make, (app, session) => {
      app.use('/a', session({ name: 'a', cookie: { path: '/a' } }))
      app.use('/b', session({ name: 'b', cookie: { path: '/b' } }))
      app.use((req: Anything, res: Response) => void res.send(String(count(req))))
    })
    const seen = []
    for (const path of ['/a', '/b', '/a', '/b/c']) seen.push(essence(await visitor.get(path)))
    return seen
  })

  same(`${version}: in a router, behind others that have answered`, async (at) => {
    const visitor = await express(at, make, (app, session) => {
      app.get('/static', (_req, res) => void res.send('no session'))
      const router = (make as Anything).Router()
      router.use(session())
      router.get('/', (req: Anything, res: Response) => void res.send(String(count(req))))
      app.use('/in', router)
    })
    const seen = []
    for (const path of ['/static', '/in', '/in', '/static']) seen.push(essence(await visitor.get(path)))
    return seen
  })
}
