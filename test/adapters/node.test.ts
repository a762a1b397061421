import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { sessions as expressSessions } from '../../src/express.ts'
import { createSessions } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { type NodeSessions, type NodeSessionsOptions, sessions, type WithSession } from '../../src/node.ts'
import type { SessionEvent } from '../../src/session/events.ts'
import { expresses } from './support/express.ts'
import { ask, headLines, later, serve } from './support/server.ts'
import { breakable, pace } from './support/stores.ts'
import { Visitor } from './support/visitor.ts'
import { ways } from './support/ways.ts'

interface Values {
  views: number
}
function count(req: IncomingMessage & WithSession<Values>, res: ServerResponse): void {
  req.session.views = (req.session.views ?? 0) + 1
  res.end(`${req.session.views} views`)
}

/** The three ways to use it. */
const uses: Record<string, (session: NodeSessions<Values>) => RequestListener> = {
  'as a wrapper of a handler': (session) => session((req, res) => count(req, res)),
  'as a middleware of connect': (session) => (req, res) => {
    const failed = (error: unknown) => res.writeHead(500).end((error as { code: string }).code)
    session(req, res, (error) => {
      try {
        if (error) throw error
        count(req as never, res)
      } catch (thrown) {
        failed(thrown)
      }
    })
  },
  'awaited in a handler': (session) => async (req, res) => {
    try {
      count(await session(req, res), res)
    } catch (error) {
      res.writeHead(500).end((error as { code: string }).code)
    }
  },
}

const cases = Object.entries(uses).flatMap(([use, listener]) =>
  Object.entries(pace).map(([speed, paced]) => ({ use, speed, listener, paced })),
)

describe.each(cases)('$use, over $speed', ({ listener, paced, use }) => {
  test('a visitor has a session, another one has another', async () => {
    const session = sessions<Values>({ store: paced(memoryStore()) })
    const visitor = new Visitor(await serve(listener(session)))
    expect((await visitor.get()).text).toBe('1 views')
    expect((await visitor.get()).text).toBe('2 views')
    expect((await new Visitor(visitor.port).get()).text).toBe('1 views')
  })

  test('a store that can not be read, or written, is an error, and the next request works', async () => {
    const { store, broken } = breakable()
    const events: SessionEvent[] = []
    const session = sessions<Values>({ store: paced(store), onEvent: (event) => void events.push(event) })
    const visitor = new Visitor(await serve(listener(session)))
    await visitor.get()
    for (const call of ['load', 'save'] as const) {
      events.length = 0
      broken.add(call)
      const answer = await visitor.get()
      broken.clear()
      const plain = use === 'as a wrapper of a handler' || (use === 'awaited in a handler' && call === 'save')
      expect(answer.status).toBe(plain ? 503 : 500)
      expect(answer.text).toBe(plain ? 'Service Unavailable\n' : 'UNTORN_STORE_UNAVAILABLE')
      const told = events.filter(({ type }) => type === 'error')
      expect(told).toHaveLength(plain ? 1 : 0)
      expect((await visitor.get()).text).toMatch(/^\d views$/)
    }
  })
})

const matrix = Object.entries(pace).flatMap(([speed, paced]) =>
  Object.entries(ways).map(([way, { answer, ...question }]) => ({ speed, way, paced, answer, question })),
)

test.each(matrix)('$way over $speed: the same answer, and the next request finds the change', async (one) => {
  const { paced, answer, question } = one
  const session = sessions<Values>({ store: paced(memoryStore()) })
  const handled = session(async (req, res) => {
    if (req.url === '/session') return res.end(JSON.stringify(req.session))
    req.session.views = 1
    return answer(req, res)
  })
  const plain = await ask(await serve(answer), question)
  const visitor = new Visitor(await serve(handled))
  const watched = await ask(visitor.port, question)
  visitor.keep(watched)
  expect(await visitor.json('/session')).toEqual({ views: 1 })
  expect(watched.body.equals(plain.body)).toBe(true)
  const added = headLines(watched).filter((line) => !headLines(plain).includes(line))
  const names = added.map((line) => line.split(':', 1)[0]!.toLowerCase())
  expect(new Set(names)).toEqual(new Set(['cache-control', 'set-cookie', 'vary']))
})

describe('one createSessions for several servers', () => {
  test('Express, node:http and a job see the same sessions', async () => {
    const shared = createSessions<Values>({ store: memoryStore() })
    const app = expresses['Express 5']!()
    const middleware = expressSessions({ sessions: shared })
    app.use(middleware)
    app.get('/', (req, res) => {
      req.session.views = 1
      res.send('hello')
    })
    const web = new Visitor(await serve(app))
    await web.get()
    const session = sessions({ sessions: shared, trustProxy: true })
    const other = new Visitor(await serve(session(count)))
    for (const [name, value] of web.cookies) other.cookies.set(name, value)
    expect((await other.get()).text).toBe('2 views')
    const opened = await shared.open(web.cookie, { secure: false })
    expect(opened.get('views')).toBe(2)
    expect(middleware.sessions).toBe(shared)
    expect(session.sessions).toBe(shared)
  })

  test.each<[string, object]>([
    ['store', { sessions: createSessions({ store: memoryStore() }), store: memoryStore() }],
    ['sessions', { sessions: memoryStore() }],
    ['trustProxy', { store: memoryStore(), trustProxy: 1 }],
    ['resave', { store: memoryStore(), resave: false }],
  ])('a wrong option is refused by its name: %s', (option, options) => {
    expect(() => sessions(options as NodeSessionsOptions)).toThrow(
      expect.objectContaining({ code: 'UNTORN_INVALID_OPTION', option }),
    )
    if (option === 'trustProxy') return
    expect(() => expressSessions(options as object)).toThrow(
      expect.objectContaining({ code: 'UNTORN_INVALID_OPTION', option }),
    )
  })

  test('close() closes the store', async () => {
    for (const make of [sessions, expressSessions] as (typeof sessions)[]) {
      const session = make({ store: memoryStore() })
      await session.close()
      expect(() => session.sessions.store.load('0'.repeat(64) as never)).toThrow(/closed/)
    }
  })
})

