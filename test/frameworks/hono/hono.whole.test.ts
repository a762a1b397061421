import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HttpBindings } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { compress } from 'hono/compress'
import { cors } from 'hono/cors'
import { etag } from 'hono/etag'
import { HTTPException } from 'hono/http-exception'
import { secureHeaders } from 'hono/secure-headers'
import { streamSSE } from 'hono/streaming'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { PlainSession, SessionVariables } from '../../../src/hono.ts'
import { createSessions, type SessionEvent, type SessionStore } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { leaveHttp2 } from '../../adapters/support/http2.ts'
import { later } from '../../adapters/support/server.ts'
import { breakable, counted, slowly } from '../../adapters/support/stores.ts'
import { fed } from '../../adapters/support/streams.ts'
import { Visitor } from '../../adapters/support/visitor.ts'
import { sessions } from './sessions.ts'
import { listening } from './site.ts'

/** Sessions over a store, what they tell, and a browser that talks to an application without a server. */
function over(store: SessionStore = memoryStore()) {
  const events: SessionEvent[] = []
  const shared = createSessions({ store, onEvent: (event) => void events.push(event) })
  let cookie = ''
  const visit = async (app: Pick<Hono, 'request'>, path = '/', headers: Record<string, string> = {}) => {
    const answer = await app.request(path, { headers: { cookie, ...headers } })
    const [line] = answer.headers.getSetCookie()
    if (line !== undefined) cookie = line.split(';')[0]!
    return answer
  }
  const stored = async () => (await shared.open(cookie, { secure: false })).toJSON()
  return { shared, events, visit, stored, use: () => sessions({ sessions: shared }) }
}

/** A page that begins a session. */
function begun(session: PlainSession): Response {
  session.views = 1
  return new Response('begun')
}

const paces: [string, (store: SessionStore) => SessionStore][] = [
  ['at once', (store) => store],
  ['later', slowly],
]

describe.each(paces)('over a store that answers %s', (_, pace) => {
  test('what an error handler changes is saved with the rest, and its answer has the cookie', async () => {
    const { use, visit, stored } = over(pace(memoryStore()))
    const app = new Hono().use(use())
    app.onError((error, c) => {
      c.var.session.told = error.message
      return c.text('sorry', 500)
    })
    app.get('/', (c) => {
      c.var.session.user = 'Ada'
      throw new Error('broken')
    })
    const answer = await visit(app)
    expect([answer.status, answer.headers.getSetCookie().length]).toEqual([500, 1])
    expect(await stored()).toEqual({ user: 'Ada', told: 'broken' })
  })

  test.each<[string, number, () => Response]>([
    [
      'an HTTPException',
      403,
      () => {
        throw new HTTPException(403, { message: 'no' })
      },
    ],
    [
      'one with a response',
      401,
      () => {
        throw new HTTPException(401, { res: new Response('in', { status: 401 }) })
      },
    ],
    ['a redirect whose headers can not be changed', 302, () => Response.redirect('http://localhost/', 302)],
  ])('%s has the cookie', async (_name, status, answers) => {
    const { use, visit, stored } = over(pace(memoryStore()))
    const app = new Hono().use(use()).get('/', (c) => {
      c.var.session.user = 'Ada'
      return answers()
    })
    const answer = await visit(app)
    expect([answer.status, answer.headers.getSetCookie().length]).toEqual([status, 1])
    expect(await stored()).toEqual({ user: 'Ada' })
  })

  test('a page that is not found may begin a session', async () => {
    const { use, visit, stored } = over(pace(memoryStore()))
    const app = new Hono().use(use())
    app.notFound((c) => {
      c.var.session.missed = c.req.path
      return c.text('not here', 404)
    })
    expect((await visit(app, '/nowhere')).status).toBe(404)
    expect(await stored()).toEqual({ missed: '/nowhere' })
  })

  test('two mounts of the same sessions are one, in a nested application too', async () => {
    const { use, visit, events, stored } = over(pace(memoryStore()))
    const nested = new Hono().use(use()).get('/', (c) => {
      c.var.session.seen = true
      return c.text('nested')
    })
    const app = new Hono()
      .use(use(), async (c, next) => {
        c.var.session.first = true
        await next()
        c.var.session.last = { ...c.var.session }
      })
      .route('/nested', nested)
    const answer = await visit(app, '/nested')
    expect([answer.status, answer.headers.getSetCookie().length]).toEqual([200, 1])
    await later()
    expect(events.map(({ type }) => type)).toEqual(['created'])
    expect(await stored()).toEqual({ first: true, seen: true, last: { first: true, seen: true } })
  })
})

