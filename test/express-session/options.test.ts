import { randomBytes } from 'node:crypto'
import { Agent } from 'node:http'
import { expect } from 'vitest'
import { essence, messages, runs, SECRET, stored, thrown } from './support/application.ts'
import type { Anything, Req } from './support/implementation.ts'
import { same, sameEach } from './support/subjects.ts'

sameEach<Anything>(
  'an option that is refused at once',
  {
    'genid that is no function': { genid: 'text' },
    'unset of another word': { unset: 'forget' },
    'no secret in the list': { secret: [] },
  },
  (at, options) =>
    thrown(() => at.session({ secret: SECRET, resave: false, saveUninitialized: false, ...options })),
)

sameEach<Anything>(
  'an option that says nothing is as if it were not there',
  {
    genid: { genid: undefined },
    name: { name: '' },
    unset: { unset: '' },
    cookie: { cookie: undefined },
    'cookie of null': { cookie: null },
    rolling: { rolling: undefined },
    proxy: { proxy: undefined },
  },
  async (at, options) => {
    const app = await runs(at, { ...options, genid: () => 'one' }, (req, res) => {
      req.session.a = 1
      res.end()
    })
    return [essence(await app.ask()), messages(app.errors)]
  },
)

same('without options it can be made; each request is then told that a secret is missing', async (at) => {
  const app = await runs(at, { secret: undefined })
  const answer = await app.ask()
  expect(messages(app.errors)).toEqual(['secret option required for sessions'])
  return essence(answer)
})

sameEach<Anything>(
  'no secret',
  { null: null, 'an empty text': '', undefined: undefined },
  async (at, secret) => {
    const app = await runs(at, { secret })
    expect((await app.ask()).status).toBe(500)
    return messages(app.errors)
  },
)

same('without a secret of its own it takes the one that cookie-parser left on the request', async (at) => {
  const before = (req: Req) => {
    req.secret = SECRET
  }
  const handler = (req: Req, res: { end(text: string): void }) => {
    req.session.visits = (req.session.visits ?? 0) + 1
    res.end(String(req.session.visits))
  }
  const asked = await runs(at, { secret: undefined }, handler, { before })
  const own = await runs(at, {}, handler)
  const visitor = asked.visitor()
  const first = await visitor.get()
  expect((await visitor.get()).text).toBe('2')
  expect(first.setCookies).toEqual((await own.ask()).setCookies)
})

sameEach<Anything>(
  'a secret',
  { 'of text': 'a text', 'of bytes': randomBytes(32), 'of a list': ['one', randomBytes(8)] },
  async (at, secret) => {
    const app = await runs(at, { secret }, (req, res) => {
      req.session.visits = (req.session.visits ?? 0) + 1
      res.end(String(req.session.visits))
    })
    const visitor = app.visitor()
    const answers = [await visitor.get(), await visitor.get()]
    expect(answers.map(({ text }) => text)).toEqual(['1', '2'])
    return answers.map(essence)
  },
)

same('of several secrets the first signs, and each is read', async (at) => {
  const store = at.store()
  const handler = (req: Req, res: { end(text: string): void }) => {
    req.session.visits = (req.session.visits ?? 0) + 1
    res.end(`${req.sessionID} ${req.session.visits}`)
  }
  let ids = 0
  const genid = () => `id-${++ids}`
  const old = await runs(at, { store, genid, secret: 'old' }, handler)
  const both = await runs(at, { store, genid, secret: ['new', 'old'] }, handler)
  const young = await runs(at, { store, genid, secret: 'new' }, handler)
  const { setCookies: ofOld } = await old.ask()
  const { setCookies: ofBoth } = await both.ask()
  const texts = []
  for (const app of [old, both, young]) {
    for (const lines of [ofOld, ofBoth]) {
      const [pair] = lines[0]!.split(';')
      texts.push((await app.ask('/', { headers: { cookie: pair! } })).text)
    }
  }
  expect(texts).toEqual(['id-1 2', 'id-3 1', 'id-1 3', 'id-2 2', 'id-4 1', 'id-2 3'])
})

same('a list of secrets is read anew in each request: who adds one to it has it from then on', async (at) => {
  const secret = ['first']
  const app = await runs(at, { secret, saveUninitialized: true })
  const before = await app.ask()
  secret.unshift('second')
  return [before, await app.ask()].map(essence)
})

sameEach<Anything>(
  'the name of the cookie',
  {
    'by default': {},
    name: { name: 'sid' },
    'key, as it was called before': { key: 'sid' },
    'name before key': { name: 'of-name', key: 'of-key' },
    'with what a name can have': { name: "a!#$%&'*+-.^_`|~9" },
  },
  async (at, options) => {
    const app = await runs(at, { ...options, saveUninitialized: true }, (req, res) => {
      req.session.visits = (req.session.visits ?? 0) + 1
      res.end(String(req.session.visits))
    })
    const visitor = app.visitor()
    return [essence(await visitor.get()), essence(await visitor.get())]
  },
)