describe('misuse', () => {
  test('mounted twice: the second one rejects, or tells next', async () => {
    const first = sessions({ store: memoryStore() })
    const second = sessions({ store: memoryStore() })
    const port = await serve(
      first(async (req, res) => {
        const told: unknown[] = []
        second(req, res, (error) => void told.push(error))
        const rejected = await second(req, res).catch((error) => error)
        res.end(JSON.stringify([...told, rejected].map(({ code }) => code)))
      }),
    )
    expect(JSON.parse((await ask(port)).text)).toEqual(['UNTORN_MISUSE', 'UNTORN_MISUSE'])
  })
})

describe.each(Object.entries(pace))('HTTP/2 over %s', (_speed, paced) => {
  // Node says it when something asks for what only HTTP/1 has.
  const unsupported: Error[] = []
  const note = (warning: Error) => {
    if (warning.name === 'UnsupportedWarning') unsupported.push(warning)
  }
  beforeAll(() => void process.on('warning', note))
  afterAll(() => {
    process.off('warning', note)
    expect(unsupported).toEqual([])
  })

  test('a session goes from stream to stream, and what the handler sends is whole', async () => {
    const session = sessions<Values>({ store: paced(memoryStore()) })
    const { get } = await http2Server(
      session<http2.Http2ServerRequest, http2.Http2ServerResponse>((req, res) => {
        req.session.views = (req.session.views ?? 0) + 1
        res.writeHead(200, { 'set-cookie': 'a=1', vary: 'accept' })
        res.write(`${req.session.views} `)
        res.end('views')
      }),
    )
    const first = await get()
    expect(first.body).toBe('1 views')
    expect(first.headers['set-cookie']).toEqual(['a=1', expect.stringMatching(/^sid=/)])
    expect(first.headers).toMatchObject({ vary: 'accept, Cookie', 'cache-control': 'private' })
    const cookie = first.headers['set-cookie']![1]!.split(';', 1)[0]!
    const second = await get(cookie)
    expect(second.body).toBe('2 views')
    expect(second.headers['set-cookie']).toEqual(['a=1'])
  })

  test('a store that fails is answered with 503', async () => {
    const { store, broken } = breakable()
    broken.add('create')
    const session = sessions<Values>({ store: paced(store) })
    const { get } = await http2Server(
      session<http2.Http2ServerRequest, http2.Http2ServerResponse>((req, res) => {
        req.session.views = 1
        res.setHeader('etag', '"1"')
        res.end('hello')
      }),
    )
    const { headers, body } = await get()
    expect(headers).toMatchObject({ ':status': 503, 'content-type': 'text/plain; charset=utf-8' })
    expect(headers.etag).toBeUndefined()
    expect(body).toBe('Service Unavailable\n')
  })

  test('a client that leaves is no error', async () => {
    const closed: Promise<void>[] = []
    const session = sessions<Values>({ store: paced(memoryStore()) })
    const { client } = await http2Server(
      session<http2.Http2ServerRequest, http2.Http2ServerResponse>((req, res) => {
        req.session.views = 1
        const late = () => {
          res.end('too late')
          setTimeout(answered, 40)
        }
        let answered: () => void
        closed.push(
          new Promise((done) => {
            answered = done
          }),
        )
        res.on('close', late)
        req.stream.close()
      }),
    )
    await new Promise<void>((gone) => client.request({ ':path': '/' }).on('close', gone).resume())
    await Promise.all(closed)
    const stored: unknown[] = []
    for await (const entry of session.sessions.store.records()) stored.push(entry)
    expect(stored).toEqual([])
  })
})

test('a request that is never answered, and one without a session, keep nothing behind', async () => {
  const session = sessions<Values>({ store: memoryStore() })
  const port = await serve(session((_req, res) => void res.end('plain')))
  const answer = await ask(port)
  await later()
  expect(answer).toMatchObject({ text: 'plain', setCookies: [] })
  expect(answer.headers.vary).toBeUndefined()
})

type Http2Handler = (req: http2.Http2ServerRequest, res: http2.Http2ServerResponse) => unknown

async function http2Server(handler: Http2Handler) {
  const server = http2.createServer(handler)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => {
    client.destroy()
    server.close()
  })
  const get = async (cookie = '') => {
    const stream = client.request({ ':path': '/', cookie })
    const headers = await new Promise<http2.IncomingHttpHeaders>((got) => stream.on('response', got))
    let body = ''
    for await (const chunk of stream) body += chunk
    return { headers, body }
  }
  return { client, get }
}
