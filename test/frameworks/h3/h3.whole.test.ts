import {
  fromNodeHandler,
  H3,
  type H3Config,
  type H3Event,
  HTTPError,
  HTTPResponse,
  html,
  redirect,
  toNodeHandler,
  useSession,
} from 'h3'
import * as h3v1 from 'h3v1'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type H3Sessions, sessionOf, sessions } from '../../../src/h3.ts'
import { createSessions, type SessionEvent, type SessionStore } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { leaveHttp2, serveHttp2 } from '../../adapters/support/http2.ts'
import { later } from '../../adapters/support/server.ts'
import { breakable, slowly } from '../../adapters/support/stores.ts'
import { type Fed, fed } from '../../adapters/support/streams.ts'
import { listening } from './serve.ts'

type Values = Record<string, unknown>
const of = (event: { context: object }) => sessionOf<Values>(event)

async function visitor({ url, close }: { url: string; close(): Promise<void> }) {
  onTestFinished(close)
  let cookie = ''
  return async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(url + path, { headers: { cookie, ...headers }, redirect: 'manual' })
    const lines = response.headers.getSetCookie()
    for (const line of lines) if (line.startsWith('sid=')) cookie = line.split(';')[0]!
    return { status: response.status, lines, text: await response.text(), headers: response.headers }
  }
}

function told(store: SessionStore) {
  const events: SessionEvent[] = []
  return {
    events,
    types: () => events.map(({ type }) => type),
    options: { store, onEvent: (e: SessionEvent) => void events.push(e) },
  }
}

const STORES: [string, () => SessionStore][] = [
  ['a store that answers at once', memoryStore],
  ['a late store', () => slowly(memoryStore())],
]