type Variables = SessionVariables<Record<string, unknown>>
type Inner = { fetch(request: Request, env?: object): Response | Promise<Response> }

describe.each<[string, (inner: Inner) => Hono<{ Variables: Variables }>]>([
  [
    'fetches it',
    (inner) =>
      new Hono<{ Variables: Variables }>().get('/inner', async (c) => {
        c.var.session.outer = 1
        const answer = await inner.fetch(c.req.raw, c.env as object)
        c.var.session.last = Object.keys(c.var.session)
        await c.var.session.login('ada', { keep: ['outer', 'inner', 'last'] })
        return answer
      }),
  ],
  [
    'has it mounted',
    (inner) =>
      new Hono<{ Variables: Variables }>()
        .use(async (c, next) => {
          c.var.session.outer = 1
          await next()
          c.var.session.last = Object.keys(c.var.session)
          await c.var.session.login('ada', { keep: ['outer', 'inner', 'last'] })
        })
        .mount('/inner', inner.fetch, { replaceRequest: false }),
  ],
])('an application that another one answers within, which %s', (_name, answering) => {
  test.each(['at once', 'on Node.js'])('has its session, and leaves the commit to it: %s', async (where) => {
    const { use, shared, visit, stored, events } = over()
    const inner = new Hono().use(use()).get('/inner', (c) => {
      c.var.session.inner = c.var.session.outer
      return c.text('of the inner one')
    })
    const app = new Hono().use(use()).route('/', answering(inner))
    if (where === 'on Node.js') {
      const { url, close } = await listening(app)
      onTestFinished(close)
      const answer = await fetch(`${url}/inner`)
      expect([await answer.text(), answer.headers.getSetCookie().length]).toEqual(['of the inner one', 1])
    } else {
      const answer = await visit(app, '/inner')
      expect([await answer.text(), answer.headers.getSetCookie().length]).toEqual(['of the inner one', 1])
      expect(await stored()).toEqual({ outer: 1, inner: 1, last: ['outer', 'inner'] })
    }
    await later()
    expect(events.map(({ type }) => type)).toEqual(['signed-in'])
    expect(await shared.list('ada')).toHaveLength(1)
  })

  test('has no session where its own has the same cookie: it is refused', async () => {
    const { use, visit } = over()
    const told: unknown[] = []
    const inner = new Hono().use(sessions({ store: memoryStore() })).get('/inner', (c) => c.text('in'))
    inner.onError((error, c) => {
      told.push(error)
      return c.text('no', 500)
    })
    await visit(new Hono().use(use()).route('/', answering(inner)), '/inner')
    expect(told).toEqual([
      expect.objectContaining({
        code: 'UNTORN_MISUSE',
        message: expect.stringMatching(/mounted twice.*`as` if both.*`c\.var\.session`/),
      }),
    ])
  })
})