sameEach<string>(
  'a name that no cookie can have is an error of the request that sets it',
  { 'with a space': 'a b', 'with an equals sign': 'a=b', 'with a semicolon': 'a;b' },
  async (at, name) => {
    const app = await runs(at, { name, saveUninitialized: true })
    const { setCookies } = await app.ask()
    expect(await app.failed()).toBeInstanceOf(TypeError)
    return setCookies
  },
)

same('genid is asked once for each new session, and is given the request', async (at) => {
  const asked: string[] = []
  const genid = (req: Req) => {
    asked.push(req.url!)
    return `for${req.url!.replaceAll('/', '-')}-${asked.length}`
  }
  const app = await runs(at, { genid, saveUninitialized: true }, (req, res) => {
    if (req.url !== '/new') return res.end(req.sessionID)
    return req.session.regenerate(() => res.end(req.sessionID))
  })
  const visitor = app.visitor()
  const texts = []
  for (const path of ['/a', '/b', '/new', '/c']) texts.push((await visitor.get(path)).text)
  expect(asked).toEqual(['/a', '/new'])
  expect(texts).toEqual(['for-a-1', 'for-a-1', 'for-new-2', 'for-new-2'])
})

sameEach<string>(
  'an id of genid is in the cookie as it is',
  {
    'with what a cookie has to escape': 'a %;=,"\\é😀',
    'with dots': 'a.b.c',
    'with a slash and colons': 's:/:x',
    long: 'x'.repeat(500),
  },
  async (at, id) => {
    const app = await runs(at, { genid: () => id }, (req, res) => {
      req.session.visits = (req.session.visits ?? 0) + 1
      res.end(`${req.session.visits} ${req.sessionID === id} ${req.session.id === id}`)
    })
    const visitor = app.visitor()
    const first = await visitor.get()
    expect((await visitor.get()).text).toBe('2 true true')
    return essence(first)
  },
)

sameEach<Anything>(
  'what genid gives that is no text is no session that is kept',
  { 'a number': 7, undefined: undefined, 'an object': { toString: () => 'id' } },
  async (at, id) => {
    const app = await runs(at, { genid: () => id, saveUninitialized: true }, (req, res) => {
      req.session.a = 1
      res.end('done')
    })
    const answer = await app.ask()
    expect(answer.setCookies).toEqual([])
    return [essence(answer), messages(app.errors)]
  },
)

same('by default ids are 32 characters that need no escape, and each is another', async (at) => {
  const app = await runs(at, { genid: undefined, saveUninitialized: true }, (req, res) => {
    res.end(JSON.stringify([req.sessionID, req.session.id]))
  })
  const ids = new Set<string>()
  for (let i = 0; i < 5; i++) {
    const { text, setCookies } = await app.ask()
    const [sid, id] = JSON.parse(text) as [string, string]
    expect(sid).toMatch(/^[A-Za-z0-9_-]{32}$/)
    expect(id).toBe(sid)
    expect(setCookies[0]).toMatch(new RegExp(`^connect\\.sid=s%3A${sid}\\.[^;]+; Path=/; HttpOnly$`))
    ids.add(sid)
  }
  expect(ids.size).toBe(5)
})

const DEFAULTED = { resave: undefined, saveUninitialized: undefined }

sameEach<Anything>(
  'saveUninitialized',
  {
    'is true by default': DEFAULTED,
    true: { saveUninitialized: true },
    false: { saveUninitialized: false },
    'false, with rolling': { saveUninitialized: false, rolling: true },
    'true, with rolling': { saveUninitialized: true, rolling: true },
    'of null is no': { saveUninitialized: null },
    'of 0 is no': { saveUninitialized: 0 },
  },
  async (at, options) => {
    const app = await runs(at, options, (req, res) => {
      if (req.url === '/set') req.session.a = 1
      if (req.url === '/set-and-delete') {
        req.session.a = 1
        delete req.session.a
      }
      if (req.url === '/touch') req.session.touch()
      if (req.url === '/max-age') req.session.cookie.maxAge = 5000
      res.end()
    })
    const seen = []
    for (const path of ['/', '/set', '/set-and-delete', '/touch', '/max-age']) {
      const { setCookies } = await app.ask(path)
      seen.push([path, setCookies, await stored(app.store, `id-${seen.length + 1}`)])
    }
    return seen
  },
)