describe.each(STORES)('h3 2 over %s', (_name, store) => {
  const visiting = (routes: Record<string, (event: H3Event) => unknown>, config: H3Config = {}) => {
    const { types, options } = told(store())
    const app = new H3({ silent: true, ...config })
    app.use(sessions(options) as H3Sessions)
    app.get('/all', (event) => ({ ...of(event) }))
    for (const [path, handler] of Object.entries(routes)) app.get(path, handler)
    return { types, app, visit: listening(toNodeHandler(app) as never).then(visitor) }
  }
  const changing = (answer: (event: H3Event) => unknown) => (event: H3Event) => {
    of(event).touched = true
    return answer(event)
  }

  test.each<[string, (event: H3Event) => unknown]>([
    ['a text', () => 'text'],
    ['nothing', () => undefined],
    ['null', () => null],
    ['an object', () => ({ an: 'object' })],
    ['a Response', () => new Response('response')],
    ['a Response whose headers can not be changed', () => Response.redirect('http://127.0.0.1/', 302)],
    ['a failed Response', () => new Response('no', { status: 404 })],
    ['redirect()', () => redirect('/there')],
    ['html()', () => html`<p>hello</p>`],
    ['a stream', () => new Blob(['a stream']).stream()],
    [
      'an HTTPError that is thrown',
      () => {
        throw new HTTPError({ status: 418, headers: { 'set-cookie': 'tea=1' } })
      },
    ],
    ['an HTTPError that is returned', () => new HTTPError({ status: 418 })],
    [
      'any other error',
      () => {
        throw new Error('failed')
      },
    ],
    ['a status that is thrown', () => Promise.reject(404)],
  ])('the answer that is made of %s has the cookie, once', async (_what, answer) => {
    const { visit } = visiting({ '/': changing(answer) })
    const { lines, headers } = await (await visit)('/')
    expect(lines.filter((line) => line.startsWith('sid='))).toHaveLength(1)
    expect(headers.get('vary')).toBe('Cookie')
    expect(headers.get('cache-control')).toBe('private')
    expect((await (await visit)('/all')).text).toBe('{"touched":true}')
  })

  test.each<[string, H3Config['onError']]>([
    ['nothing', () => undefined],
    ['a text', () => 'sorry'],
    [
      'a Response of its own',
      () => new Response('sorry', { status: 500, headers: { 'set-cookie': 'oops=1' } }),
    ],
    [
      'another error',
      () => {
        throw new HTTPError({ status: 502 })
      },
    ],
  ])('an error that onError answers with %s has the cookie, once', async (_what, onError) => {
    const { visit } = visiting(
      {
        '/': changing(() => {
          throw new Error('failed')
        }),
      },
      onError ? { onError } : {},
    )
    const { lines } = await (await visit)('/')
    expect(lines.filter((line) => line.startsWith('sid='))).toHaveLength(1)
    expect((await (await visit)('/all')).text).toBe('{"touched":true}')
  })

  test('Vary and cookies of the answer and of event.res are kept', async () => {
    const { visit } = visiting({
      '/': changing((event) => {
        event.res.headers.append('set-cookie', 'theme=dark')
        return new Response('ok', {
          headers: { vary: 'Accept', 'set-cookie': 'seen=1', 'cache-control': 'public, max-age=60' },
        })
      }),
    })
    const { lines, headers } = await (await visit)('/')
    expect(lines.map((line) => line.split('=')[0]).sort()).toEqual(['seen', 'sid', 'theme'])
    expect(headers.get('vary')).toBe('Accept, Cookie')
    expect(headers.get('cache-control')).toBe('private, max-age=60')
  })

  test('a path without a route is 404, with what a middleware has begun', async () => {
    const { app, visit } = visiting({})
    app.use((event) => {
      of(event).wanted = event.url.pathname
    })
    const { status, lines } = await (await visit)('/nowhere')
    expect([status, lines.length]).toEqual([404, 1])
  })

  test('a handler of Node.js saves values, and a session that can not begin there is told', async () => {
    const { app, types, visit } = visiting({ '/': changing(() => 'ok') })
    app.get('/node', (event) => {
      of(event).node = true
      return fromNodeHandler((_req, res) => void res.end('node')).call(undefined, event) as never
    })
    const visitAs = await visit
    expect((await visitAs('/node')).lines).toEqual([])
    await expect.poll(types).toEqual(['late-change'])
    await visitAs('/')
    expect((await visitAs('/node')).text).toBe('node')
    // The answer has left before h3 hears of it, and the commit comes behind.
    await expect.poll(async () => (await visitAs('/all')).text).toBe('{"touched":true,"node":true}')
  })

  test('a mounted application has the session of the one above it', async () => {
    const shared = createSessions({ store: store() })
    const inner = new H3().use(sessions({ sessions: shared }) as H3Sessions)
    inner.get(
      '/',
      changing(() => 'inner'),
    )
    const app = new H3().use(sessions({ sessions: shared }) as H3Sessions)
    app.mount('/inner', inner)
    app.mount('/fetched', (request) => inner.fetch(request))
    app.get('/all', (event) => ({ ...of(event) }))
    const visit = await visitor(await listening(toNodeHandler(app) as never))
    expect((await visit('/inner')).lines).toHaveLength(1)
    expect((await visit('/fetched/')).text).toBe('inner')
    expect((await visit('/all')).text).toBe('{"touched":true}')
  })

  test('an application that a handler gives its request to is part of it', async () => {
    const { types, options } = told(store())
    const shared = createSessions(options)
    const inner = new H3().use(sessions({ sessions: shared }) as H3Sessions)
    inner.get(
      '/',
      changing(() => 'inner'),
    )
    const app = new H3().use(sessions({ sessions: shared }) as H3Sessions)
    app.get('/', async (event) => {
      of(event).outer = 1
      const answer = await inner.fetch(event.req)
      expect(answer.headers.getSetCookie()).toEqual([])
      of(event).last = of(event).touched
      await of(event).login('ada', { keep: ['outer', 'touched', 'last'] })
      return answer
    })
    app.get('/all', (event) => ({ ...of(event) }))
    const visit = await visitor(await listening(toNodeHandler(app) as never))
    const { text, lines } = await visit('/')
    expect([text, lines.length]).toEqual(['inner', 1])
    expect(JSON.parse((await visit('/all')).text)).toEqual({ outer: 1, touched: true, last: true })
    await later()
    expect(types()).toEqual(['signed-in'])
  })

  test("h3's own sealed cookie stands beside it", async () => {
    const { visit } = visiting({
      '/': changing(async (event) => {
        const own = await useSession(event, { password: 'a password of thirty-two letters' })
        await own.update({ own: true })
        return own.data
      }),
    })
    const { lines } = await (await visit)('/')
    expect(lines.map((line) => line.split('=')[0]).sort()).toEqual(['h3', 'sid'])
  })

  test('fifty requests of one visitor at once lose nothing', async () => {
    const { visit } = visiting({
      '/begin': changing(() => 'ok'),
      '/count': async (event) => {
        await of(event).update('count', (count) => ((count as number) ?? 0) + 1)
        of(event)[event.url.search.slice(1)] = true
        return 'ok'
      },
    })
    const visitAs = await visit
    await visitAs('/begin')
    await Promise.all(Array.from({ length: 50 }, (_, n) => visitAs(`/count?n${n}`)))
    const all = JSON.parse((await visitAs('/all')).text)
    expect([all.count, Object.keys(all).length]).toEqual([50, 52])
  })
})

