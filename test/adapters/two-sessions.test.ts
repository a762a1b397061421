import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ErrorRequestHandler, Express, RequestHandler } from 'express'
import { describe, expect, test } from 'vitest'
import type { SessionStore } from '../../src/contract/store.ts'
import { StoreUnavailableError } from '../../src/errors.ts'
import { type ExpressSessionsOptions, sessions as expressSessions, sessionOf } from '../../src/express.ts'
import { createSessions } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { sessions as nodeSessions } from '../../src/node.ts'
import type { SessionEvent } from '../../src/session/events.ts'
import { expresses } from './support/express.ts'
import { later, serve } from './support/server.ts'
import './support/session-data.ts'
import { eachWithEach } from '../support/whole.ts'
import { breakable, pace } from './support/stores.ts'
import { answerUpgrade, servesUpgrades } from './support/upgrade.ts'
import { Visitor } from './support/visitor.ts'

interface Admin {
  name: string
  edits: number
}

type Mounted = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void
type Route = (req: IncomingMessage, res: ServerResponse) => unknown

interface Host {
  sessions(options: ExpressSessionsOptions): Mounted
  /** An application that goes through these middlewares, then does this; errors are answered with their code. */
  serves(middlewares: readonly Mounted[], route: Route): Promise<Visitor>
}

const failed = (error: { code?: string; message: string }, res: ServerResponse) => {
  res.statusCode = 500
  res.end(`failed: ${error.code ?? ''} ${error.message}`)
}

const hosts: Record<string, Host> = {
  'node:http': {
    sessions: (options) => nodeSessions(options as object) as unknown as Mounted,
    serves: async (middlewares, route) => {
      const go = (req: IncomingMessage, res: ServerResponse, at: number): unknown => {
        const middleware = middlewares[at]
        if (middleware === undefined) return route(req, res)
        return middleware(req, res, (error) => {
          if (error) failed(error as Error, res)
          else void go(req, res, at + 1)
        })
      }
      return new Visitor(await serve((req, res) => void go(req, res, 0)))
    },
  },
  ...Object.fromEntries(
    Object.entries(expresses).map(([name, express]): [string, Host] => [
      name,
      {
        sessions: (options) => expressSessions(options) as unknown as Mounted,
        serves: async (middlewares, route) => {
          const app: Express = express()
          for (const middleware of middlewares) app.use(middleware as RequestHandler)
          app.use((req, res) => void route(req, res))
          app.use(((error, _req, res, _next) => failed(error, res)) as ErrorRequestHandler)
          return new Visitor(await serve(app))
        },
      },
    ]),
  ),
}

const everywhere = eachWithEach(Object.entries(hosts), Object.entries(pace)).map(
  ([[name, host], [speed, paced]]) => ({ name, speed, host, paced }),
)

const adminOf = (req: object) => sessionOf<Admin>(req, 'admin')
const customerOf = (req: object) => sessionOf<{ views: number }>(req)

