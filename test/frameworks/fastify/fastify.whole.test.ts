import { once } from 'node:events'
import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import compress from '@fastify/compress'
import cookie from '@fastify/cookie'
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type FastifySessionsOptions, sessionOf, sessions } from '../../../src/fastify.ts'
import { createSessions, type SessionEvent, StoreUnavailableError } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { gate } from '../../../src/testing/adapter/gate.ts'
import { documented } from '../../adapters/support/documented.ts'
import { leaveHttp2 } from '../../adapters/support/http2.ts'
import { later } from '../../adapters/support/server.ts'
import { breakable, slowly } from '../../adapters/support/stores.ts'
import { fed } from '../../adapters/support/streams.ts'
import { Visitor } from '../../adapters/support/visitor.ts'
import { serve } from './serve.ts'

type Cart = { user?: string; cart?: string[]; note?: string }

/** An application with sessions, whose handlers are added by `build`. */
async function site(
  build: (app: FastifyInstance) => unknown,
  { fastify: server, ...options }: FastifySessionsOptions & { fastify?: FastifyServerOptions } = {},
) {
  const events: SessionEvent[] = []
  const session = sessions({
    store: memoryStore(),
    onEvent: (event: SessionEvent) => void events.push(event),
    ...options,
  } as object)
  const { app, url, close } = await serve(async (app) => {
    app.register(session)
    app.get('/session', async (request) => ({ ...sessionOf(request) }))
    await build(app)
  }, server)
  onTestFinished(close)
  const port = Number(new URL(url).port)
  return { app, session, events, port, visitor: () => new Visitor(port) }
}

// What it declares is the `request.session` of its own applications, and not of these.
const theirs = createRequire(import.meta.url)('@fastify/session')

const of = (request: object) => sessionOf<Cart>(request)

function signIn(request: object): void {
  of(request).user = 'Ada'
}

describe('whatever way a reply is made', () => {
  const ways: Record<string, (app: FastifyInstance) => void> = {
    'a value that is returned': (app) =>
      app.get('/', async (request) => {
        of(request).user = 'Ada'
        return { hello: 'world' }
      }),
    'reply.send': (app) =>
      app.get('/', (request, reply) => {
        of(request).user = 'Ada'
        reply.send('hello')
      }),
    'reply.redirect': (app) =>
      app.get('/', (request, reply) => {
        of(request).user = 'Ada'
        return reply.redirect('/session')
      }),
    'a stream': (app) =>
      app.get('/', (request, reply) => {
        of(request).user = 'Ada'
        return reply.send(Readable.from(['a', 'b']))
      }),
    'a Response': (app) =>
      app.get('/', async (request) => {
        of(request).user = 'Ada'
        return new Response('hello', { headers: { 'set-cookie': 'theme=dark' } })
      }),
    'an error': (app) =>
      app.get('/', async (request) => {
        of(request).user = 'Ada'
        throw new Error('not today')
      }),
    'an error handler': (app) => {
      app.setErrorHandler(async (_error, request, reply) => {
        await later()
        of(request).user = 'Ada'
        return reply.code(500).send('failed')
      })
      app.get('/', async () => {
        throw new Error('not today')
      })
    },
    'a failed validation': (app) => {
      const schema = { querystring: { type: 'object', required: ['page'] } }
      app.addHook('preValidation', async (request) => signIn(request))
      app.get('/', { schema }, async () => 'never')
    },
    'no route': (app) =>
      app.setNotFoundHandler((request, reply) => {
        of(request).user = 'Ada'
        reply.code(404).send('nothing here')
      }),
    'the route of HEAD': (app) =>
      app.head('/', (request, reply) => {
        of(request).user = 'Ada'
        reply.send()
      }),
    'an earlier hook': (app) =>
      app.addHook('onRequest', async (request, reply) => {
        if (request.url !== '/') return
        of(request).user = 'Ada'
        return reply.code(401).send('no')
      }),
  }

  test.each(Object.entries(ways))('%s has the cookie, and is saved', async (way, build) => {
    const { visitor, events } = await site(build)
    const someone = visitor()
    await someone.get('/', way.includes('HEAD') ? { method: 'HEAD' } : {})
    expect(await someone.json('/session')).toEqual({ user: 'Ada' })
    expect(events.map(({ type }) => type)).toEqual(['created'])
  })
})

