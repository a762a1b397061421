// Alone: what a build would find out is found out by hooks of the process.
import { register } from 'node:module'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { SessionEvent, SessionStore } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { type PlainSession, type StartSessions, sessions } from '../../../src/tanstack-start.ts'
import { gate } from '../../../src/testing/adapter/gate.ts'
import { bridge } from '../../adapters/conformance/bridge.ts'
import { listening, responseOf } from '../../adapters/conformance/sites.ts'
import { conforms } from '../../adapters/support/conformance.ts'
import { breakable, slowly } from '../../adapters/support/stores.ts'

interface Site {
  app: StartSessions
  answer?(session: PlainSession, request: Request): Promise<Response>
}

const sites = new Map<string, Site>()
let handle: (request: Request) => Promise<Response>

beforeAll(async () => {
  Object.assign(process.env, { TSS_SERVER_FN_BASE: '/_serverFn/', NODE_ENV: 'production' })
  Object.assign(globalThis, { untornSites: sites })
  register('./hooks.mjs', import.meta.url)
  const { createStartHandler, defaultStreamHandler } = await import('@tanstack/react-start/server')
  handle = createStartHandler(defaultStreamHandler) as typeof handle
})
afterAll(() => sites.clear())

let shops = 0

function shop(store: SessionStore = memoryStore()) {
  const host = `shop${shops++}.example`
  const events: SessionEvent[] = []
  const app = sessions({ store, onEvent: (event) => void events.push(event) })
  sites.set(host, { app })
  let cookie = ''
  const visit = async (path: string, init: RequestInit = {}) => {
    const headers = { host, cookie, accept: 'text/html', ...init.headers }
    const response = await handle(new Request(`https://${host}${path}`, { ...init, headers }))
    const [line] = response.headers.getSetCookie()
    if (line !== undefined) cookie = line.split(';')[0]!
    return response
  }
  const call = (name: string) =>
    visit(`/_serverFn/${name}`, {
      method: 'POST',
      headers: {
        'x-tsr-serverFn': 'true',
        accept: 'application/json',
        origin: `https://${host}`,
        'sec-fetch-site': 'same-origin',
      },
    })
  return { app, visit, call, events }
}

describe('a page', () => {
  test('counts, under one cookie', async () => {
    const { visit } = shop()
    const first = await visit('/page')
    expect(first.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-sid=[\w-]{43};/)])
    expect(await first.text()).toContain('1 views')
    const second = await visit('/page')
    expect(await second.text()).toContain('2 views')
    expect(second.headers.getSetCookie()).toEqual([])
    expect(second.headers.get('vary')).toContain('Cookie')
  })

  test.each([
    ['redirect', 307],
    ['nothing', 404],
    ['fail', 500],
  ])('whose loader ends by %s has its cookie', async (then, status) => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const { visit } = shop()
    const answer = await visit(`/page?then=${then}`)
    await answer.text()
    expect([answer.status, answer.headers.getSetCookie().length]).toEqual([status, 1])
    expect(await (await visit('/page')).text()).toContain('2 views')
  })
})

describe('a server function', () => {
  test('has the session of its request', async () => {
    const { visit, call } = shop()
    const first = await call('count')
    expect([first.status, first.headers.getSetCookie().length]).toEqual([200, 1])
    expect((await call('count')).headers.getSetCookie()).toEqual([])
    expect(await (await visit('/page')).text()).toContain('3 views')
  })

  test.each(['redirect', 'nothing', 'fail'])('that ends by %s has its cookie', async (then) => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const { visit, call } = shop()
    expect((await call(then)).headers.getSetCookie()).toHaveLength(1)
    expect(await (await visit('/page')).text()).toContain('2 views')
  })

  test('is called fifty times at once, and each time counts', async () => {
    const { visit, call } = shop(slowly(memoryStore()))
    await call('count')
    await Promise.all(Array.from({ length: 50 }, () => call('count')))
    expect(await (await visit('/page')).text()).toContain('52 views')
  })
})

test('a store that fails is an error, and has no cookie', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const { store, broken } = breakable()
  broken.add('create')
  const { visit } = shop(store)
  const answer = await visit('/page').catch((error: unknown) => error)
  if (answer instanceof Response) {
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([500, []])
  } else expect(answer).toMatchObject({ code: 'UNTORN_STORE_UNAVAILABLE' })
})

test('a store that fails after a sign-in is an error, whose answer has the cookie', async () => {
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const { store, broken } = breakable()
  const { app, visit, events } = shop(store)
  const host = [...sites].find(([, site]) => site.app === app)![0]
  sites.set(host, {
    app,
    async answer(session, { url }) {
      if (url.endsWith('me')) return new Response(session.owner)
      await session.login('ada')
      broken.add('save')
      session.since = 'today'
      return new Response('hello')
    },
  })
  const answer = await visit('/login')
  expect([answer.status, answer.headers.getSetCookie().length]).toEqual([503, 1])
  expect(events.map(({ type }) => type)).toContain('error')
  broken.clear()
  expect(await (await visit('/me')).text()).toBe('ada')
})

test('a handler goes on when its client has gone, and what it changes deep inside a value is kept', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const { app, visit, events } = shop()
  const host = [...sites].find(([, site]) => site.app === app)![0]
  const [called, gone] = [gate(), gate()]
  sites.set(host, {
    app,
    async answer(session, { url }) {
      session.cart ??= { items: ['tea'] }
      if (!url.endsWith('slow')) return Response.json(session.cart)
      const { cart } = session
      called.open()
      await gone.opened
      cart.items.push('milk')
      return new Response('nobody reads this')
    },
  })
  await visit('/cart')
  const client = new AbortController()
  const answer = visit('/slow', { signal: client.signal }).catch(() => undefined)
  await called.opened
  client.abort()
  await answer
  gone.open()
  await expect.poll(async () => (await visit('/cart')).text()).toContain('milk')
  expect(events.map(({ type }) => type)).toEqual(['created'])
})

test('a middleware of a server function alone is told what it lacks', async () => {
  const app = sessions({ store: memoryStore() })
  const alone = app.handle(new Request('https://shop.example/'), async () => ({ result: 1 }))
  await expect(alone).rejects.toMatchObject({ code: 'UNTORN_MISUSE' })
})

conforms('untorn/tanstack-start', {
  without: {
    errorCookie: 'TanStack Start answers an error of a server route above all middleware',
  },
  async serve({ options, trustProxy, page }) {
    const site: Site = {
      app: sessions({ ...options, trustProxy }),
      async answer(session, { method, url }) {
        const { pathname, search } = new URL(url)
        return responseOf(await page(session, { method, url: pathname + search }))
      },
    }
    const served = await listening((req, res) => void bridge(req, res, handle))
    sites.set(new URL(served.url).host, site)
    return served
  },
  over: ['memory', 'a store that answers later'],
})