test('h3 2: what a middleware in front of it sets after the commit has not the last word, on Node.js', async () => {
  const { options } = told(memoryStore())
  const app = new H3()
  app.use(async (event, next) => {
    const answer = await next()
    event.res.headers.set('cache-control', 'public, max-age=60')
    event.res.headers.set('vary', 'Accept')
    return answer
  })
  app.use(sessions(options))
  app.get('/', (event) => {
    of(event).user = 'Ada'
    return 'in'
  })
  const { lines, headers } = await (await visitor(await listening(toNodeHandler(app))))('/')
  expect(lines).toHaveLength(1)
  expect([headers.get('cache-control'), headers.get('vary')]).toEqual([
    'private, max-age=60',
    'Accept, Cookie',
  ])
})

describe('h3 2 on Node.js: a client that leaves', () => {
  async function leaving(store: SessionStore, page: (event: H3Event, gone: Promise<unknown>) => unknown) {
    const { types, options } = told(store)
    let asked = () => {}
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    const app = new H3().use(sessions(options))
    app.get('/in', (event) => {
      of(event).user = 'Ada'
    })
    app.get('/session', (event) => ({ ...of(event) }))
    app.get('/', (event) => {
      const gone = new Promise((closed) => event.runtime!.node!.res!.once('close', closed))
      asked()
      return page(event, gone)
    })
    const handler = toNodeHandler(app)
    const served = await listening(handler)
    const visit = await visitor(served)
    const leaveByHttp2 = async () => leaveHttp2(await serveHttp2(handler), isAsked)
    const leave = async (cookie = '') => {
      const hangsUp = new AbortController()
      const answer = fetch(served.url, { headers: { cookie }, signal: hangsUp.signal })
      await isAsked
      hangsUp.abort()
      await expect(answer).rejects.toThrow()
    }
    return { types, visit, leave, leaveByHttp2 }
  }

  test('a page that never answers: its session has what was changed', async () => {
    const { visit, leave } = await leaving(memoryStore(), (event) => {
      of(event).cart = ['tea']
      return new Promise(() => {})
    })
    const { lines } = await visit('/in')
    await leave(lines[0]!.split(';')[0])
    await expect.poll(async () => (await visit('/session')).text).toBe('{"user":"Ada","cart":["tea"]}')
  })

  test.each(['leave', 'leaveByHttp2'] as const)(
    'a page that begins a session once it is alone: nothing is stored (%s)',
    async (how) => {
      let done = () => {}
      const isDone = new Promise<void>((resolve) => {
        done = resolve
      })
      const { types, [how]: leaves } = await leaving(memoryStore(), async (event, gone) => {
        await gone
        of(event).user = 'Ada'
        void later(20).then(done)
      })
      await leaves()
      await isDone
      expect(types()).toEqual([])
    },
  )
})

test('h3 2: what could not be saved is for onError, with its status, and a sign-in that was stored has its cookie', async () => {
  const { store, broken } = breakable()
  const seen: unknown[] = []
  const app = new H3({ silent: true, onError: (error) => void seen.push(error.status) })
  app.use(sessions({ store }) as H3Sessions)
  app.get('/', async (event) => {
    await of(event).login('ada')
    broken.add('save')
    of(event).cart = ['tea']
    return 'in'
  })
  app.get('/who', (event) => of(event).owner)
  const visit = await visitor(await listening(toNodeHandler(app) as never))
  const { status, lines } = await visit('/')
  expect([status, lines.length, seen]).toEqual([503, 1, [503]])
  broken.clear()
  expect((await visit('/who')).text).toBe('ada')
})