test('what Vary and Cache-Control a Response brings is added to', async () => {
  const { visitor } = await site((app) =>
    app.get('/', async (request, reply) => {
      of(request).user = 'Ada'
      reply.header('x-frame-options', 'DENY')
      const headers = { vary: 'Accept', 'cache-control': 'public, max-age=60' }
      return new Response('hello', { status: 201, headers })
    }),
  )
  const { status, headers, text } = await visitor().get('/')
  expect([status, text]).toEqual([201, 'hello'])
  expect(headers).toMatchObject({
    vary: 'Accept, Cookie',
    'cache-control': 'private, max-age=60',
    'x-frame-options': 'DENY',
  })
})

test('what a later onSend hook sets has not the last word', async () => {
  const { visitor } = await site((app) => {
    app.addHook('onSend', async (_request, reply) => {
      reply.headers({ 'cache-control': 'public, max-age=60', vary: 'Accept' })
    })
    app.get('/', async (request) => {
      signIn(request)
      return 'in'
    })
    app.get('/stream', (_request, reply) => reply.send(Readable.from(['a', 'b'])))
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
  expect((await someone.get('/stream')).headers.vary).toBe('Accept')
})

describe('an error', () => {
  test('of the commit is for the error handler, and the reply is clean but for the due cookie', async () => {
    const { store, broken } = breakable()
    let let_go = false
    const body = new Readable({
      read() {},
      destroy(error, done) {
        let_go = true
        done(error)
      },
    })
    const { visitor } = await site(
      (app) => {
        app.setErrorHandler<Error & { code: string }>((error, _request, reply) => {
          reply.send(`failed: ${error.code}`)
        })
        app.get('/', async (request, reply) => {
          of(request).user = 'Ada'
          await of(request).save()
          broken.add('save')
          of(request).cart = ['tea']
          reply.header('location', '/elsewhere').header('cache-control', 'public')
          return reply.send(body)
        })
      },
      { store },
    )
    const someone = visitor()
    const { status, text, headers } = await someone.get('/')
    expect([status, text]).toEqual([503, 'failed: UNTORN_STORE_UNAVAILABLE'])
    expect(headers.location).toBeUndefined()
    expect(headers['cache-control']).toBe('private')
    expect(let_go).toBe(true)
    broken.clear()
    expect(await someone.json('/session')).toEqual({ user: 'Ada' })
  })

  test.each(['readable', 'web', 'response'] as const)(
    'of the commit lets go of the body: %s',
    async (kind) => {
      const { store, broken } = breakable()
      const body = fed()
      const { visitor } = await site(
        (app) => {
          app.get('/', async (request) => {
            signIn(request)
            broken.add('create')
            return kind === 'response' ? body.response() : body[kind]
          })
        },
        { store },
      )
      expect(await visitor().get('/')).toMatchObject({ status: 503 })
      expect(body.isLetGo).toBe(true)
    },
  )

  test('of a store that can not load has the status of that, and the handler is not called', async () => {
    const { store, broken } = breakable()
    const { visitor } = await site(
      (app) => {
        app.get('/', async (request) => {
          of(request).user = 'Ada'
          return 'in'
        })
      },
      { store: slowly(store) },
    )
    const someone = visitor()
    await someone.get('/')
    broken.add('load')
    expect(await someone.get('/session')).toMatchObject({ status: 503 })
    broken.clear()
    expect(await someone.json('/session')).toEqual({ user: 'Ada' })
  })

  test('that comes after the commit keeps the cookie', async () => {
    const { visitor } = await site((app) => {
      app.addHook('onSend', async (request) => {
        if (request.url === '/') throw new Error('a hook that fails')
      })
      app.get('/', async (request) => {
        of(request).user = 'Ada'
        return 'never'
      })
    })
    const someone = visitor()
    expect(await someone.get('/')).toMatchObject({ status: 500 })
    expect(await someone.json('/session')).toEqual({ user: 'Ada' })
  })
})

test('what an error handler changes after the commit, as another hook has failed, is saved', async () => {
  let failed = false
  const { visitor, events } = await site((app) => {
    app.addHook('onSend', async (request) => {
      if (request.url !== '/' || failed) return
      failed = true
      throw new Error('a hook that fails once')
    })
    app.setErrorHandler(async (_error, request, reply) => {
      of(request).note = 'failed'
      await later()
      return reply.code(500).send('failed')
    })
    app.get('/', async (request) => signIn(request))
  })
  const someone = visitor()
  await someone.get('/')
  expect(await someone.json('/session')).toEqual({ user: 'Ada', note: 'failed' })
  expect(events.map(({ type }) => type)).toEqual(['created'])
})

test('by HTTP/2, too, a client that has left gets no new session', async () => {
  const [asked, answered] = [gate(), gate()]
  const events: SessionEvent[] = []
  const app = fastify({ http2: true })
  app.register(sessions({ store: memoryStore(), onEvent: (event: SessionEvent) => void events.push(event) }))
  app.get('/', async (request, reply) => {
    asked.open()
    await once(reply.raw, 'close')
    of(request).user = 'Ada'
    void later(20).then(answered.open)
    return 'too late'
  })
  onTestFinished(() => app.close())
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  await leaveHttp2(Number(new URL(address).port), asked.opened)
  await answered.opened
  expect(events).toEqual([])
})

describe('a reply that Fastify does not send', () => {
  const HIJACKS: Record<string, (reply: import('fastify').FastifyReply) => void> = {
    'reply.hijack()': (reply) => void reply.hijack().raw.end('raw'),
    'reply.raw': (reply) => void reply.raw.end('raw'),
  }

  test.each(Object.entries(HIJACKS))(
    'by %s stores no new session, and somebody is told',
    async (_, answer) => {
      const { visitor, events } = await site((app) =>
        app.get('/', (request, reply) => {
          of(request).user = 'Ada'
          answer(reply)
        }),
      )
      const { setCookies } = await visitor().get('/')
      await later()
      expect(setCookies).toEqual([])
      expect(events.map(({ type }) => type)).toEqual(['late-change'])
    },
  )

  test.each(Object.entries(HIJACKS))('by %s says that it depends on the session', async (_, answer) => {
    const { visitor } = await site((app) => {
      app.get('/in', async (request) => signIn(request))
      app.get('/', (request, reply) => {
        reply.raw.setHeader('x-user', String(of(request).user))
        answer(reply)
      })
      app.get('/all', (_request, reply) => answer(reply))
    })
    const someone = visitor()
    await someone.get('/in')
    expect((await someone.get('/')).headers).toMatchObject({ 'x-user': 'Ada', vary: 'Cookie' })
    expect((await someone.get('/all')).headers.vary).toBeUndefined()
  })

  test('saves what a session that is stored has changed, also long after its head', async () => {
    const { visitor, events } = await site((app) => {
      app.get('/in', async (request) => signIn(request))
      app.get('/', async (request, reply) => {
        reply.hijack()
        reply.raw.write('one')
        await later()
        of(request).cart = ['tea']
        await of(request).save()
        of(request).note = 'last'
        reply.raw.end('two')
      })
    })
    const someone = visitor()
    await someone.get('/in')
    await someone.get('/')
    await later()
    expect(await someone.json('/session')).toEqual({ user: 'Ada', cart: ['tea'], note: 'last' })
    expect(events.map(({ type }) => type)).toEqual(['created'])
  })

  test.each(['save', 'begin', 'rotate'] as const)('refuses %s where it needs a cookie', async (verb) => {
    let refused: unknown
    const { visitor, events } = await site((app) =>
      app.get('/', async (request, reply) => {
        of(request).user = 'Ada'
        reply.hijack()
        refused = await of(request)
          [verb]()
          .catch((error: unknown) => error)
        reply.raw.end('raw')
      }),
    )
    await visitor().get('/')
    expect(refused).toMatchObject({ code: 'UNTORN_MISUSE' })
    await later()
    expect(events.map(({ type }) => type)).toEqual(['late-change'])
  })

  test('tells of an id that was replaced before it', async () => {
    const { visitor, events } = await site((app) => {
      app.get('/in', async (request) => signIn(request))
      app.get('/', async (request, reply) => {
        await of(request).rotate()
        reply.hijack().raw.end('raw')
      })
    })
    const someone = visitor()
    await someone.get('/in')
    await someone.get('/')
    await later()
    expect(events.map(({ type }) => type)).toEqual(['created', 'rotated', 'late-change'])
  })
})

test('what an onSend hook behind it changes is late, and told with its line', async () => {
  const { visitor, events } = await site((app) => {
    app.addHook('onSend', async (request) => {
      if (request.url === '/') of(request).note = 'too late'
    })
    app.get('/', async (request) => signIn(request))
  })
  await visitor().get('/')
  await later()
  expect(events[1]).toMatchObject({
    type: 'late-change',
    at: expect.stringContaining('fastify.whole.test.ts'),
  })
})

test('what is changed deep inside of a value after the head is told once the reply is over', async () => {
  const { visitor, events } = await site((app) =>
    app.get('/', (request, reply) => {
      const { cart } = Object.assign(of(request), { cart: ['tea'] })
      async function* body() {
        yield 'one'
        await later()
        cart.push('milk')
        yield 'two'
      }
      return reply.send(Readable.from(body()))
    }),
  )
  await visitor().get('/')
  await later()
  expect(events.map(({ type }) => type)).toEqual(['created', 'late-change'])
})

test('trustProxy of Fastify says whether a request came over https', async () => {
  const build = (app: FastifyInstance) => app.get('/', async (request) => signIn(request))
  const headers = { 'x-forwarded-proto': 'https' }
  const trusting = await site(build, { fastify: { trustProxy: true } })
  const { setCookies } = await trusting.visitor().get('/', { headers })
  expect(setCookies).toEqual([expect.stringMatching(/^__Host-sid=.*Secure/)])
  const others = await site(build)
  expect((await others.visitor().get('/', { headers })).setCookies).toEqual([expect.stringMatching(/^sid=/)])
})

describe('beside other plugins', () => {
  test.each(['before', 'behind'])('@fastify/cookie, registered %s it: each has its line', async (place) => {
    const app = fastify()
    onTestFinished(() => app.close())
    if (place === 'before') app.register(cookie)
    app.register(sessions({ store: memoryStore() }))
    if (place === 'behind') app.register(cookie)
    app.get('/', async (request, reply) => {
      of(request).user = 'Ada'
      reply.setCookie('theme', 'dark')
      return 'ok'
    })
    const { cookies } = await app.inject('/')
    expect(cookies.map(({ name }) => name).sort()).toEqual(['sid', 'theme'])
  })

  test('@fastify/compress: the cookie, and Vary of both', async () => {
    const { visitor } = await site(async (app) => {
      await app.register(compress, { threshold: 0 })
      app.get('/', async (request) => {
        of(request).user = 'Ada'
        return { text: 'hello '.repeat(1000) }
      })
    })
    const { headers, setCookies } = await visitor().get('/', { headers: { 'accept-encoding': 'gzip' } })
    expect(headers['content-encoding']).toBe('gzip')
    expect(headers.vary?.toLowerCase().split(/, */).sort()).toEqual(['accept-encoding', 'cookie'])
    expect(setCookies).toHaveLength(1)
  })

  // Registered behind this one, it is refused by Fastify itself.
  test('@fastify/session is refused, and stays under another name', async () => {
    const secret = 'a secret of thirty-two letters at least'
    const both = async (options: FastifySessionsOptions) => {
      const app = fastify()
      onTestFinished(() => app.close())
      app.register(cookie)
      app.register(theirs, { secret, cookie: { secure: false } })
      await app.register(sessions({ store: memoryStore(), ...options } as object))
      app.get('/', async (request) => {
        sessionOf<Cart>(request, 'cart').cart = ['tea']
        const { sessionId } = request.session as unknown as { sessionId?: string }
        return {
          theirs: sessionId !== undefined,
          ours: sessionOf<Cart>(request, 'cart').cart,
        }
      })
      return app
    }
    await expect(both({})).rejects.toMatchObject({
      code: 'UNTORN_MISUSE',
      message: expect.stringContaining('`request.session` is there already'),
    })
    const app = await both({ as: 'cart', cookie: { name: 'cart' } })
    expect((await app.inject('/')).json()).toEqual({ theirs: true, ours: ['tea'] })
  })
})

describe('scopes', () => {
  test('routes of every scope have it, and those in front of it, too', async () => {
    const app = fastify()
    onTestFinished(() => app.close())
    app.get('/before', async (request) => signIn(request))
    app.register(sessions({ store: memoryStore() }))
    app.register(async (scope) => {
      scope.get('/inside', async (request) => signIn(request))
    })
    for (const path of ['/before', '/inside']) {
      expect((await app.inject(path)).cookies, path).toHaveLength(1)
    }
  })

  test('a scope with sessions of its own, and nobody else has those', async () => {
    const app = fastify()
    onTestFinished(() => app.close())
    app.register(async (scope) => {
      scope.register(sessions({ store: memoryStore() }))
      scope.get('/inside', async (request) => signIn(request))
    })
    app.get('/outside', async (request) => of(request).user ?? 'nobody')
    expect((await app.inject('/inside')).cookies).toHaveLength(1)
    expect((await app.inject('/outside')).json()).toMatchObject({
      message: expect.stringContaining('This request has no `request.session`'),
    })
  })

  test('below its scope the inner one wins, and both are saved', async () => {
    const app = fastify()
    onTestFinished(() => app.close())
    const [shop, admin] = ['sid', 'admin'].map((name) =>
      createSessions({ store: memoryStore(), cookie: { name } }),
    )
    app.register(sessions({ sessions: shop! }))
    app.addHook('onRequest', async (request) => signIn(request))
    app.register(async (scope) => {
      scope.register(sessions({ sessions: admin! }))
      scope.get('/admin', async (request) => {
        const before = of(request).user ?? 'nobody'
        of(request).user = 'Grace'
        return before
      })
    })
    const { cookies, body } = await app.inject('/admin')
    expect([cookies.map(({ name }) => name).sort(), body]).toEqual([['admin', 'sid'], 'nobody'])
    const users = await Promise.all(
      [admin, shop].map(async (each, n) => {
        const { name, value } = cookies.find(({ name }) => name === (n === 0 ? 'admin' : 'sid'))!
        return (await each!.open(`${name}=${value}`, { secure: false })).get('user')
      }),
    )
    expect(users).toEqual(['Grace', 'Ada'])
  })

  test('the same sessions twice are one; others under the same cookie are refused', async () => {
    const shared = createSessions({ store: memoryStore() })
    const app = fastify()
    onTestFinished(() => app.close())
    app.register(sessions({ sessions: shared }))
    app.register(async (scope) => {
      scope.register(sessions({ sessions: shared }))
      scope.get('/', async (request) => signIn(request))
    })
    expect((await app.inject('/')).cookies).toHaveLength(1)
    const other = fastify()
    other.register(sessions({ sessions: shared }))
    other.register(async (scope) => {
      scope.register(sessions({ store: memoryStore(), as: 'admin' }))
    })
    await expect(other.ready()).rejects.toMatchObject({
      code: 'UNTORN_MISUSE',
      message: expect.stringContaining('mounted twice'),
    })
  })
})

describe('mistakes', () => {
  test('sessions that is not called, but registered', () => {
    expect(() => sessions(fastify() as never)).toThrow(/`app\.register\(sessions\(\)\)`/)
  })

  test('options that are given to register', async () => {
    const app = fastify()
    app.register(sessions({ store: memoryStore() }), { cookie: { name: 'cart' } } as object)
    await expect(app.ready()).rejects.toMatchObject({
      message: expect.stringContaining('sessions({ cookie: ... })'),
    })
  })

  test('request.session is assigned', async () => {
    const { visitor } = await site((app) =>
      app.get('/', async (request) => void Object.assign(request, { session: null })),
    )
    const { status, text } = await visitor().get('/')
    expect([status, text]).toEqual([500, expect.stringContaining("`request.session` can't be assigned")])
  })

  test('an option of the server', () => {
    expect(() => sessions({ trustProxy: true } as object)).toThrow(/trustProxy/)
  })

  test('a name that requests have already', async () => {
    const app = fastify()
    app.register(sessions({ store: memoryStore(), as: 'params' }))
    await expect(app.ready()).rejects.toMatchObject({
      message: expect.stringContaining('`request.params` is there'),
    })
  })
})

test('app.close() leaves the store open, and closes it by a hook', async () => {
  const session = sessions<Cart>({ store: memoryStore() })
  const app = fastify()
  app.register(session)
  await app.close()
  expect(await session.sessions.count()).toBe(0)
  const closing = fastify()
  closing.register(session)
  closing.addHook('onClose', () => session.close())
  await closing.close()
  await expect(async () => session.sessions.count()).rejects.toThrow()
})

test('the program that the docs show counts, shows nothing of its store, and closes it', async () => {
  const app = await documented<FastifyInstance>('Fastify', import.meta.url)
  app.get('/fails', async () => {
    throw new StoreUnavailableError('Nothing can be written into /var/lib/shop.')
  })
  const { cookies } = await app.inject('/')
  const again = await app.inject({ url: '/', cookies: { sid: cookies[0]!.value } })
  expect(again.json()).toEqual({ views: 2 })
  const { statusCode, body } = await app.inject('/fails')
  expect([statusCode, body]).toEqual([503, 'Try again in a while.'])
  expect((await app.inject('/%')).json()).toMatchObject({ statusCode: 400 })
  await app.close()
})
