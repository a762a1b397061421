import type { IncomingMessage, ServerResponse } from 'node:http'
import http2 from 'node:http2'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { SessionStore } from '../../src/contract/store.ts'
import { memoryStore } from '../../src/memory.ts'
import { sessions, type WithSession } from '../../src/node.ts'
import type { SessionEvent } from '../../src/session/events.ts'
import { warnings } from '../support/warnings.ts'
import { signal } from './support/application.ts'
import { ask, later, serve } from './support/server.ts'
import { breakable, pace } from './support/stores.ts'
import { Visitor } from './support/visitor.ts'
import { large } from './support/ways.ts'

type Values = Record<string, unknown>
type Handler = (req: IncomingMessage & WithSession<Values>, res: ServerResponse) => unknown

const failure = new Error('oops')
const fail = (): never => {
  throw failure
}

// First, since it is said once in a process.
test('the first handler that fails is a warning with its stack, the next ones are none', async () => {
  const seen = warnings()
  const port = await serve(sessions({ store: memoryStore() })(fail))
  for (const _ of [1, 2]) await ask(port)
  await later()
  expect(seen).toMatchObject([{ code: 'UNTORN_HANDLER_FAILED', detail: failure.stack }])
  expect(seen[0]!.message).toMatch('Error: oops. Of others the event `error` tells')
})

describe.each(Object.entries(pace))('a handler of node:http that fails, over %s', (_speed, paced) => {
  /** A server whose handler runs for `/`, and what it told. */
  async function runs(handler: Handler, store: SessionStore = memoryStore()) {
    const events: SessionEvent[] = []
    const session = sessions<Values>({
      store: paced(store),
      onEvent: (event) => void events.push(event),
    })
    const returned: unknown[] = []
    const handled = session((req, res) => {
      if (req.url === '/') return handler(req, res)
      if (req.url === '/login') req.session.user = 'ada'
      return res.end(JSON.stringify(req.session))
    })
    const port = await serve(async (req, res) => void returned.push(await handled(req, res)))
    const errors = () => events.flatMap((event) => (event.type === 'error' ? [event.error] : []))
    return { port, errors, returned, visitor: new Visitor(port) }
  }

  const ways: Record<string, (work: Handler) => Handler> = {
    'by throwing': (work) => work,
    'by a promise that rejects': (work) => async (req, res) => {
      await work(req, res)
    },
    'later, by a promise that rejects': (work) => async (req, res) => {
      await later()
      await work(req, res)
    },
  }

  describe.each(Object.entries(ways))('%s', (_way, failing) => {
    test('is answered with a plain 500, and the event tells why; what it changed is saved', async () => {
      const { errors, visitor, returned } = await runs(
        failing((req, res) => {
          req.session.views = 1
          res.statusCode = 201
          res.statusMessage = 'Made'
          res.setHeader('content-type', 'application/json')
          res.setHeader('location', '/elsewhere')
          res.setHeader('set-cookie', 'own=1')
          fail()
        }),
      )
      const answer = await visitor.get('/')
      expect(answer).toMatchObject({
        status: 500,
        statusMessage: 'Internal Server Error',
        text: 'Internal Server Error\n',
        setCookies: ['own=1', expect.stringMatching(/^sid=/)],
      })
      expect(answer.headers).toMatchObject({
        'content-type': 'text/plain; charset=utf-8',
        'cache-control': 'private',
        vary: 'Cookie',
      })
      expect(answer.headers.location).toBeUndefined()
      expect(errors()).toEqual([failure])
      expect(await visitor.json('/session')).toEqual({ views: 1 })
      expect(returned[0]).toBeUndefined()
    })

    test('after a part of its answer: no client takes that for the whole, or waits for the rest', async () => {
      const { errors, port, visitor } = await runs(
        failing(async (_req, res) => {
          res.write('half an answer')
          await later(40)
          fail()
        }),
      )
      await expect(ask(port)).rejects.toThrow('aborted')
      expect(errors()).toEqual([failure])
      expect((await visitor.get('/session')).status).toBe(200)
    })

    test('after a part of an answer that the end of its connection ends: reset', async () => {
      const arrived = signal()
      const { port } = await runs(
        failing(async (_req, res) => {
          res.write('half an answer')
          await arrived.promise
          fail()
        }),
      )
      const got: string[] = []
      const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.0\r\n\r\n'))
      // A reset takes with it what the client has not read yet.
      socket.on('data', (chunk) => {
        got.push(String(chunk))
        if (got.join('').endsWith('half an answer')) arrived.resolve()
      })
      const error = await new Promise((resolve) => socket.on('error', resolve).on('end', resolve))
      expect(got.join('')).toMatch(/half an answer$/)
      expect(error).toMatchObject({ code: 'ECONNRESET' })
    })

    test('after its answer: that stays as it is', async () => {
      const { errors, port } = await runs(
        failing((req, res) => {
          req.session.views = 1
          res.end('whole')
          fail()
        }),
      )
      expect(await ask(port)).toMatchObject({ status: 200, text: 'whole' })
      expect(errors()).toEqual([failure])
    })

    test('with a stream of its own that goes on: 500 if it had not begun, and nothing of the stream in it', async () => {
      const { port, errors } = await runs(
        failing((req, res) => {
          req.session.views = 1
          large().pipe(res)
          fail()
        }),
      )
      for (const _ of [1, 2, 3]) {
        const outcome = await ask(port).then(
          ({ status, text }) => `${status} ${text}`,
          ({ message }) => message,
        )
        expect(['500 Internal Server Error\n', 'aborted']).toContain(outcome)
      }
      expect(errors()).toEqual([failure, failure, failure])
    })

    test('over a header that Node refuses: 500 as well', async () => {
      const { port } = await runs(
        failing((req, res) => {
          req.session.views = 1
          res.writeHead(200, { 'x-own': 'a\nb' })
        }),
      )
      expect(await ask(port)).toMatchObject({ status: 500, text: 'Internal Server Error\n' })
    })

    test('and whose session can not be saved: one 503, both are told', async () => {
      const { store, broken } = breakable()
      const { port, errors } = await runs(
        failing((req) => {
          req.session.views = 1
          broken.add('create')
          fail()
        }),
        store,
      )
      expect(await ask(port)).toMatchObject({ status: 503, text: 'Service Unavailable\n', setCookies: [] })
      expect(errors()).toMatchObject([failure, { code: 'UNTORN_STORE_UNAVAILABLE' }])
    })
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['a symbol', Symbol('oops')],
    ['an object without a prototype', Object.create(null)],
  ])('with something that is no error (%s): answered as well', async (_, thrown) => {
    const { port, errors } = await runs(() => {
      throw thrown
    })
    expect(await ask(port)).toMatchObject({ status: 500, text: 'Internal Server Error\n' })
    expect(errors()).toEqual([thrown])
  })

  test("with an error of untorn's that says a status: answered with that, and with that of no other error", async () => {
    const stale = await runs((req) => req.session.requireFresh('10m'))
    expect(await ask(stale.port)).toMatchObject({ status: 401, text: 'Unauthorized\n' })
    const teapot = await runs(() => {
      throw Object.assign(new Error('oops'), { status: 418 })
    })
    expect(await ask(teapot.port)).toMatchObject({ status: 500, text: 'Internal Server Error\n' })
  })

  test('what a handler returns is returned, or waited for', async () => {
    const { port, returned } = await runs(async (_req, res) => {
      res.end()
      return 'mine'
    })
    await ask(port)
    expect(returned).toEqual(['mine'])
  })

  test('over HTTP/2: a stream that has begun ends with an error, another one with 500', async () => {
    const session = sessions({ store: paced(memoryStore()) })
    const server = http2.createServer(
      session<http2.Http2ServerRequest, http2.Http2ServerResponse>(async (req, res) => {
        if (req.url === '/half') res.write('half an answer')
        await later(40)
        fail()
      }),
    )
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    onTestFinished(() => {
      client.destroy()
      server.close()
    })
    const half = client.request({ ':path': '/half' }).resume()
    const error = await new Promise((resolve) => half.on('error', resolve).on('end', resolve))
    expect(error).toMatchObject({ code: 'ERR_HTTP2_STREAM_ERROR' })
    const whole = client.request({ ':path': '/' })
    const head = await new Promise<http2.IncomingHttpHeaders>((got) => whole.on('response', got))
    expect(head[':status']).toBe(500)
    let body = ''
    for await (const chunk of whole) body += chunk
    expect(body).toBe('Internal Server Error\n')
  })
})