test.each<[string, (body: Fed) => unknown]>([
  ['a Response', (body) => body.response()],
  ['a web stream', (body) => body.web],
  ['an HTTPResponse', (body) => new HTTPResponse(body.web)],
])('h3 2: %s that could not be saved is let go', async (_what, answer) => {
  const { store, broken } = breakable()
  const body = fed()
  const app = new H3({ silent: true }).use(sessions({ store }) as H3Sessions)
  app.get('/', (event) => {
    of(event).cart = ['tea']
    broken.add('create')
    return answer(body)
  })
  const visit = await visitor(await listening(toNodeHandler(app) as never))
  expect((await visit('/')).status).toBe(503)
  expect(body.isLetGo).toBe(true)
})

test('h3 2: a change of a streamed body is told with its line', async () => {
  const { events, types, options } = told(memoryStore())
  const app = new H3().use(sessions(options) as H3Sessions)
  app.get('/', (event) => {
    of(event).begun = true
    const body = async function* () {
      yield 'one'
      await later(20)
      of(event).late = true
    }
    return ReadableStream.from(body()).pipeThrough(new TextEncoderStream())
  })
  await (await visitor(await listening(toNodeHandler(app) as never)))('/')
  await expect.poll(types).toEqual(['created', 'late-change'])
  expect(events[1]).toMatchObject({ at: expect.stringContaining('h3.whole.test.ts') })
})

describe.each(STORES)('h3 1 over %s', (_name, store) => {
  const visiting = async (
    handler: (event: h3v1.H3Event) => unknown,
    installed: boolean,
    options: h3v1.AppOptions = {},
  ) => {
    const app = h3v1.createApp(options)
    const session = sessions({ store: store() })
    if (installed) session.install(app)
    else app.use(session)
    app.use(
      '/all',
      h3v1.eventHandler((event) => ({ ...of(event) })),
    )
    app.use(
      h3v1.eventHandler((event) => {
        of(event).touched = true
        return handler(event)
      }),
    )
    return visitor(await listening(h3v1.toNodeListener(app)))
  }
  const answers: [string, (event: h3v1.H3Event) => unknown][] = [
    ['a text', () => 'text'],
    ['null', () => null],
    ['sendRedirect', (event) => h3v1.sendRedirect(event, '/there')],
    ['sendNoContent', (event) => h3v1.sendNoContent(event)],
    ['sendStream', (event) => h3v1.sendStream(event, new Blob(['a stream']).stream() as ReadableStream)],
    ['sendWebResponse', (event) => h3v1.sendWebResponse(event, new Response('response', { status: 201 }))],
    ['a Response', () => new Response('response')],
    ['the response of Node.js', (event) => void event.node.res.end('node')],
    [
      'an error that is thrown',
      () => {
        throw h3v1.createError({ statusCode: 418 })
      },
    ],
    ['an error that is returned', () => h3v1.createError({ statusCode: 418 })],
    ['sendError', (event) => h3v1.sendError(event, new Error('failed'))],
  ]
  test.each(
    answers.flatMap(([what, answer]) => [false, true].map((installed) => ({ what, answer, installed }))),
  )('an answer by $what has the cookie, once; installed: $installed', async ({ answer, installed }) => {
    const visit = await visiting(answer, installed)
    expect((await visit('/')).lines.filter((line) => line.startsWith('sid='))).toHaveLength(1)
    expect((await visit('/all')).text).toContain('"touched":true')
  })

  test('onError may answer, with the cookie', async () => {
    const onError = (error: Error, event: h3v1.H3Event) => h3v1.send(event, `said: ${error.message}`)
    const visit = await visiting(
      () => {
        throw new Error('failed')
      },
      true,
      { onError },
    )
    const { text, lines } = await visit('/')
    expect([text, lines.length]).toEqual(['said: failed', 1])
  })
})