describe('an answer that could not be saved', () => {
  test('is gone: its error is for onError, with what was due before and what middlewares in front have set', async () => {
    const { store, broken } = breakable()
    const { use, visit, stored } = over(store)
    const app = new Hono().use(cors(), use()).get('/', async (c) => {
      await c.var.session.login('Ada')
      broken.add('save')
      c.var.session.cart = ['tea']
      c.header('X-Cart', '1')
      c.header('Content-Language', 'en')
      return c.redirect('/cart')
    })
    const told: unknown[] = []
    app.onError((error, c) => {
      told.push(error)
      return c.text('later, please', 503)
    })
    const answer = await visit(app)
    broken.clear()
    expect([answer.status, await answer.text()]).toEqual([503, 'later, please'])
    expect(told).toEqual([expect.objectContaining({ code: 'UNTORN_STORE_UNAVAILABLE', status: 503 })])
    expect(answer.headers.getSetCookie()).toHaveLength(1)
    const { headers } = answer
    expect(['location', 'content-language'].map((name) => headers.get(name))).toEqual([null, null])
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(await stored()).toEqual({})
  })

  test('is let go, and who feeds it is told', async () => {
    const { store, broken } = breakable()
    const { use, visit } = over(store)
    const body = fed()
    const app = new Hono().use(use()).get('/', (c) => {
      begun(c.var.session)
      broken.add('create')
      return c.body(body.web)
    })
    app.onError((_error, c) => c.text('later, please', 503))
    expect((await visit(app)).status).toBe(503)
    expect(body.isLetGo).toBe(true)
  })

  test('of a session that could not be loaded, too, where it is asked for', async () => {
    const { store, broken } = breakable()
    const { use, visit } = over(store)
    const app = new Hono()
      .use(use())
      .get('/', (c) => begun(c.var.session))
      .get('/other', (c) => c.text('other'))
    app.onError((_error, c) => c.text('failed', 503))
    await visit(app)
    broken.add('load')
    expect((await visit(app)).status).toBe(503)
    // Nobody asks for it.
    expect((await visit(app, '/other')).status).toBe(200)
  })

  test('what is thrown and is no Error, Hono answers nothing to: no session begins, what there is is saved', async () => {
    const { use, visit, stored, events } = over()
    const app = new Hono()
      .use(use())
      .get('/', (c) => begun(c.var.session))
      .get('/throws', (c) => {
        c.var.session.views = 2
        throw 'a text'
      })
    await expect((async () => app.request('/throws'))()).rejects.toBe('a text')
    expect(events).toEqual([])
    await visit(app)
    await expect(visit(app, '/throws')).rejects.toBe('a text')
    expect(await stored()).toEqual({ views: 2 })
  })
})