describe.each(everywhere)('two sessions in one request: $name with $speed', ({ host, paced }) => {
  const both = ({
    customers = memoryStore() as SessionStore,
    admins = memoryStore() as SessionStore,
  } = {}) => {
    const events: SessionEvent[] = []
    const onEvent = (event: SessionEvent) => void events.push(event)
    const middlewares = [
      host.sessions({ store: paced(customers), onEvent }),
      host.sessions({ store: paced(admins), as: 'admin', cookie: { name: 'admin' }, onEvent }),
    ]
    return { middlewares, events }
  }

  test('each keeps its own values, and has a cookie of its own; the answer is for nobody else', async () => {
    const visitor = await host.serves(both().middlewares, (req, res) => {
      const [admin, customer] = [adminOf(req), customerOf(req)]
      expect((req as unknown as { admin: unknown }).admin).toBe(admin)
      expect((req as unknown as { session: unknown }).session).toBe(customer)
      if (req.url === '/') {
        admin.name = 'root'
        customer.views = 1
        admin.edits = 1
      } else admin.update('edits', (n = 0) => n + 1)
      res.end(JSON.stringify([admin, customer]))
    })
    const first = await visitor.get('/')
    expect(JSON.parse(first.text)).toEqual([{ name: 'root', edits: 1 }, { views: 1 }])
    expect([...visitor.cookies.keys()].sort()).toEqual(['admin', 'sid'])
    expect(first.headers.vary).toBe('Cookie')
    expect(first.headers['cache-control']).toMatch(/private/)
    const second = await visitor.get('/again')
    expect(JSON.parse(second.text)).toEqual([{ name: 'root', edits: 2 }, { views: 1 }])
    expect(second.setCookies).toEqual([])
  })

  test('over one store nobody is an administrator by the id of a customer, nor the other way round', async () => {
    const store = memoryStore()
    const visitor = await host.serves(both({ customers: store, admins: store }).middlewares, (req, res) => {
      if (req.url === '/customer') customerOf(req).views = 1
      if (req.url === '/admin') adminOf(req).name = 'root'
      res.end(JSON.stringify([adminOf(req), customerOf(req)]))
    })
    for (const [mine, other] of [
      ['sid', 'admin'],
      ['admin', 'sid'],
    ] as const) {
      visitor.cookies.clear()
      await visitor.get(mine === 'sid' ? '/customer' : '/admin')
      const id = visitor.cookies.get(mine)!
      visitor.cookies.set(other, id)
      expect(await visitor.json('/look')).toEqual(
        mine === 'sid' ? [{}, { views: 1 }] : [{ name: 'root' }, {}],
      )
    }
  })

  test('signing out of one leaves the other', async () => {
    const visitor = await host.serves(both().middlewares, async (req, res) => {
      const [admin, customer] = [adminOf(req), customerOf(req)]
      if (req.url === '/') [admin.name, customer.views] = ['root', 1]
      if (req.url === '/out') await admin.destroy()
      res.end(JSON.stringify([admin, customer]))
    })
    await visitor.get('/')
    await visitor.get('/out')
    expect([...visitor.cookies.keys()]).toEqual(['sid'])
    expect(await visitor.json('/look')).toEqual([{}, { views: 1 }])
  })

  test.each(['customers', 'admins'] as const)(
    'where the %s can not be saved the request fails, and what the other has saved keeps its cookie',
    async (which) => {
      const { store, broken } = breakable()
      const { middlewares } = both({ [which]: store })
      const visitor = await host.serves(middlewares, (req, res) => {
        if (req.url === '/') {
          adminOf(req).name = 'root'
          customerOf(req).views = 1
        }
        res.end(JSON.stringify([adminOf(req), customerOf(req)]))
      })
      broken.add('create')
      const answer = await visitor.get('/')
      expect(answer).toMatchObject({ status: 500, text: expect.stringMatching('UNTORN_STORE_UNAVAILABLE') })
      expect([...visitor.cookies.keys()]).toEqual([which === 'customers' ? 'admin' : 'sid'])
      broken.clear()
      const kept = which === 'customers' ? [{ name: 'root' }, {}] : [{}, { views: 1 }]
      expect(await visitor.json('/look')).toEqual(kept)
    },
  )

  test('where both fail one is answered, and the other is the event `error`', async () => {
    const stores = [breakable(), breakable()] as const
    const { middlewares, events } = both({ customers: stores[0].store, admins: stores[1].store })
    const visitor = await host.serves(middlewares, (req, res) => {
      adminOf(req).name = 'root'
      customerOf(req).views = 1
      res.end('saved')
    })
    for (const { broken } of stores) broken.add('create')
    expect((await visitor.get('/')).text).toMatch('failed: UNTORN_STORE_UNAVAILABLE')
    expect(events).toMatchObject([{ type: 'error', error: expect.any(StoreUnavailableError) }])
  })

  test('a change of the second one after the answer is told', async () => {
    const { middlewares, events } = both()
    const visitor = await host.serves(middlewares, async (req, res) => {
      if (req.url === '/') adminOf(req).name = 'root'
      await new Promise((out) => res.end('hello', out as () => void))
      if (req.url === '/late') adminOf(req).name = 'late'
    })
    await visitor.get('/')
    events.length = 0
    await visitor.get('/late')
    await later(30)
    expect(events).toMatchObject([{ type: 'late-change' }])
  })

  test('mounted again, with the same sessions, it steps aside: the session is the one that is there', async () => {
    const sessions = createSessions({ store: paced(memoryStore()) })
    const mounts = [host.sessions({ sessions }), host.sessions({ sessions })]
    const visitor = await host.serves(mounts, (req, res) => {
      customerOf(req).update('views', (n = 0) => n + 1)
      res.end(String(customerOf(req).views))
    })
    const answers = [await visitor.get('/'), await visitor.get('/')]
    expect(answers.map(({ text }) => text)).toEqual(['1', '2'])
    expect(answers.map(({ setCookies }) => setCookies.length)).toEqual([1, 0])
  })

  test('of the same property over another store the inner one is seen below it, and both are saved', async () => {
    const outer = createSessions<{ views: number }>({ store: paced(memoryStore()) })
    const inner = createSessions<{ views: number }>({
      store: paced(memoryStore()),
      cookie: { name: 'inner' },
    })
    const seen: unknown[] = []
    const between: Mounted = (req, _res, next) => {
      customerOf(req).update('views', (n = 0) => n + 1)
      seen.push(customerOf(req).views)
      next()
    }
    const mounts = [
      host.sessions({ sessions: outer as never }),
      between,
      host.sessions({ sessions: inner as never }),
    ]
    const visitor = await host.serves(mounts, (req, res) => {
      customerOf(req).update('views', (n = 10) => n + 10)
      res.end(String(customerOf(req).views))
    })
    expect((await visitor.get('/')).text).toBe('20')
    expect((await visitor.get('/')).text).toBe('30')
    expect(seen).toEqual([1, 2])
    expect([...visitor.cookies.keys()].sort()).toEqual(['inner', 'sid'])
  })

  test.each([{}, { as: 'admin' }])(
    'one cookie for two stores is refused, with what to do: %j',
    async (options) => {
      const mounts = [
        host.sessions({ store: paced(memoryStore()) }),
        host.sessions({ store: paced(memoryStore()), ...options }),
      ]
      const visitor = await host.serves(mounts, (_req, res) => res.end('never'))
      const { status, text } = await visitor.get('/')
      expect(status).toBe(500)
      expect(text).toMatch(
        /^failed: UNTORN_MISUSE .*twice.*"sid" of the path \/.*sessions: shared.*cookie: \{ name/,
      )
    },
  )

  test('`delete req.admin` is no sign-out, and says so, once the head has left as well', async () => {
    const { middlewares, events } = both()
    const visitor = await host.serves(middlewares, (req, res) => {
      adminOf(req).name = 'root'
      if (req.url === '/late') res.end('hello')
      Reflect.deleteProperty(req, 'admin')
      if (req.url !== '/late') res.end('hello')
    })
    expect((await visitor.get('/')).text).toMatch(/UNTORN_MISUSE.*Call `req\.admin\.destroy\(\)`/)
    events.length = 0
    expect((await visitor.get('/late')).text).toBe('hello')
    await later(30)
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { code: 'UNTORN_MISUSE' } })
  })

  test('sessionOf() of a request that sessions() has not seen says what to mount', async () => {
    const visitor = await host.serves([host.sessions({ store: paced(memoryStore()) })], (req, res) => {
      try {
        res.end(String(adminOf(req)))
      } catch (error) {
        failed(error as Error, res)
      }
    })
    expect((await visitor.get('/')).text).toMatch(
      "UNTORN_MISUSE This request has no `req.admin`. Mount `sessions({ as: 'admin' })`",
    )
  })
})

