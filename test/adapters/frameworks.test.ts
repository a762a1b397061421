import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { sessions as fastifySessions, sessionOf as ofRequest } from '../../src/fastify.ts'
import type { SessionEvent } from '../../src/index.ts'
import { sessions as koaSessions, sessionOf as ofContext } from '../../src/koa.ts'
import { memoryStore } from '../../src/memory.ts'
import { signal } from './support/application.ts'
import { leaveHttp2, serveHttp2 } from './support/http2.ts'
import { later, serve } from './support/server.ts'
import { breakable } from './support/stores.ts'
import { Visitor } from './support/visitor.ts'

// As much of Koa and of Fastify as their adapters ask for; test/frameworks has the real ones, in the whole run.

interface Cart {
  user?: string
  cart?: string[]
}

interface Exchange {
  session: Cart & { save(): Promise<boolean> }
  req: IncomingMessage
  res: ServerResponse
  /** The handler answers by itself. */
  past(): void
  /** What code of others does once the session is committed. */
  behind?: () => void
}

/** Whose session is opened when a handler asks for it. */
function exchanged(exchange: Omit<Exchange, 'session'>, open: () => object): Exchange {
  return Object.defineProperty(exchange, 'session', { get: open }) as Exchange
}

type Handler = (exchange: Exchange) => unknown
type Options = { store: ReturnType<typeof memoryStore>; onEvent(event: SessionEvent): void }

const hosts: Record<
  string,
  (options: Options, handler: Handler) => (req: IncomingMessage, res: ServerResponse) => unknown
> = {
  Koa(options, handler) {
    const session = koaSessions(options)
    return async (req, res) => {
      const ctx = {
        app: { proxy: false },
        req,
        res,
        method: req.method,
        secure: false,
        status: 200,
        body: '' as unknown,
        onerror(error: Error & { status?: number; headers?: object }) {
          if (error == null) return
          for (const name of res.getHeaderNames()) res.removeHeader(name)
          for (const [name, value] of Object.entries(error.headers ?? {})) res.setHeader(name, value)
          res.statusCode = error.status ?? 500
          if (!res.headersSent) res.end('failed')
        },
      }
      try {
        const exchange = exchanged({ req, res, past() {} }, () => ofContext(ctx))
        await session(ctx, async () => {
          ctx.body = await handler(exchange)
        })
        exchange.behind?.()
        if (!res.headersSent) res.end(ctx.body)
      } catch (error) {
        ctx.onerror(error as Error)
      }
    }
  },

  Fastify(options, handler) {
    type Hook = (request: object, reply: object, ...rest: unknown[]) => unknown
    const hooks: Record<string, Hook> = {}
    const decorated = new Set<unknown>()
    const app = {
      hasRequestDecorator: (name: unknown) => decorated.has(name),
      decorateRequest: (name: unknown) => decorated.add(name),
      addHook(name: string, hook: Hook) {
        hooks[name] = hook
      },
    }
    void fastifySessions(options)(app, {})
    const run = (name: string, ...args: [object, object, ...unknown[]]) =>
      new Promise<void>((resolve, reject) => {
        const result = hooks[name]!(...args, resolve)
        if (result instanceof Promise) result.then(() => resolve(), reject)
      })
    return async (req, res) => {
      const request = { raw: req, method: req.method, protocol: 'http' }
      const reply = {
        raw: res,
        sent: false,
        code: (status: number) => {
          res.statusCode = status
        },
        getHeader: (name: string) => res.getHeader(name),
        header: (name: string, value: string[]) => res.setHeader(name, value),
        removeHeader: (name: string) => res.removeHeader(name),
      }
      const past = () => {
        reply.sent = true
      }
      const answer = async (text: unknown) => {
        if (reply.sent || res.headersSent) return
        await run('onSend', request, reply, text)
        exchange.behind?.()
        res.end(text)
      }
      const failed = async (error: { status?: number }) => {
        res.statusCode = error.status ?? 500
        await run('onError', request, reply, error)
        await answer('failed')
      }
      await run('onRequest', request, reply)
      const exchange = exchanged({ req, res, past }, () => ofRequest(request))
      try {
        await answer(await handler(exchange))
      } catch (error) {
        await failed(error as object)
      }
    }
  },
}