describe('h3 1: what could not be saved', () => {
  const visiting = async (installed: boolean, options: h3v1.AppOptions) => {
    const { store, broken } = breakable()
    broken.add('create')
    const app = h3v1.createApp(options)
    const session = sessions({ store })
    if (installed) session.install(app)
    else app.use(session)
    app.use(
      h3v1.eventHandler((event) => {
        of(event).touched = true
        return 'changed'
      }),
    )
    return (await visitor(await listening(h3v1.toNodeListener(app))))('/')
  }

  test('is answered as h3 answers an error', async () => {
    for (const installed of [true, false]) {
      const { status, lines, text } = await visiting(installed, {})
      expect([status, lines]).toEqual([503, []])
      expect(JSON.parse(text)).toMatchObject({ statusCode: 503 })
    }
  })

  test('is answered by onError of an application that it is installed in', async () => {
    const onError = (error: h3v1.H3Error, event: h3v1.H3Event) =>
      h3v1.send(event, `${error.statusCode} ${h3v1.isError(error)} ${(error.cause as Error).name}`)
    const { status, text } = await visiting(true, { onError })
    expect([status, text]).toEqual([503, '503 true StoreUnavailableError'])
  })
})

describe('misuse', () => {
  const store = memoryStore()

  test('is refused where it is made', () => {
    const session = sessions({ store })
    expect(() => session({} as never)).toThrow('something else than an event of h3')
    expect(() => session.install({} as never)).toThrow('takes an application of h3 1')
    expect(() => session.install(new H3() as never)).toThrow('takes an application of h3 1')
    expect(() => sessions({ trustProxy: 1 } as never)).toThrow('trustProxy')
    expect(() => sessions({ stor: store } as never)).toThrow('stor')
    expect(() => sessionOf({ context: {} })).toThrow('There is no `event.context.session`')
  })

  test.each<[string, (app: H3) => void, string]>([
    [
      'another library’s session',
      (app) =>
        app
          .use((event) => void Object.assign(event.context, { session: {} }))
          .use(sessions({ store }) as H3Sessions),
      'from another library',
    ],
    [
      'the same cookie twice',
      (app) => app.use(sessions({ store }) as H3Sessions).use(sessions({ store }) as H3Sessions),
      'mounted twice',
    ],
    [
      'a handler of a route',
      (app) => app.get('/', sessions({ store }) as never),
      'used as a handler of a route',
    ],
    [
      'an assignment',
      (app) =>
        app
          .use(sessions({ store }) as H3Sessions)
          .use((event) => void Object.assign(event.context, { session: {} })),
      "can't be assigned",
    ],
  ])('%s is an error that says what to do', async (_what, mount, message) => {
    const seen: string[] = []
    const app = new H3({ silent: true, onError: (error) => void seen.push(error.message) })
    mount(app)
    app.get('/', () => 'ok')
    await app.request('/')
    expect(seen).toEqual([expect.stringContaining(message)])
  })

  test('of two with a cookie each the inner one is shown below its mount', async () => {
    const seen: unknown[] = []
    const admins = createSessions({ store: memoryStore(), cookie: { name: 'admin' }, app: 'admin' })
    const app = new H3()
      .use(sessions({ store }) as H3Sessions)
      .use('/admin/**', sessions({ sessions: admins }) as H3Sessions)
    app.all('/**', (event) => {
      of(event).seen = event.url.pathname
      return 'ok'
    })
    for (const path of ['/admin/', '/']) {
      const response = await app.request(path)
      seen.push(response.headers.getSetCookie().map((line) => line.split('=')[0]))
    }
    expect(seen).toEqual([['admin'], ['sid']])
  })
})

test('h3 2 on another runtime than Node.js has the same answers', async () => {
  const app = new H3({ silent: true }).use(sessions({ store: memoryStore() }) as H3Sessions)
  app.get('/', (event) => {
    of(event).user = 'ada'
    throw new HTTPError({ status: 418 })
  })
  const response = await app.fetch(new Request('https://shop.example/') as never)
  expect([response.status, response.headers.getSetCookie().length]).toEqual([418, 1])
  expect(response.headers.getSetCookie()[0]).toMatch(/^__Host-sid=/)
})
