import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { sessions as expressSessions } from '../../src/express.ts'
import { sessions as fastifySessions, sessionOf as ofRequest } from '../../src/fastify.ts'
import { sessions as fetchSessions } from '../../src/fetch.ts'
import { sessions as h3Sessions } from '../../src/h3.ts'
import { sessions as honoSessions } from '../../src/hono.ts'
import { createSessions, type Sessions } from '../../src/index.ts'
import { sessions as koaSessions } from '../../src/koa.ts'
import { memoryStore } from '../../src/memory.ts'
import { sessions as nodeSessions, sessionOf as ofNode } from '../../src/node.ts'
import { sessions as svelteKitSessions } from '../../src/sveltekit.ts'
import { ask, serve } from './support/server.ts'

// As much of each framework as its adapter asks for. A request's own Cookie header is its host's: what is printed here is all that
// untorn has put on a request, or given to a handler.

type Print = (...printed: unknown[]) => void
type Host = (sessions: Sessions, cookie: string, print: Print) => Promise<unknown>

/** All that is on an object beside what its host has there. */
const ours = (object: object) =>
  Reflect.ownKeys(object)
    .filter((name) => typeof name === 'symbol' && String(name).startsWith('Symbol(untorn'))
    .map((name) => Reflect.get(object, name))

const request = (cookie: string) => new Request('http://shop.example/', { headers: { cookie } })
const answer = () => new Response('in')

/** One request to a server of Node.js. */
async function onNode(cookie: string, handle: (req: IncomingMessage, res: ServerResponse) => unknown) {
  const port = await serve(createServer((req, res) => void handle(req, res)))
  await ask(port, { headers: { cookie } })
}

const HOSTS: Record<string, Host> = {
  'node:http': (sessions, cookie, print) =>
    onNode(cookie, async (req, res) => {
      await nodeSessions({ sessions })(req, res)
      print(ofNode(req), ...ours(req), ...ours(res))
      res.end()
    }),
  Express: (sessions, cookie, print) =>
    onNode(cookie, (req, res) =>
      expressSessions({ sessions })(req, res, () => {
        print(ofNode(req), ...ours(req), ...ours(res))
        res.end()
      }),
    ),
  Koa: (sessions, cookie, print) =>
    onNode(cookie, async (req, res) => {
      const ctx = { app: { proxy: false }, req, res, method: 'GET', secure: false, onerror() {} }
      await koaSessions({ sessions })(ctx, async () => {
        print((ctx as unknown as { session: object }).session, ...ours(ctx))
      })
      res.end()
    }),
  Fastify: (sessions, cookie, print) =>
    onNode(cookie, async (req, res) => {
      const hooks: Record<string, (...args: unknown[]) => unknown> = {}
      const app = {
        hasRequestDecorator: () => false,
        decorateRequest() {},
        addHook: (name: string, hook: (...args: unknown[]) => unknown) =>
          void Object.assign(hooks, { [name]: hook }),
      }
      await fastifySessions({ sessions })(app, {})
      const asked = { raw: req, method: 'GET', protocol: 'http' }
      await new Promise<void>((done) => hooks.onRequest!(asked, { raw: res }, done))
      print(ofRequest(asked), ...ours(asked))
      res.end()
    }),
  Hono: async (sessions, cookie, print) => {
    const all: Record<PropertyKey, unknown> = {}
    const c = {
      req: { raw: request(cookie) },
      env: {},
      res: answer(),
      get: (name: PropertyKey) => all[name],
      set: (name: PropertyKey, value: unknown) => void Object.assign(all, { [name]: value }),
    }
    const middleware = honoSessions({ sessions }) as unknown as (
      c: object,
      next: () => unknown,
    ) => Promise<void>
    await middleware(c, async () => {
      print((all.session as { views: number }).views, all, ...ours(c.req.raw))
    })
  },
  fetch: (sessions, cookie, print) => {
    const app = fetchSessions({ sessions })
    const asked = request(cookie)
    return app.handle(asked, async (session) => {
      print(session, await app.open(asked), app, ...ours(asked))
      return answer()
    })
  },
  SvelteKit: (sessions, cookie, print) => {
    const event = { request: request(cookie), locals: {}, cookies: { set() {} }, isSubRequest: false }
    return svelteKitSessions({ sessions })({
      event,
      resolve() {
        print(event.locals, (event.locals as { session: object }).session, ...ours(event.locals))
        return answer()
      },
    })
  },
  async 'h3 2'(sessions, cookie, print) {
    const headers = () => new Headers()
    const event = {
      context: {},
      req: request(cookie),
      url: { protocol: 'http:' },
      res: { headers: headers(), errHeaders: headers() },
    }
    await h3Sessions({ sessions })(event, () => {
      print(event.context, (event.context as { session: object }).session, ...ours(event.context))
      return 'in'
    })
  },
}

describe.each(Object.entries(HOSTS))('%s', (_name, host) => {
  test.each(['a new session', 'a known one'])('what is printed of %s has no id', async (which) => {
    const shared = createSessions({ store: memoryStore(), cookie: { secure: false } })
    const known = await shared.open(undefined, { secure: false })
    known.set('views', 1)
    const cookie = (await known.commit())!.split(';')[0]!
    const printed: string[] = []
    await host(shared, which === 'a known one' ? cookie : '', (...all) => {
      for (const each of [...all, all]) {
        const { id } = (each ?? {}) as { id?: unknown }
        const look = [inspect(each, { depth: Number.POSITIVE_INFINITY }), JSON.stringify(each) ?? '']
        printed.push(...look)
        // Of a new one it is known only by what it says itself.
        if (typeof id === 'string') for (const text of look) expect(text).not.toContain(id)
      }
    })
    expect(printed.length).toBeGreaterThan(2)
    expect(printed.join()).toContain(which === 'a known one' ? 'views' : '')
    expect(printed.join()).not.toContain(known.id)
  })
})