describe.each(Object.entries(hosts))('%s', (_name, host) => {
  async function site(handler: Handler, { store = memoryStore() as Options['store'] } = {}) {
    const events: SessionEvent[] = []
    const options = { store, onEvent: (event: SessionEvent) => void events.push(event) }
    const port = await serve(
      host(options, (exchange) => {
        if (exchange.req.url !== '/session') return handler(exchange)
        return JSON.stringify(exchange.session)
      }),
    )
    return { events, visitor: () => new Visitor(port) }
  }

  test.each(['answers', 'throws'])('a handler that %s has its cookie, and is saved', async (how) => {
    const { visitor, events } = await site(({ session }) => {
      session.user = 'Ada'
      if (how === 'throws') throw Object.assign(new Error('no'), { status: 403 })
      return 'in'
    })
    const someone = visitor()
    expect(await someone.get('/')).toMatchObject({ status: how === 'throws' ? 403 : 200 })
    expect(await someone.json('/session')).toEqual({ user: 'Ada' })
    expect(events.map(({ type }) => type)).toEqual(['created'])
  })

  test('an error that is thrown to two visitors leads neither to the session of the other one', async () => {
    const forbidden = Object.assign(new Error('no'), { status: 403, headers: { 'x-reason': 'closed' } })
    const { visitor } = await site(({ session, req }) => {
      if (req.url === '/in') session.user = 'Ada'
      throw forbidden
    })
    expect((await visitor().get('/in')).setCookies).toHaveLength(1)
    expect((await visitor().get('/')).setCookies).toEqual([])
    expect(forbidden.headers).toEqual({ 'x-reason': 'closed' })
  })

  test('a commit that fails is an error, whose answer has the cookie of what was saved before', async () => {
    const { store, broken } = breakable()
    const { visitor } = await site(
      async ({ session, res }) => {
        session.user = 'Ada'
        await session.save()
        broken.add('save')
        session.cart = ['tea']
        res.setHeader('Location', '/elsewhere')
        return 'in'
      },
      { store: store as Options['store'] },
    )
    const someone = visitor()
    const { status, headers } = await someone.get('/')
    expect([status, headers.location]).toEqual([503, undefined])
    broken.clear()
    expect(await someone.json('/session')).toEqual({ user: 'Ada' })
  })

  test('what code behind the commit sets has not the last word over an answer with a cookie', async () => {
    const { visitor } = await site((exchange) => {
      exchange.session.user = 'Ada'
      exchange.behind = () => {
        exchange.res.setHeader('Cache-Control', 'public, max-age=60')
        exchange.res.setHeader('Vary', 'Accept')
        exchange.res.removeHeader('Set-Cookie')
      }
      return 'in'
    })
    const { headers, setCookies } = await visitor().get('/')
    expect([headers['cache-control'], headers.vary]).toEqual(['private, max-age=60', 'Accept, Cookie'])
    expect(setCookies).toHaveLength(1)
  })

  test('nor what is handed to `writeHead` by one who calls it with all that it takes', async () => {
    const { visitor } = await site((exchange) => {
      exchange.session.user = 'Ada'
      exchange.behind = () => {
        const { res } = exchange
        const { writeHead } = res as { writeHead(...args: unknown[]): typeof res }
        // As who wraps it hands on three, whatever they were given.
        res.writeHead = ((status: number) =>
          Reflect.apply(writeHead, res, [status, { 'Cache-Control': 'public' }, undefined])) as never
      }
      return 'in'
    })
    const { headers } = await visitor().get('/')
    expect(headers['cache-control']).toBe('private')
  })

  test('a client that leaves a page which never answers: its session has what was changed', async () => {
    const asked = signal()
    const { visitor } = await site(({ session, req }) => {
      session.user ??= 'Ada'
      if (req.url !== '/never') return 'in'
      session.cart = ['tea']
      asked.resolve()
      return new Promise(() => {})
    })
    const someone = visitor()
    await someone.get('/')
    await someone.leave('/never', asked.promise)
    await expect.poll(() => someone.json('/session')).toEqual({ user: 'Ada', cart: ['tea'] })
  })

  test.each(['before', 'once'])('no session is stored that begins %s its client has gone', async (when) => {
    const asked = signal()
    const answered = signal()
    const { visitor, events } = await site(async (exchange) => {
      const gone = new Promise((resolve) => exchange.res.on('close', resolve))
      if (when === 'before') exchange.session.user = 'Ada'
      asked.resolve()
      await gone
      exchange.session.user = 'Ada'
      void later(20).then(answered.resolve)
      return 'too late'
    })
    await visitor().leave('/', asked.promise)
    await answered.promise
    expect(events).toEqual([])
  })

  test('nor by HTTP/2', async () => {
    const [asked, answered] = [signal(), signal()]
    const events: SessionEvent[] = []
    const options = { store: memoryStore(), onEvent: (event: SessionEvent) => void events.push(event) }
    const port = await serveHttp2(
      host(options, async (exchange) => {
        asked.resolve()
        await once(exchange.res, 'close')
        exchange.session.user = 'Ada'
        void later(20).then(answered.resolve)
        return 'too late'
      }),
    )
    await leaveHttp2(port, asked.promise)
    await answered.promise
    expect(events).toEqual([])
  })

  test('an answer past the framework depends on the session that was looked at, and says so', async () => {
    const { visitor } = await site(({ session, req, res, past }) => {
      if (req.url === '/in') {
        session.user = 'Ada'
        return 'in'
      }
      past()
      if (req.url === '/mine') res.end(session.user)
      else res.writeHead(200, { Vary: 'Accept' }).end('for all')
      return undefined
    })
    const someone = visitor()
    await someone.get('/in')
    const mine = await someone.get('/mine')
    expect([mine.text, mine.headers.vary]).toEqual(['Ada', 'Cookie'])
    expect((await someone.get('/all')).headers.vary).toBe('Accept')
  })

  test('an answer past the framework stores no new session, which is told, and saves what is stored', async () => {
    let refused: unknown
    const { visitor, events } = await site(async ({ session, req, res, past }) => {
      if (req.url === '/in') {
        session.user = 'Ada'
        return 'in'
      }
      past()
      res.end('raw')
      session.cart = ['tea']
      if (req.url === '/new') refused = await session.save().catch((error: unknown) => error)
      return undefined
    })
    expect((await visitor().get('/new')).setCookies).toEqual([])
    await later()
    expect(refused).toMatchObject({ code: 'UNTORN_MISUSE' })
    // That it was refused may be told as well.
    const told = () => events.map(({ type }) => type).filter((type) => type !== 'error')
    expect(told()).toEqual(['late-change'])
    const someone = visitor()
    await someone.get('/in')
    await someone.get('/')
    await later()
    expect(await someone.json('/session')).toEqual({ user: 'Ada', cart: ['tea'] })
    expect(told()).toEqual(['late-change', 'created'])
  })
})