sameEach<Anything>(
  'rolling',
  {
    'is false by default': {},
    true: { rolling: true },
    'true, with an age': { rolling: true, cookie: { maxAge: 60_000 } },
    'false, with an age': { rolling: false, cookie: { maxAge: 60_000 } },
    'of any truth': { rolling: 'yes' },
  },
  async (at, options) => {
    const app = await runs(at, options, (req, res) => {
      if (req.url === '/set') req.session.visits = (req.session.visits ?? 0) + 1
      res.end()
    })
    const visitor = app.visitor()
    const lines = []
    for (const path of ['/', '/set', '/', '/set', '/']) lines.push((await visitor.get(path)).setCookies)
    return lines
  },
)

/** What `req.secure` is, and `X-Forwarded-Proto`. */
const REQUESTS: [secure: unknown, forwarded: string | undefined][] = [
  [undefined, undefined],
  [true, undefined],
  [false, undefined],
  ['true', undefined],
  [undefined, 'https'],
  [true, 'http'],
  [false, 'HTTPS'],
  [undefined, ' https , http'],
  [undefined, 'http, https'],
  [undefined, ''],
]

sameEach<Anything>(
  'what counts as secure, for a cookie that is, is not, and may be',
  Object.fromEntries([true, false, undefined, 1, null].map((proxy) => [`proxy of ${proxy}`, proxy])),
  async (at, proxy) => {
    const seen: unknown[] = []
    for (const wanted of [true, 'auto', false]) {
      let secure: unknown
      const app = await runs(
        at,
        { proxy, saveUninitialized: true, cookie: { secure: wanted, sameSite: 'auto' } },
        (req, res) => res.end(JSON.stringify(req.session.cookie)),
        {
          before: (req) => {
            req.secure = secure
          },
        },
      )
      for (const [isSecure, forwarded] of REQUESTS) {
        secure = isSecure
        const headers = forwarded === undefined ? {} : { 'x-forwarded-proto': forwarded }
        seen.push([secure, forwarded, essence(await app.ask('/', { headers }))])
      }
    }
    return seen
  },
)

same('a connection that is encrypted is secure, whatever proxy says', async (at) => {
  const seen = []
  for (const proxy of [true, false, undefined]) {
    const app = await runs(at, { proxy, saveUninitialized: true, cookie: { secure: true } }, undefined, {
      before: (req) => void Object.assign(req.socket, { encrypted: true }),
    })
    // A connection of its own, as it stays encrypted.
    const { setCookies } = await app.ask('/', { agent: new Agent() })
    expect(setCookies).toHaveLength(1)
    seen.push(setCookies)
  }
  return seen
})

same(
  'unset is to keep by default: what is stored stays, and what was set in that request is forgotten',
  async (at) => {
    const app = await runs(at, {}, (req, res) => {
      if (req.url === '/set') req.session.a = 1
      if (req.url === '/null') {
        req.session.b = 2
        req.session = null
      }
      if (req.url === '/delete') {
        req.session.b = 2
        delete (req as { session?: unknown }).session
      }
      res.end(JSON.stringify(req.session ?? null))
    })
    const visitor = app.visitor()
    const seen = []
    for (const path of ['/set', '/null', '/', '/delete', '/']) seen.push(essence(await visitor.get(path)))
    expect(await stored(app.store)).toMatchObject({ a: 1 })
    return seen
  },
)

same('unset of destroy: what is stored goes with the answer', async (at) => {
  const unset: Record<string, (req: Req) => void> = {
    '/null': (req) => {
      req.session = null
    },
    '/undefined': (req) => {
      req.session = undefined
    },
    '/delete': (req) => void delete (req as { session?: unknown }).session,
  }
  const app = await runs(at, { unset: 'destroy' }, (req, res) => {
    if (req.url === '/set') req.session.a = 1
    unset[req.url!]?.(req)
    res.end(JSON.stringify(req.session ?? null))
  })
  const seen = []
  let ids = 0
  for (const path of Object.keys(unset)) {
    const visitor = app.visitor()
    await visitor.get('/set')
    seen.push(essence(await visitor.get(path)))
    expect(await stored(app.store, `id-${++ids}`)).toBeUndefined()
    seen.push(essence(await visitor.get('/')))
    ids++
  }
  return seen
})

same('unset of destroy on a new session: nothing is stored and no cookie sent', async (at) => {
  const app = await runs(at, { unset: 'destroy', saveUninitialized: true }, (req, res) => {
    req.session.a = 1
    req.session = null
    res.end('gone')
  })
  const answer = await app.ask()
  expect(await stored(app.store)).toBeUndefined()
  return essence(answer)
})

same(
  'options of the cookie that are changed later hold from then on, as for `cookie.secure` in production',
  async (at) => {
    const cookie: Anything = {}
    const app = await runs(at, { cookie, saveUninitialized: true })
    const lines = [(await app.ask()).setCookies]
    cookie.maxAge = 60_000
    cookie.domain = 'example.com'
    lines.push((await app.ask()).setCookies)
    return lines
  },
)