describe('beside other middlewares', () => {
  test('the cookie is on the answer once, whatever they do to it', async () => {
    const { use, visit } = over()
    const app = new Hono()
      .use(
        secureHeaders(),
        cors({ origin: 'http://localhost', credentials: true }),
        compress(),
        use(),
        etag(),
      )
      .get('/', (c) => {
        c.var.session.views = ((c.var.session.views as number) ?? 0) + 1
        c.header('Set-Cookie', 'theirs=1', { append: true })
        return c.text('x'.repeat(5000))
      })
    const first = await visit(app, '/', { 'accept-encoding': 'gzip' })
    const names = first.headers.getSetCookie().map((line) => line.split('=')[0])
    expect(names.sort()).toEqual(['sid', 'theirs'])
    expect(first.headers.get('content-encoding')).toBe('gzip')
    expect(first.headers.get('vary')?.split(', ').sort()).toEqual(['Accept-Encoding', 'Cookie', 'Origin'])
    expect(first.headers.get('x-frame-options')).toBe('SAMEORIGIN')
  })

  test('what one in front sets after the commit has not the last word, on Node.js', async () => {
    const { shared, use } = over()
    const app = new Hono()
      .use(async (c, next) => {
        await next()
        c.header('Cache-Control', 'public, max-age=60')
      })
      .use(use())
      .get('/', (c) => begun(c.var.session))
      .get('/other', (c) => c.text('no session'))
      .get('/within', async (c) => {
        await app.request('/', {}, c.env)
        return c.text('of somebody else')
      })
    const { url, close } = await listening(app)
    onTestFinished(close)
    const { headers } = await fetch(url)
    expect(headers.getSetCookie()).toHaveLength(1)
    expect([headers.get('cache-control'), headers.get('vary')]).toEqual(['private, max-age=60', 'Cookie'])
    // What the application asks of itself is another answer, and its cookie is not for this visitor.
    for (const path of ['/other', '/within']) {
      const other = await fetch(url + path)
      expect([other.headers.get('cache-control'), other.headers.getSetCookie()]).toEqual([
        'public, max-age=60',
        [],
      ])
    }
    await shared.close()
  })

  test('nor where a middleware has put another request in the place of the one that came', async () => {
    const { shared, use } = over()
    const app = new Hono()
      .use(async (c, next) => {
        await next()
        c.header('Cache-Control', 'public, max-age=60')
      })
      .use(use(), bodyLimit({ maxSize: 1000 }))
      .post('/', async (c) => {
        c.var.session.text = await c.req.text()
        return c.text('in')
      })
    const { url, close } = await listening(app)
    onTestFinished(close)
    const body = ReadableStream.from([new TextEncoder().encode('tea')])
    const { headers } = await fetch(url, { method: 'POST', body, duplex: 'half' })
    expect([headers.getSetCookie().length, headers.get('cache-control')]).toEqual([1, 'private, max-age=60'])
    await shared.close()
  })

  test('nor over the cookie of a sign-in whose values could not be saved', async () => {
    const { store, broken } = breakable()
    const { shared, use } = over(store)
    const app = new Hono()
      .use(async (c, next) => {
        await next()
        c.header('Cache-Control', 'public, max-age=60')
      })
      .use(use())
      .get('/', async (c) => {
        await c.var.session.login('ada')
        c.var.session.views = 1
        broken.add('save')
        return c.text('in')
      })
      .onError((_, c) => c.text('failed', 503))
    const { url, close } = await listening(app)
    onTestFinished(close)
    const { status, headers } = await fetch(url)
    expect([status, headers.getSetCookie().length, headers.get('cache-control')]).toEqual([
      503,
      1,
      'private, max-age=60',
    ])
    await shared.close()
  })

  test('an answer that etag has made a 304 has its cookie', async () => {
    const { use } = over()
    const app = new Hono().use(use(), etag()).get('/', (c) => {
      c.var.session.views = 1
      return c.text('same')
    })
    const tag = (await app.request('/')).headers.get('etag')!
    const again = await app.request('/', { headers: { 'if-none-match': tag } })
    expect([again.status, again.headers.getSetCookie().length]).toEqual([304, 1])
  })

  test('a file costs no look into the store', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'untorn-hono-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    writeFileSync(join(directory, 'page.txt'), 'a file')
    const { store, calls } = counted()
    const { use, visit } = over(store)
    const app = new Hono()
      .use(use())
      .get('/begin', (c) => begun(c.var.session))
      .get('/*', serveStatic({ root: directory }))
    await visit(app, '/begin')
    calls.length = 0
    expect(await (await visit(app, '/page.txt')).text()).toBe('a file')
    expect(calls).toEqual([])
  })

  test('one in front may still ask whose request it was', async () => {
    const { use, visit } = over()
    const log: unknown[] = []
    const app = new Hono<{ Variables: { session?: { user?: unknown } } }>()
    app.use(async (c, next) => {
      await next()
      log.push(c.var.session?.user)
    })
    app.use(use() as never)
    app.get('/', (c) => {
      c.var.session!.user = 'Ada'
      return c.text('hello')
    })
    await visit(app)
    expect(log).toEqual(['Ada'])
  })

  test('an event stream has the cookie, and a change while it is sent is told with its line', async () => {
    const { use, visit, events } = over()
    const app = new Hono().use(use()).get('/', (c) => {
      c.var.session.begun = true
      return streamSSE(c, async (stream) => {
        await stream.writeSSE({ data: 'one' })
        await later()
        c.var.session.late = true
      })
    })
    const answer = await visit(app)
    expect(answer.headers.getSetCookie()).toHaveLength(1)
    expect(await answer.text()).toBe('data: one\n\n')
    await later()
    expect(events).toEqual([
      expect.objectContaining({ type: 'created' }),
      expect.objectContaining({ type: 'late-change', at: expect.stringContaining('hono.whole.test.ts') }),
    ])
  })
})

