import { expect } from 'vitest'
import { essence, messages, runs, stored } from './support/application.ts'
import type { Anything, Middleware, Req } from './support/implementation.ts'
import { passes, same, sameEach } from './support/subjects.ts'

const LATER = new Date(Date.now() + 3_600_000)

/** Where the cookie can't be made express-session leaves a session on the request that no answer can be sent with. */
const withoutHalfASession =
  (session: Middleware): Middleware =>
  (req, res, next) => {
    const failed = (error: unknown) => {
      delete (req as { session?: unknown }).session
      next(error)
    }
    try {
      session(req, res, (error) => (error ? failed(error) : next()))
    } catch (error) {
      failed(error)
    }
  }

sameEach<Anything>(
  'the Set-Cookie line, and what is stored of the cookie',
  {
    'by default': {},
    domain: { domain: 'example.com' },
    'domain with a dot': { domain: '.example.com' },
    'no httpOnly': { httpOnly: false },
    'httpOnly of undefined': { httpOnly: undefined },
    maxAge: { maxAge: 60_000 },
    'maxAge of a part of a second': { maxAge: 1500 },
    'maxAge for years': { maxAge: 10 * 365 * 86_400_000 },
    'maxAge of null': { maxAge: null },
    'maxAge of false': { maxAge: false },
    'maxAge of a date': { maxAge: LATER },
    expires: { expires: LATER },
    'expires of null': { expires: null },
    'expires of false': { expires: false },
    'expires, then maxAge': { expires: LATER, maxAge: 60_000 },
    'maxAge, then expires': { maxAge: 60_000, expires: LATER },
    'maxAge, then expires of null': { maxAge: 60_000, expires: null },
    partitioned: { partitioned: true },
    'no partitioned': { partitioned: false },
    'priority low': { priority: 'low' },
    'priority medium': { priority: 'medium' },
    'priority high': { priority: 'high' },
    'priority in capitals': { priority: 'HIGH' },
    'sameSite true': { sameSite: true },
    'sameSite false': { sameSite: false },
    'sameSite lax': { sameSite: 'lax' },
    'sameSite strict': { sameSite: 'strict' },
    'sameSite none': { sameSite: 'none' },
    'sameSite in capitals': { sameSite: 'Lax' },
    'sameSite auto': { sameSite: 'auto' },
    'secure false': { secure: false },
    'secure auto': { secure: 'auto' },
    'an originalMaxAge': { originalMaxAge: 5000 },
    'all at once': {
      domain: 'example.com',
      httpOnly: true,
      maxAge: 60_000,
      partitioned: true,
      path: '/',
      priority: 'high',
      sameSite: 'none',
      secure: 'auto',
    },
    'options that are none': { signed: true, overwrite: true, data: { path: '/nowhere' } },
  },
  async (at, cookie) => {
    const app = await runs(at, { cookie }, (req, res) => {
      req.session.a = 1
      res.end(JSON.stringify([req.session.cookie, req.session.cookie.maxAge, req.session.cookie.expires]))
    })
    const answer = await app.ask()
    return [essence(answer), await stored(app.store), messages(app.errors)]
  },
)

sameEach<Anything>(
  'what is no cookie is an error of the request, and no cookie is sent',
  {
    'expires that is no date': { expires: new Date(Number.NaN) },
    'a domain that is none': { domain: 'a;b' },
    'a path that is none': { path: '/;' },
    'a priority that is none': { priority: 'urgent' },
    'a sameSite that is none': { sameSite: 'sometimes' },
  },
  async (at, cookie) => {
    const app = await runs(at, { cookie, saveUninitialized: true })
    const { setCookies } = await app.ask('/;')
    expect(setCookies).toEqual([])
    expect(await app.failed()).toBeInstanceOf(TypeError)
    expect(app.errors).toHaveLength(1)
  },
)

sameEach<Anything>(
  'options that no cookie can be made with are an error of the request',
  {
    'a number': 42,
    'a text': 'secure',
    true: true,
    'maxAge of text': { maxAge: '60000' },
    'maxAge of true': { maxAge: true },
  },
  async (at, cookie) => {
    const app = await runs(at, { cookie }, undefined, { middleware: withoutHalfASession })
    const answer = await app.ask()
    expect(answer.status).toBe(500)
    expect(app.errors[0]).toBeInstanceOf(TypeError)
    return [essence(answer), messages(app.errors)]
  },
)