test.each(Object.entries(pace))('two sessions at an upgrade, with %s', async (_name, paced) => {
  const customers = nodeSessions<{ views: number }>({ store: paced(memoryStore()) })
  const admins = nodeSessions<Admin, 'admin'>({
    store: paced(memoryStore()),
    as: 'admin',
    cookie: { name: 'admin' },
  })
  const page = customers((outer, res) =>
    admins((req, response) => {
      req.admin.name = 'root'
      customerOf(req).views = 1
      response.end('hello')
    })(outer, res),
  )
  const visitor = await servesUpgrades(page, async (req, socket) => {
    const { session } = await customers(req, {})
    const { admin } = await admins(req, {})
    admin.edits = 1
    answerUpgrade(socket, `${admin.name} ${session.views} ${await admin.save()}`)
  })
  const response = await fetch(`http://127.0.0.1:${visitor.port}/`)
  visitor.cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  expect(await visitor.upgrade()).toBe('root 1 true')
})

test('a name that a request has a property of is refused at start', () => {
  for (const as of ['headers', 'pipe', '', 5]) {
    const wrong = expect.objectContaining({ code: 'UNTORN_INVALID_OPTION', option: 'as' })
    expect(() => expressSessions({ store: memoryStore(), as } as ExpressSessionsOptions)).toThrow(wrong)
    expect(() => nodeSessions({ store: memoryStore(), as } as object)).toThrow(wrong)
  }
})