describe('two sessions', () => {
  test('of other names stand side by side, each with its cookie', async () => {
    const store = memoryStore()
    const admin = sessions<{ role: string }, 'admin'>({ store, as: 'admin', cookie: { name: 'admin' } })
    const app = new Hono().use(sessions<{ user: string }>({ store }), admin).get('/', (c) => {
      c.var.session.user = 'Ada'
      c.var.admin.role = 'all'
      return c.text('both')
    })
    const answer = await app.request('/')
    const cookies = answer.headers.getSetCookie().map((line) => line.split(';')[0]!)
    expect(cookies.map((cookie) => cookie.split('=')[0]).sort()).toEqual(['admin', 'sid'])
    // Of one application's id the other one knows nothing.
    const swapped = cookies.map((cookie) =>
      cookie.replace(/^\w+/, (name) => (name === 'sid' ? 'admin' : 'sid')),
    )
    const read = new Hono().use(sessions<{ user: string }>({ store }), admin).get('/', (c) => {
      return c.json([c.var.session.user ?? null, c.var.admin.role ?? null])
    })
    const headers = (lines: string[]) => ({ headers: { cookie: lines.join('; ') } })
    expect(await (await read.request('/', headers(cookies))).json()).toEqual(['Ada', 'all'])
    expect(await (await read.request('/', headers(swapped))).json()).toEqual([null, null])
  })

  test('of one name: the inner one wins below its mount, and outside it is the outer one again', async () => {
    const [outer, inner] = [memoryStore(), memoryStore()]
    let outside: unknown
    const app = new Hono()
      .use(sessions({ store: outer }), async (c, next) => {
        await next()
        outside = { ...c.var.session }
      })
      .use('/inner', sessions({ store: inner, cookie: { name: 'inner' } }))
      .get('/inner', (c) => begun(c.var.session))
    const { headers, status } = await app.request('/inner')
    expect([status, headers.getSetCookie().map((line) => line.split('=')[0])]).toEqual([200, ['inner']])
    expect(outside).toEqual({})
  })

  test.each([
    [
      'the same cookie',
      () => sessions({ store: memoryStore() }),
      /mounted twice, .* cookie "sid" of the path \//,
    ],
    [
      'a variable of another library',
      () => async (c: { set(name: string, value: unknown): void }, next: () => Promise<void>) => {
        c.set('session', { theirs: true })
        await next()
      },
      /`c\.var\.session` is there already/,
    ],
  ])('with %s are refused', async (_name, other, message) => {
    const app = new Hono().use(other() as never, sessions({ store: memoryStore() }))
    app.get('/', (c) => c.text('served'))
    const told: Error[] = []
    app.onError((error, c) => {
      told.push(error)
      return c.text('failed', 500)
    })
    expect((await app.request('/')).status).toBe(500)
    expect(told).toEqual([
      expect.objectContaining({ code: 'UNTORN_MISUSE', message: expect.stringMatching(message) }),
    ])
  })
})

test('options that can not be used are refused where they are given', () => {
  const wrong = (options: unknown) => () => sessions(options as never)
  expect(wrong(() => {})).toThrow(expect.objectContaining({ code: 'UNTORN_MISUSE' }))
  expect(wrong(new Context(new Request('http://localhost/')))).toThrow(/without being called/)
  expect(wrong({ as: '' })).toThrow(expect.objectContaining({ code: 'UNTORN_INVALID_OPTION', option: 'as' }))
  expect(wrong({ trustProxy: 'yes' })).toThrow(expect.objectContaining({ option: 'trustProxy' }))
  expect(wrong({ sessions: createSessions({ store: memoryStore() }), idleTimeout: '1h' })).toThrow(
    expect.objectContaining({ option: 'idleTimeout' }),
  )
})

test('a client that leaves a page which never answers: its session has what was changed', async () => {
  const { use, shared, visit, stored } = over()
  let asked = () => {}
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve
  })
  const app = new Hono()
    .use(use())
    .get('/', (c) => begun(c.var.session))
    .get('/never', async (c) => {
      c.var.session.views = 2
      asked()
      return new Promise<Response>(() => {})
    })
  const first = await visit(app)
  const cookie = first.headers.getSetCookie()[0]!.split(';')[0]!
  const { url, close } = await listening(app)
  onTestFinished(close)
  const request = http.get(`${url}/never`, { headers: { cookie } }).on('error', () => {})
  await isAsked
  request.destroy()
  await expect.poll(stored).toEqual({ views: 2 })
  await shared.close()
})

test.each([
  ['HTTP/1.1', http.createServer],
  ['HTTP/2', http2.createServer],
])(
  'a client that has left a page before that begins a session: nothing is stored, by %s',
  async (version, createServer) => {
    const { use, shared, events } = over()
    let [asked, done] = [() => {}, () => {}]
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    const isDone = new Promise<void>((resolve) => {
      done = resolve
    })
    const app = new Hono().use(use()).get('/', async (c) => {
      const gone = new Promise((closed) => (c.env as HttpBindings).outgoing.once('close', closed))
      asked()
      await gone
      void later(20).then(done)
      return begun(c.var.session)
    })
    const { url, close } = await listening({ fetch: app.fetch, createServer })
    onTestFinished(close)
    if (version === 'HTTP/2') await leaveHttp2(Number(new URL(url).port), isAsked)
    else await new Visitor(Number(new URL(url).port)).leave('/', isAsked)
    await isDone
    expect(events).toEqual([])
    await shared.close()
  },
)