same('they may be a prototype, as of a class, and what it inherits counts', async (at) => {
  class Secure {
    maxAge = 60_000
  }
  Object.assign(Secure.prototype, { domain: 'example.com' })
  const app = await runs(at, { cookie: new Secure(), saveUninitialized: true })
  return essence(await app.ask())
})

const bases: Record<string, [path: string, urls: string[]]> = {
  '/': ['/', ['/', '/a', '/a/b?c']],
  '/app': [
    '/app',
    ['/', '/app', '/app/', '/app/x', '/application', '/ap', '/x/app', '/app?a=/', '/?/app', '/APP'],
  ],
  '/app/': ['/app/', ['/app', '/app/', '/app/x']],
  'of nothing': ['', ['/', '/a']],
}

sameEach('a request outside of its path has no session', bases, async (at, [path, urls]) => {
  const app = await runs(at, { cookie: { path }, saveUninitialized: true }, (req, res) => {
    res.end(`${typeof req.session} ${typeof req.sessionID} ${typeof req.sessionStore}`)
  })
  const seen = []
  for (const url of urls) seen.push([url, essence(await app.ask(url))])
  return seen
})

same('the path is that of the whole URL, also where the middleware is mounted below one', async (at) => {
  const app = await runs(
    at,
    { cookie: { path: '/shop/admin' }, saveUninitialized: true },
    (req, res) => res.end(`${req.url} ${typeof req.session}`),
    {
      before: (req) => {
        req.originalUrl = req.url!
        req.url = req.url!.replace(/^\/shop/, '')
      },
    },
  )
  const seen = []
  for (const url of ['/shop/admin', '/shop/admin/x', '/shop/shop/admin', '/shop']) {
    seen.push(essence(await app.ask(url)))
  }
  return seen
})

sameEach<string | undefined>(
  'an URL of another form',
  {
    'an empty one': '',
    'a whole one': 'http://example.com/app/x',
    'a star': '*',
    'a query alone': '?a=b',
    'a name': 'foo',
  },
  async (at, url) => {
    const app = await runs(at, { saveUninitialized: true }, (req, res) => res.end(typeof req.session), {
      before: (req) => {
        req.url = url as string
      },
    })
    return essence(await app.ask())
  },
)

same(
  'a secure cookie over what is not secure: the session is there, and stored, but no cookie is sent',
  async (at) => {
    const app = await runs(at, { cookie: { secure: true } }, (req, res) => {
      req.session.a = 1
      res.end(String(req.session.cookie.secure))
    })
    const answer = await app.ask()
    expect(answer.setCookies).toEqual([])
    return [essence(answer), await stored(app.store)]
  },
)

same('a function is asked for the options with each request, and again for a new session', async (at) => {
  const asked: string[] = []
  const cookie = (req: Req) => {
    asked.push(req.url!)
    return { maxAge: req.url === '/long' ? 3_600_000 : 1000, path: '/', httpOnly: false }
  }
  const app = await runs(at, { cookie }, (req, res) => {
    req.session.visits = (req.session.visits ?? 0) + 1
    res.end(JSON.stringify(req.session))
  })
  const visitor = app.visitor()
  const seen = [essence(await visitor.get('/long'))]
  passes(5000)
  seen.push(essence(await visitor.get('/short')), essence(await app.ask('/short')))
  expect(asked).toEqual(['/long', '/long', '/short', '/short', '/short'])
  return seen
})

same('a function whose path is not that of the request: no session', async (at) => {
  const cookie = (req: Req) => ({ path: req.url!.startsWith('/in') ? '/in' : '/elsewhere' })
  const app = await runs(at, { cookie, saveUninitialized: true }, (req, res) => res.end(typeof req.session))
  return [essence(await app.ask('/in/side')), essence(await app.ask('/out'))]
})

sameEach<Anything>(
  'maxAge moves on with each use',
  {
    'and the cookie with each change': {},
    'and the cookie with each answer, with rolling': { rolling: true },
    'also where it is saved each time': { resave: true },
  },
  async (at, options) => {
    const app = await runs(at, { cookie: { maxAge: 60_000 }, ...options }, (req, res) => {
      if (req.url === '/set') req.session.visits = (req.session.visits ?? 0) + 1
      const { maxAge, originalMaxAge } = req.session.cookie
      res.end(JSON.stringify([req.session.visits, maxAge <= originalMaxAge, originalMaxAge]))
    })
    const visitor = app.visitor()
    const seen = []
    for (const path of ['/set', '/', '/set', '/', '/', '/']) {
      seen.push(essence(await visitor.get(path)))
      passes(30_000)
    }
    passes(40_000)
    seen.push(essence(await visitor.get('/')))
    return seen
  },
)
