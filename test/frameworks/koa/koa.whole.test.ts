import { once } from 'node:events'
import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import Router from '@koa/router'
import type Koa from 'koa'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSessions, type SessionEvent } from '../../../src/index.ts'
import { type KoaSessionsOptions, sessionOf, sessions } from '../../../src/koa.ts'
import { memoryStore } from '../../../src/memory.ts'
import { gate } from '../../../src/testing/adapter/gate.ts'
import { documented } from '../../adapters/support/documented.ts'
import { leaveHttp2, serveHttp2 } from '../../adapters/support/http2.ts'
import { later, serve as listen } from '../../adapters/support/server.ts'
import { breakable, slowly } from '../../adapters/support/stores.ts'
import { fed } from '../../adapters/support/streams.ts'
import { Visitor } from '../../adapters/support/visitor.ts'
import { majors, serve } from './serve.ts'

type Cart = { user?: string; cart?: string[]; note?: string }

// What it declares is the `ctx.session` of its own applications, and not of these.
const { default: session } = createRequire(import.meta.url)('koa-session')

const of = (ctx: object) => sessionOf<Cart>(ctx)

function signIn(ctx: object): void {
  of(ctx).user = 'Ada'
}

describe.each(Object.entries(majors))('%s', (name, Koa) => {
  /** An application with sessions: `before` is mounted in front of them, and `handle` answers. */
  async function site(
    handle: (ctx: Koa.Context) => unknown,
    { before, ...options }: KoaSessionsOptions & { before?: (app: Koa) => void } = {},
  ) {
    const events: SessionEvent[] = []
    const errors: unknown[] = []
    const all = {
      store: memoryStore(),
      onEvent: (event: SessionEvent) => void events.push(event),
      ...options,
    }
    const { app, url, close } = await serve(Koa, (app) => {
      app.on('error', (error) => errors.push(error))
      before?.(app)
      app.use(sessions(all as KoaSessionsOptions))
      app.use(async (ctx, next) => {
        if (ctx.path !== '/session') return next()
        ctx.body = { ...of(ctx) }
      })
      app.use(async (ctx) => void (await handle(ctx)))
    })
    onTestFinished(close)
    const port = Number(new URL(url).port)
    return { app, events, errors, port, visitor: () => new Visitor(port) }
  }

  describe('whatever way an answer is made', () => {
    const ways: Record<string, (ctx: Koa.Context) => unknown> = {
      'a text': (ctx) => {
        ctx.body = 'hello'
      },
      'a value': (ctx) => {
        ctx.body = { hello: 'world' }
      },
      'a stream': (ctx) => {
        ctx.body = Readable.from(['a', 'b'])
      },
      'ctx.redirect': (ctx) => ctx.redirect('/session'),
      'no body': (ctx) => {
        ctx.status = 204
      },
      'no answer, a 404': () => {},
      'ctx.throw': (ctx) => ctx.throw(403, 'no'),
      'an error': () => {
        throw new Error('not today')
      },
      'an error with headers': () => {
        throw Object.assign(new Error('slow down'), { status: 429, headers: { 'retry-after': '3' } })
      },
      'a text that is thrown': () => {
        throw 'not today'
      },
      'a value that can not be sent': (ctx) => {
        const body: { self?: unknown } = {}
        body.self = body
        ctx.body = body
      },
    }

    test.each(Object.entries(ways))('%s has the cookie, and is saved', async (_way, answer) => {
      const { visitor, events } = await site((ctx) => {
        signIn(ctx)
        return answer(ctx)
      })
      const someone = visitor()
      await someone.get('/')
      expect(await someone.json('/session')).toEqual({ user: 'Ada' })
      expect(events.map(({ type }) => type)).toEqual(['created'])
    })

    test('a route of @koa/router', async () => {
      const router = new Router().get('/items/:name', (ctx) => {
        of(ctx).cart = [ctx.params.name!]
        ctx.body = 'added'
      })
      const { visitor } = await site((ctx) => router.routes()(ctx as never, async () => {}))
      const someone = visitor()
      expect(await someone.get('/items/tea')).toMatchObject({ text: 'added' })
      expect(await someone.json('/session')).toEqual({ cart: ['tea'] })
    })
  })

  test('what a middleware in front of it sets after the commit has not the last word', async () => {
    const { visitor } = await site(signIn, {
      before: (app) =>
        app.use(async (ctx, next) => {
          await next()
          ctx.set('Cache-Control', 'public, max-age=60')
          ctx.set('Vary', 'Accept')
        }),
    })
    const someone = visitor()
    const { headers, setCookies } = await someone.get('/')
    expect([headers['cache-control'], headers.vary]).toEqual(['private, max-age=60', 'Accept, Cookie'])
    expect(setCookies).toHaveLength(1)
    // An answer without a cookie is the application's, but for what it depends on.
    const known = await someone.get('/session')
    expect([known.headers['cache-control'], known.headers.vary]).toEqual([
      'public, max-age=60',
      'Accept, Cookie',
    ])
  })

  describe('an error', () => {
    test('that is made once and thrown often leads no visitor to the session of another one', async () => {
      const forbidden = Object.assign(new Error('no'), { status: 403, headers: { 'x-reason': 'closed' } })
      const { visitor, errors } = await site((ctx) => {
        if (ctx.path === '/in') signIn(ctx)
        throw forbidden
      })
      const first = await visitor().get('/in')
      expect([first.status, first.headers['x-reason'], first.setCookies.length]).toEqual([403, 'closed', 1])
      const second = await visitor().get('/')
      expect([second.status, second.setCookies]).toEqual([403, []])
      expect(forbidden.headers).toEqual({ 'x-reason': 'closed' })
      expect(errors).toEqual([forbidden, forbidden])
    })

    test('of a middleware in front of it, after the commit, keeps the cookie', async () => {
      const { visitor } = await site(signIn, {
        before: (app) =>
          app.use(async (ctx, next) => {
            await next()
            if (ctx.path === '/') throw new Error('in front')
          }),
      })
      const someone = visitor()
      expect(await someone.get('/')).toMatchObject({ status: 500 })
      expect(await someone.json('/session')).toEqual({ user: 'Ada' })
    })

    test.each(['caught in front of it', 'answered by Koa'])(
      'of the commit is %s, and the answer is clean but for the due cookie',
      async (where) => {
        const { store, broken } = breakable()
        const { visitor, errors } = await site(
          async (ctx) => {
            signIn(ctx)
            await of(ctx).save()
            broken.add('save')
            of(ctx).cart = ['tea']
            ctx.set('Cache-Control', 'public')
            ctx.redirect('/elsewhere')
          },
          {
            store,
            before(app) {
              if (where === 'answered by Koa') return
              app.use(async (ctx, next) => {
                await next().catch((error) => {
                  ctx.body = `failed: ${error.code}`
                })
              })
            },
          },
        )
        const someone = visitor()
        const { status, text, headers } = await someone.get('/')
        const isCaught = where === 'caught in front of it'
        expect([status, text]).toEqual([
          503,
          isCaught ? 'failed: UNTORN_STORE_UNAVAILABLE' : 'Service Unavailable',
        ])
        expect(errors.length).toBe(isCaught ? 0 : 1)
        expect(headers.location).toBeUndefined()
        expect(headers['cache-control']).toBe('private')
        broken.clear()
        expect(await someone.json('/session')).toEqual({ user: 'Ada' })
      },
    )

    test('of the commit leaves nothing of the body to a middleware that says no more than its status', async () => {
      const { store, broken } = breakable()
      const { visitor } = await site(
        (ctx) => {
          signIn(ctx)
          broken.add('create')
          ctx.body = 'signed in'
        },
        {
          store,
          before: (app) =>
            app.use(async (ctx, next) => {
              await next().catch((error) => {
                ctx.status = error.status
              })
            }),
        },
      )
      expect(await visitor().get('/')).toMatchObject({ status: 503, text: '' })
    })

    const kinds = ['readable', 'web', 'response'] as const
    // Koa 2 sends streams of Node.js alone.
    test.each(name === 'Koa 2' ? ['readable' as const] : kinds)(
      'of the commit lets go of the body: %s',
      async (kind) => {
        const { store, broken } = breakable()
        const body = fed()
        const { visitor } = await site(
          (ctx) => {
            signIn(ctx)
            broken.add('create')
            ctx.body = kind === 'response' ? body.response() : body[kind]
          },
          { store },
        )
        expect(await visitor().get('/')).toMatchObject({ status: 503 })
        await expect.poll(() => body.isLetGo).toBe(true)
      },
    )

    test('of the handler is thrown on, also if the commit fails too, which is told', async () => {
      const { store, broken } = breakable()
      const failure = new Error('not today')
      const { visitor, errors, events } = await site(
        (ctx) => {
          signIn(ctx)
          broken.add('create')
          throw failure
        },
        { store },
      )
      expect(await visitor().get('/')).toMatchObject({ status: 500, setCookies: [] })
      expect(errors).toEqual([failure])
      expect(events).toMatchObject([{ type: 'error', error: { code: 'UNTORN_STORE_UNAVAILABLE' } }])
    })

    test('of a store that can not load has the status of that', async () => {
      const { store, broken } = breakable()
      const { visitor } = await site(signIn, { store: slowly(store) })
      const someone = visitor()
      await someone.get('/')
      broken.add('load')
      expect(await someone.get('/session')).toMatchObject({ status: 503 })
      broken.clear()
      expect(await someone.json('/session')).toEqual({ user: 'Ada' })
    })
  })

  test('by HTTP/2, too, a client that has left gets no new session', async () => {
    const [asked, answered] = [gate(), gate()]
    const { app, events } = await site(async (ctx) => {
      asked.open()
      await once(ctx.res, 'close')
      signIn(ctx)
      void later(20).then(answered.open)
    })
    await leaveHttp2(await serveHttp2(app.callback()), asked.opened)
    await answered.opened
    expect(events).toEqual([])
  })

  describe('an answer that Koa does not send', () => {
    const byItself = (ctx: Koa.Context, text = 'raw') => {
      ctx.respond = false
      ctx.res.statusCode = 200
      ctx.res.end(text)
    }

    test.each<[string, (ctx: Koa.Context) => void]>([
      ['ctx.respond', (ctx) => byItself(ctx)],
      ['ctx.flushHeaders()', (ctx) => ctx.flushHeaders()],
    ])('says that it depends on the session, by %s', async (_way, answer) => {
      const { visitor } = await site((ctx) => {
        if (ctx.path === '/in') return signIn(ctx)
        if (ctx.path === '/') ctx.set('x-user', of(ctx).user!)
        answer(ctx)
      })
      const someone = visitor()
      await someone.get('/in')
      expect((await someone.get('/')).headers).toMatchObject({ 'x-user': 'Ada', vary: 'Cookie' })
      expect((await someone.get('/all')).headers.vary).toBeUndefined()
    })

    test('stores no new session where its head has left, and somebody is told', async () => {
      const { visitor, events } = await site((ctx) => {
        signIn(ctx)
        byItself(ctx)
      })
      expect((await visitor().get('/')).setCookies).toEqual([])
      await later()
      expect(events.map(({ type }) => type)).toEqual(['late-change'])
    })

    test('stores none, and tells, where the rest of it is still to come', async () => {
      const { visitor, events } = await site((ctx) => {
        signIn(ctx)
        ctx.respond = false
        ctx.res.statusCode = 200
        ctx.res.write('one')
        setTimeout(() => ctx.res.end('two'), 20)
      })
      expect(await visitor().get('/')).toMatchObject({ text: 'onetwo', setCookies: [] })
      await later()
      expect(events.map(({ type }) => type)).toEqual(['late-change'])
    })

    test('has its cookie where its head leaves after the handler', async () => {
      const { visitor } = await site((ctx) => {
        signIn(ctx)
        ctx.respond = false
        setTimeout(() => byItself(ctx), 10)
      })
      const someone = visitor()
      expect(await someone.get('/')).toMatchObject({ text: 'raw' })
      expect(await someone.json('/session')).toEqual({ user: 'Ada' })
    })

    test('saves what a session that is stored has changed', async () => {
      const { visitor, events } = await site((ctx) => {
        if (ctx.path === '/in') return signIn(ctx)
        byItself(ctx)
        of(ctx).cart = ['tea']
      })
      const someone = visitor()
      await someone.get('/in')
      await someone.get('/')
      await later()
      expect(await someone.json('/session')).toEqual({ user: 'Ada', cart: ['tea'] })
      expect(events.map(({ type }) => type)).toEqual(['created'])
    })

    test('refuses a new session by save()', async () => {
      let refused: unknown
      const { visitor } = await site(async (ctx) => {
        byItself(ctx)
        signIn(ctx)
        refused = await of(ctx)
          .save()
          .catch((error: unknown) => error)
      })
      await visitor().get('/')
      await later()
      expect(refused).toMatchObject({ code: 'UNTORN_MISUSE' })
    })
  })

  test('what a middleware in front of it changes once it is through is late, and told with its line', async () => {
    const { visitor, events } = await site(signIn, {
      before: (app) =>
        app.use(async (ctx, next) => {
          await next()
          of(ctx).note = 'too late'
        }),
    })
    await visitor().get('/')
    await later()
    expect(events[1]).toMatchObject({ type: 'late-change', at: expect.stringContaining('koa.whole.test.ts') })
  })

  test('app.proxy says whether a request came over https', async () => {
    const headers = { 'x-forwarded-proto': 'https' }
    const trusting = await site(signIn, {
      before(app) {
        app.proxy = true
      },
    })
    const { setCookies } = await trusting.visitor().get('/', { headers })
    expect(setCookies).toEqual([expect.stringMatching(/^__Host-sid=.*Secure/)])
    const others = await site(signIn)
    expect((await others.visitor().get('/', { headers })).setCookies).toEqual([
      expect.stringMatching(/^sid=/),
    ])
  })

  describe('beside another one', () => {
    const secret = ['a secret']
    const theirs = (app: Koa) => {
      app.keys = secret
      app.use(session(app))
    }

    test('koa-session is refused, and stays under another name', async () => {
      const refused = await site(signIn, { before: theirs })
      expect(await refused.visitor().get('/')).toMatchObject({ status: 500 })
      expect(refused.errors).toMatchObject([
        { message: expect.stringContaining('`ctx.session` is there already') },
      ])
      const both = await serve(Koa, (app) => {
        theirs(app)
        app.use(sessions({ store: memoryStore(), as: 'cart', cookie: { name: 'cart' } }))
        app.use((ctx) => {
          ;(ctx as unknown as { session: Cart }).session.user = 'Ada'
          sessionOf<Cart>(ctx, 'cart').cart = ['tea']
          ctx.body = 'ok'
        })
      })
      onTestFinished(both.close)
      const { setCookies } = await new Visitor(Number(new URL(both.url).port)).get('/')
      expect(setCookies.map((line) => line.split('=')[0]).sort()).toEqual([
        'cart',
        'koa.sess',
        'koa.sess.sig',
      ])
    })

    test('the same sessions twice are one; others under the same cookie are refused', async () => {
      const shared = createSessions({ store: memoryStore() })
      const once = await serve(Koa, (app) => {
        app.use(sessions({ sessions: shared }))
        app.use(sessions({ sessions: shared }))
        app.use(signIn)
      })
      onTestFinished(once.close)
      expect((await new Visitor(Number(new URL(once.url).port)).get('/')).setCookies).toHaveLength(1)
      const twice = await site(signIn, {
        before: (app) => app.use(sessions({ store: memoryStore(), as: 'admin' })),
      })
      expect(await twice.visitor().get('/')).toMatchObject({ status: 500 })
      expect(twice.errors).toMatchObject([{ message: expect.stringContaining('mounted twice') }])
    })
  })

  test('ctx.session is assigned: a mistake that says what to do', async () => {
    const { visitor, errors } = await site((ctx) => void Object.assign(ctx, { session: null }))
    await visitor().get('/')
    expect(errors).toMatchObject([{ message: expect.stringContaining('await ctx.session.destroy()') }])
  })

  test('it is reached after the head has left: a mistake', async () => {
    const { visitor, errors } = await site(signIn, {
      before: (app) =>
        app.use(async (ctx, next) => {
          ctx.res.end('early')
          await next()
        }),
    })
    await visitor().get('/')
    await later()
    expect(errors).toMatchObject([{ code: 'UNTORN_MISUSE' }])
  })

  test('a context that it has not seen has no session', async () => {
    const { visitor, errors } = await site(() => {}, {
      before: (app) =>
        app.use(async (ctx) => {
          signIn(ctx)
        }),
    })
    await visitor().get('/')
    expect(errors).toMatchObject([{ message: expect.stringContaining('This request has no `ctx.session`') }])
  })
})

test('sessions that is not called, but mounted, and options of the application, are refused', () => {
  const ctx = { onerror() {} }
  expect(() => sessions(ctx as never)).toThrow(/`app\.use\(sessions\(\)\)`/)
  expect(() => sessions({ trustProxy: true } as object)).toThrow(/trustProxy/)
})

test('the program that the docs show counts', async () => {
  const app = await documented<Koa>('Koa', import.meta.url)
  const visitor = new Visitor(await listen(app.callback()))
  await visitor.get('/')
  expect(await visitor.get('/')).toMatchObject({ text: '2 views' })
})
