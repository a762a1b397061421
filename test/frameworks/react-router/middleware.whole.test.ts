import { createRequestHandler, redirect, type ServerBuild } from 'react-router'
import { createRequestHandler as createRequestHandler7 } from 'react-router-7'
import { describe, expect, test } from 'vitest'
import { createSessions, type SessionEvent, type SessionStore } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { type PlainSession, type RouterContexts, sessions } from '../../../src/react-router.ts'
import { gate } from '../../../src/testing/adapter/gate.ts'
import { bridge } from '../../adapters/conformance/bridge.ts'
import { listening, responseOf } from '../../adapters/conformance/sites.ts'
import { conforms } from '../../adapters/support/conformance.ts'
import { breakable, slowly } from '../../adapters/support/stores.ts'
import { buildOf } from './build.ts'

const HOME = 'https://shop.example'
const VERSIONS = { 'React Router 8': createRequestHandler, 'React Router 7': createRequestHandler7 } as const

interface Arguments {
  request: Request
  context: RouterContexts
}

type Handler = (session: PlainSession, request: Request) => unknown

/** An application of a root with the middleware, a page with a loader and an action, and a resource. */
function application(
  version: keyof typeof VERSIONS,
  {
    loader = () => null,
    action = () => null,
    store = memoryStore(),
  }: {
    loader?: Handler
    action?: Handler
    store?: SessionStore
  },
) {
  const events: SessionEvent[] = []
  const errors: unknown[] = []
  const app = sessions({ store, onEvent: (event) => void events.push(event) })
  const by =
    (handler: Handler) =>
    ({ request, context }: Arguments) =>
      handler(app.getSession(context), request)
  const page = { default: () => null, loader: by(loader), action: by(action) }
  const build = buildOf<ServerBuild>(
    [
      { id: 'root', path: '', module: { default: () => null, middleware: [app.middleware] } },
      { id: 'page', path: 'page', parentId: 'root', module: page },
      {
        id: 'resource',
        path: 'resource',
        parentId: 'root',
        module: { loader: by(loader), action: by(action) },
      },
    ],
    (error) => void errors.push(error),
  )
  const create = VERSIONS[version] as typeof createRequestHandler
  const handle = create(build, 'production')
  let cookie = ''
  const visit = async (path: string, init: RequestInit = {}) => {
    const response = await handle(new Request(HOME + path, { ...init, headers: { cookie, ...init.headers } }))
    const [line] = response.headers.getSetCookie()
    if (line !== undefined) cookie = line.split(';')[0]!
    return response
  }
  const post = (path: string) => visit(path, { method: 'POST', body: new URLSearchParams({ item: 'tea' }) })
  return { app, visit, post, events, errors }
}

const count: Handler = (session) => {
  session.views = (session.views ?? 0) + 1
  return { views: session.views }
}