describe('next, where nobody stands above it', () => {
  const cases = Object.entries(pace).flatMap(([speed, paced]) =>
    ['rejects', 'throws'].map((how) => ({ speed, how, paced })),
  )
  test.each(cases)('$how, over $speed: answered with 500, and the event tells why', async (one) => {
    const events: SessionEvent[] = []
    const session = sessions<Values>({
      store: one.paced(memoryStore()),
      onEvent: (event) => void events.push(event),
    })
    const fails = one.how === 'throws' ? fail : async () => fail()
    const visitor = new Visitor(
      await serve((req, res) => {
        const request = req as typeof req & WithSession<Values>
        const login = () => {
          request.session.user = 'ada'
          res.end()
        }
        try {
          session(req, res, req.url === '/login' ? login : fails)
        } catch (error) {
          // Whoever calls is still there.
          res.writeHead(500).end((error as Error).message)
        }
      }),
    )
    await visitor.get('/login')
    events.length = 0
    const caught = one.how === 'throws' && one.speed === 'a store that answers at once'
    expect(await visitor.get('/')).toMatchObject({
      status: 500,
      text: caught ? 'oops' : 'Internal Server Error\n',
    })
    expect(events).toEqual(caught ? [] : [{ type: 'error', error: failure }])
  })

  test.each(Object.entries(pace))(
    'throws what it is told of a session that can not be saved, over %s: answered with 503',
    async (_speed, paced) => {
      const { store, broken } = breakable()
      const events: SessionEvent[] = []
      const session = sessions<Values>({
        store: paced(store),
        onEvent: (event) => void events.push(event),
      })
      const port = await serve((req, res) => {
        session(req, res, (error) => {
          if (error) throw error
          ;(req as typeof req & WithSession<Values>).session.views = 1
          res.setHeader('etag', '"1"')
          res.end('hello')
        })
      })
      broken.add('create')
      expect(await ask(port)).toMatchObject({ status: 503, text: 'Service Unavailable\n', setCookies: [] })
      expect(events).toMatchObject([{ type: 'error', error: { code: 'UNTORN_STORE_UNAVAILABLE' } }])
      broken.clear()
      expect(await ask(port)).toMatchObject({ status: 200, text: 'hello' })
    },
  )
})
