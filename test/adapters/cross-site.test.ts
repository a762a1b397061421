import type { IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ContextOf } from '../../src/adapters/request/context-of.ts'
import { createSessions, type SessionEvent } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { sessions as nodeSessions } from '../../src/node.ts'
import { eachWithEach } from '../support/whole.ts'
import { serving } from './fetch/serving.ts'
import { type Handle, hosts } from './support/hosts.ts'
import { serve } from './support/server.ts'
import { pace } from './support/stores.ts'
import { Visitor } from './support/visitor.ts'

beforeEach(() => void vi.spyOn(process, 'emitWarning').mockReturnValue())
afterEach(() => vi.restoreAllMocks())

const navigation = {
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
}
const image = { ...navigation, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }
const form = { method: 'POST', headers: navigation }

const everywhere = eachWithEach(Object.entries(hosts), Object.entries(pace)).map(
  ([[name, host], [speed, paced]]) => ({ name, speed, host, paced }),
)

/** What a handler can do to a session, by the path. */
const handle: Handle = async ({ session, path }) => {
  if (path === '/sign-in') {
    await session.regenerate()
    session.user = 'ada'
    return 'signed in'
  }
  if (path === '/write') session.comment = 'hello'
  if (path === '/save') {
    session.comment = 'hello'
    return String(await session.save())
  }
  if (path === '/save-by-callback') {
    session.comment = 'hello'
    return new Promise((tell) => session.save((error) => tell(String((error as { code?: string })?.code))))
  }
  if (path === '/begin') return String(await session.begin())
  return JSON.stringify(session)
}

describe.each(everywhere)('a request of another site: $name with $speed', ({ host, paced }) => {
  const site = async () => {
    const events: SessionEvent[] = []
    const sessions = createSessions({
      store: paced(memoryStore()),
      onEvent: (event) => void events.push(event),
    })
    const port = await serve(host(sessions, handle) as never)
    return { visitor: () => new Visitor(port), types: () => events.map(({ type }) => type) }
  }

  test('a form leaves who is signed in as they were, and no cache gets an answer made for nobody', async () => {
    const { visitor, types } = await site()
    const ada = visitor()
    await ada.get('/sign-in')
    // The browser keeps the cookie back, and takes what the answer sets.
    const stranger = visitor()
    const answer = await stranger.get('/write', form)
    expect([answer.text, answer.setCookies]).toEqual(['{"comment":"hello"}', []])
    expect(answer.headers).toMatchObject({ vary: 'Cookie', 'cache-control': 'private' })
    ada.keep(answer)
    expect(await ada.json('/')).toEqual({ user: 'ada' })
    expect(types()).toEqual(['created', 'cross-site'])
  })

  test('what was asked for in so many words is answered with false', async () => {
    const { visitor, types } = await site()
    for (const path of ['/save', '/begin']) {
      const { text, setCookies } = await visitor().get(path, form)
      expect([path, text, setCookies]).toEqual([path, 'false', []])
    }
    expect((await visitor().get('/save-by-callback', form)).text).toBe('UNTORN_SESSION_GONE')
    expect(types()).toEqual(['cross-site', 'cross-site', 'cross-site'])
  })

  test('an image begins nothing, and a link that is followed does', async () => {
    const { visitor, types } = await site()
    expect((await visitor().get('/write', { headers: image })).setCookies).toEqual([])
    expect((await visitor().get('/write', { headers: navigation })).setCookies).toHaveLength(1)
    expect(types()).toEqual(['cross-site', 'created'])
  })

  test('a sign-in that comes from another site is one', async () => {
    const { visitor, types } = await site()
    const ada = visitor()
    await ada.get('/sign-in', form)
    expect(await ada.json('/')).toEqual({ user: 'ada' })
    expect(types()).toEqual(['created'])
  })

  test('a client that says nothing begins one with whatever it sends', async () => {
    const { visitor } = await site()
    expect((await visitor().get('/write', { method: 'POST' })).setCookies).toHaveLength(1)
  })

  test('that looks at its session and puts nothing in it is told nothing', async () => {
    const { visitor, types } = await site()
    const { headers } = await visitor().get('/', form)
    expect([headers.vary, headers['cache-control'], types()]).toEqual(['Cookie', undefined, []])
  })
})

test.each(['GET', 'HEAD'])('a form that a page has made a %s of by method-override is a form', async (as) => {
  const session = nodeSessions({ store: memoryStore() })
  const port = await serve((req, res) => {
    Object.assign(req, { originalMethod: req.method, method: as })
    return session((req, res) => {
      req.session.comment = 'hello'
      res.end()
    })(req, res)
  })
  expect((await new Visitor(port).get('/', form)).setCookies).toEqual([])
})

test('no request but one that begins a session has its headers looked at for it', async () => {
  const sessions = createSessions({ store: memoryStore() })
  const page = serving(sessions, (session, { url }) => {
    if (url.endsWith('write')) session.n = (session.n ?? 0) + 1
    return new Response(String(session.n))
  })
  const looks = async (path: string, cookie?: string) => {
    const request = new Request(`https://shop.example/${path}`, { headers: cookie ? { cookie } : {} })
    const get = vi.spyOn(request.headers, 'get')
    const answer = await page(request)
    const [line] = answer.headers.getSetCookie()
    const names = get.mock.calls.map(([name]) => name).filter((name) => name !== 'cookie')
    return { names, cookie: line?.split(';')[0] }
  }
  expect((await looks('read')).names).toEqual([])
  const { names, cookie } = await looks('write')
  expect(names).toEqual(['sec-fetch-site'])
  expect((await looks('read', cookie)).names).toEqual([])
  expect((await looks('write', cookie)).names).toEqual([])
})

test('what a session knows of its request is what the host says of it', () => {
  const req = { method: 'POST', headers: { 'sec-fetch-site': ['cross-site'] } } as unknown as IncomingMessage
  const framework = {
    cookieOf: () => undefined,
    headerOf: () => (name: string) => (name === 'sec-fetch-mode' ? null : req.headers[name]),
    methodOf: () => req.method,
    isSecure: () => true,
    onInsecureCookie() {},
  }
  const context = new ContextOf(framework, req, true, 7)
  const { secure, arrivedAt, request, method, fetchSite, fetchMode, fetchDest } = context
  expect([secure, arrivedAt, request, method]).toEqual([true, 7, req, 'POST'])
  expect([fetchSite, fetchMode, fetchDest]).toEqual(['cross-site', undefined, undefined])
})