describe.each(Object.keys(VERSIONS) as (keyof typeof VERSIONS)[])('%s', (version) => {
  test.each(['/page', '/page.data'])('a loader has its session, at %s', async (path) => {
    const { visit } = application(version, { loader: count })
    const first = await visit(path)
    expect(await first.text()).toContain('views')
    expect(first.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-sid=[\w-]{43};/)])
    expect(first.headers.get('cache-control')).toContain('private')
    const second = await visit(path)
    expect(await second.text()).toContain('2')
    expect(second.headers.getSetCookie()).toEqual([])
    expect(second.headers.get('vary')).toContain('Cookie')
  })

  test.each(['/page', '/page.data', '/resource'])(
    'an action that redirects has its cookie, at %s',
    async (path) => {
      const { visit, post } = application(version, {
        loader: (session) => ({ item: session.item ?? 'none' }),
        action: async (session, request) => {
          session.item = (await request.formData()).get('item')
          return redirect('/page')
        },
      })
      const { status, headers } = await post(path)
      expect([status, headers.getSetCookie().length]).toEqual([path.endsWith('.data') ? 202 : 302, 1])
      expect(await (await visit('/page')).text()).toContain('tea')
    },
  )

  test.each([
    ['a redirect', () => redirect('/page'), 302],
    ['a response', () => new Response('teapot', { status: 418 }), 418],
    ['an error', () => new Error('a loader fails, as its test wants it'), 500],
  ])('%s that a loader throws has its cookie', async (_what, thrown, status) => {
    const { visit } = application(version, {
      loader: async (session) => {
        if (session.user !== undefined) return { user: session.user }
        session.user = 'Ada'
        throw thrown()
      },
    })
    const answer = await visit('/page')
    expect([answer.status, answer.headers.getSetCookie().length]).toEqual([status, 1])
    expect(await (await visit('/page')).text()).toContain('Ada')
  })

  test('fifty actions at once all count', async () => {
    const { app, post, visit } = application(version, {
      loader: (session) => ({ n: session.n }),
      action: (session) => session.update('n', (n = 0) => n + 1),
      store: slowly(memoryStore()),
    })
    await post('/page')
    await Promise.all(Array.from({ length: 50 }, () => post('/page.data')))
    expect(await (await visit('/page')).text()).toContain('51')
    await app.close()
  })

  test('an action goes on when its client has gone, and what it changes deep inside a value is kept', async () => {
    const [called, gone] = [gate(), gate()]
    const { visit, events } = application(version, {
      loader: (session) => {
        session.cart ??= { items: ['tea'] }
        return session.cart
      },
      action: async (session) => {
        const { cart } = session
        called.open()
        await gone.opened
        cart.items.push('milk')
        return null
      },
    })
    await visit('/page')
    const client = new AbortController()
    const answer = visit('/page.data', { method: 'POST', signal: client.signal }).catch(() => undefined)
    await called.opened
    client.abort()
    await answer
    gone.open()
    await expect.poll(async () => (await visit('/page')).text()).toContain('milk')
    expect(events.map(({ type }) => type)).toEqual(['created'])
  })

  test('a store that fails is the error of React Router; the cookie of what was saved before is sent', async () => {
    const { store, broken } = breakable()
    const { visit, events, errors } = application(version, {
      loader: async (session, { url }) => {
        if (new URL(url).searchParams.has('me')) return { owner: session.owner }
        if (new URL(url).searchParams.has('login')) await session.login('ada')
        broken.add('save').add('create')
        session.cart = ['tea']
        return null
      },
      store,
    })
    const failed = await visit('/page')
    expect([failed.status, failed.headers.getSetCookie()]).toEqual([500, []])
    expect(await failed.text()).toContain('failed')
    expect(errors).toEqual([expect.objectContaining({ code: 'UNTORN_STORE_UNAVAILABLE' })])
    broken.clear()
    const signedIn = await visit('/page?login')
    expect([signedIn.status, signedIn.headers.getSetCookie().length]).toEqual([503, 1])
    expect(events.map(({ type }) => type)).toContain('error')
    broken.clear()
    expect(await (await visit('/page?me')).text()).toContain('ada')
  })

  test('on the root and on a child route it is once, and the outer one commits', async () => {
    const store = memoryStore()
    const events: SessionEvent[] = []
    const app = sessions({ store, onEvent: (event) => void events.push(event) })
    const between = async ({ context }: Arguments, next: () => Promise<Response>) => {
      const response = await next()
      app.getSession(context).seen = true
      return response
    }
    const page = {
      default: () => null,
      loader: ({ context }: Arguments) => {
        app.getSession(context).user = 'Ada'
        return null
      },
      middleware: [app.middleware],
    }
    const build = buildOf<ServerBuild>(
      [
        { id: 'root', path: '', module: { default: () => null, middleware: [app.middleware, between] } },
        { id: 'page', path: 'page', parentId: 'root', module: page },
      ],
      () => {},
    )
    const handle = (VERSIONS[version] as typeof createRequestHandler)(build, 'production')
    const response = await handle(new Request(`${HOME}/page`))
    const [line, another] = response.headers.getSetCookie()
    expect(another).toBeUndefined()
    const session = await app.sessions.open(line!.split(';')[0]!)
    expect(session.toJSON()).toEqual({ user: 'Ada', seen: true })
    expect(events.map(({ type }) => type)).toEqual(['created'])
  })

  test('without the middleware nobody has a session', async () => {
    const app = sessions({ sessions: createSessions({ store: memoryStore() }) })
    const errors: unknown[] = []
    const module = { loader: ({ context }: Arguments) => app.getSession(context) }
    const build = buildOf<ServerBuild>(
      [{ id: 'root', path: 'page', module }],
      (error) => void errors.push(error),
    )
    const create = VERSIONS[version] as typeof createRequestHandler
    expect((await create(build, 'production')(new Request(`${HOME}/page`))).status).toBe(500)
    expect(errors).toEqual([expect.objectContaining({ code: 'UNTORN_MISUSE' })])
  })

  conforms('its middleware', {
    async serve({ options, trustProxy, page }) {
      const app = sessions({ ...options, trustProxy })
      const answer = async ({ request, context }: Arguments) => {
        const { pathname, search } = new URL(request.url)
        // What the client has sent as `?0` comes from version 7 as `?0=`.
        const asked = { method: request.method, url: pathname + search.replace(/=(?=&|$)/g, '') }
        const response = responseOf(await page(app.getSession(context), asked))
        const location = response.headers.get('Location')
        // A relative one is one of routes to React Router.
        if (location !== null) response.headers.set('Location', new URL(location, request.url).href)
        return response
      }
      const build = buildOf<ServerBuild>(
        [
          { id: 'root', path: '', module: { middleware: [app.middleware] } },
          { id: 'all', path: '*', parentId: 'root', module: { loader: answer, action: answer } },
        ],
        () => {},
      )
      const handle = (VERSIONS[version] as typeof createRequestHandler)(build, 'production')
      return listening((req, res) => void bridge(req, res, (request) => handle(request)))
    },
    over: ['memory', 'a store that answers later'],
  })
})
