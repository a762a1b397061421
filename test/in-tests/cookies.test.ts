import { createServer, type IncomingMessage, request } from 'node:http'
import { describe, expect, test } from 'vitest'
import { sessions as fetchSessions } from '../../src/fetch.ts'
import { createSessions, type Sessions, type SessionsOptions } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { sessions as nodeSessions } from '../../src/node.ts'
import { cookieFor, readSession } from '../../src/testing.ts'
import { serve } from '../adapters/support/server.ts'
import { pace } from '../adapters/support/stores.ts'

interface Values {
  user: string
  cart: string[]
  views: number
}

const create = (options: SessionsOptions<Values> = {}) =>
  createSessions<Values>({ store: memoryStore(), ...options })

const opened = (sessions: Sessions<Values>, cookie: string, secure = false) =>
  Promise.resolve(sessions.open(cookie, { secure }))

describe.each(Object.entries(pace))('cookieFor, over %s', (_, paced) => {
  test('stores a session with these values, and its cookie finds them', async () => {
    const sessions = create({ store: paced(memoryStore()) })
    const cookie = await cookieFor(sessions, { user: 'ada', cart: ['tea'] })
    expect(cookie).toMatch(/^sid=[\w-]+$/)
    const session = await opened(sessions, cookie)
    expect([session.isNew, session.owner, session.toJSON()]).toEqual([
      false,
      undefined,
      { user: 'ada', cart: ['tea'] },
    ])
  })

  test('signs in whom it is told, as `login()` does', async () => {
    const sessions = create({ store: paced(memoryStore()) })
    const cookie = await cookieFor(sessions, { cart: ['tea'] }, { owner: 'ada' })
    const session = await opened(sessions, cookie)
    expect([session.owner, session.toJSON()]).toEqual(['ada', { cart: ['tea'] }])
    session.requireFresh('1m')
    expect(await session.devices()).toMatchObject([{ current: true }])
    await sessions.revokeAll('ada')
    expect((await opened(sessions, cookie)).isNew).toBe(true)
  })

  test('of a session with nothing in it, too', async () => {
    const sessions = create({ store: paced(memoryStore()) })
    expect((await opened(sessions, await cookieFor(sessions))).isNew).toBe(false)
    expect(await sessions.count()).toBe(1)
  })

  test('as it is over https', async () => {
    const sessions = create({ store: paced(memoryStore()) })
    const cookie = await cookieFor(sessions, { user: 'ada' }, { secure: true })
    expect(cookie).toMatch(/^__Host-sid=/)
    expect((await opened(sessions, cookie, true)).get('user')).toBe('ada')
  })
})

test.each<[SessionsOptions<Values>['cookie'], RegExp]>([
  [{ secure: true }, /^__Host-sid=/],
  [{ secure: false }, /^sid=/],
  [{ name: 'shop', prefix: false }, /^shop=/],
  [{ name: 'shop', secure: true, domain: 'example.com' }, /^__Secure-shop=/],
])('cookieFor follows the option cookie: %o', async (cookie, name) => {
  const events: string[] = []
  const sessions = create({ cookie: cookie!, onEvent: ({ type }) => void events.push(type) })
  const header = await cookieFor(sessions, { user: 'ada' })
  expect(header).toMatch(name)
  expect((await opened(sessions, header)).get('user')).toBe('ada')
  expect(events).toEqual(['created'])
})

test('cookieFor and readSession refuse what they can’t use', async () => {
  const sessions = create()
  const argument = expect.objectContaining({ code: 'UNTORN_INVALID_ARGUMENT' })
  const option = (name: string) => expect.objectContaining({ code: 'UNTORN_INVALID_OPTION', option: name })
  const middleware = nodeSessions({ store: memoryStore() })
  await expect(cookieFor(middleware as never, {})).rejects.toEqual(argument)
  await expect(cookieFor(memoryStore() as never, {})).rejects.toEqual(argument)
  await expect(cookieFor(sessions, 'ada' as never)).rejects.toEqual(argument)
  await expect(cookieFor(sessions, {}, { owner: '' })).rejects.toEqual(argument)
  await expect(cookieFor(sessions, {}, { owner: 7 as never })).rejects.toEqual(argument)
  await expect(cookieFor(sessions, {}, { secure: 1 as never })).rejects.toEqual(option('secure'))
  await expect(cookieFor(sessions, {}, { ower: 'ada' } as never)).rejects.toEqual(option('ower'))
  await expect(cookieFor(sessions, { user: (() => {}) as never })).rejects.toMatchObject({
    code: 'UNTORN_NOT_SERIALISABLE',
  })
  await expect(readSession({} as never, 'sid=x')).rejects.toEqual(argument)
  for (const wrong of [undefined, 7, {}, { headers: null }])
    await expect(readSession(sessions, wrong as never)).rejects.toEqual(argument)
  expect(await sessions.count()).toBe(0)
})

describe('readSession', () => {
  const site = () => {
    const sessions = create()
    const app = fetchSessions<Values>({ sessions })
    const visit = (path: string, cookie = '', scheme = 'http') =>
      app.handle(new Request(`${scheme}://shop.example${path}`, { headers: { cookie } }), async (session) => {
        if (path === '/login') {
          session.cart = ['tea']
          await session.login('ada', { keep: ['cart'] })
        }
        if (path === '/logout') await session.logout()
        return new Response('done', { headers: { 'set-cookie': 'theme=dark; Path=/' } })
      })
    return { sessions, visit }
  }

  test.each(['http', 'https'])(
    'gives what the session has whose cookie a response of fetch brings, over %s',
    async (scheme) => {
      const { sessions, visit } = site()
      expect(await readSession(sessions, await visit('/login', '', scheme))).toEqual({ cart: ['tea'] })
    },
  )

  test('of one without it, of a removal, of a session that is gone: undefined', async () => {
    const { sessions, visit } = site()
    const cookie = await cookieFor(sessions, { user: 'ada' })
    expect(await readSession(sessions, await visit('/', cookie))).toBe(undefined)
    const out = await visit('/logout', cookie)
    expect(out.headers.getSetCookie().join()).toMatch(/sid=;/)
    expect(await readSession(sessions, out)).toBe(undefined)
    expect(await readSession(sessions, cookie)).toBe(undefined)
  })

  test('of a response of Node.js, as supertest has it', async () => {
    const { sessions } = site()
    const session = nodeSessions<Values>({ sessions })
    const port = await serve(
      createServer(
        session((req, res) => {
          if (req.url === '/begin') req.session.user = 'ada'
          res.end()
        }),
      ),
    )
    const ask = (path: string) =>
      new Promise<IncomingMessage>((resolve) => request({ port, path }, resolve).end())
    expect(await readSession(sessions, (await ask('/begin')).resume())).toEqual({ user: 'ada' })
    expect(await readSession(sessions, (await ask('/')).resume())).toBe(undefined)
    expect(await readSession(sessions, { headers: { 'set-cookie': 'other=1; Path=/' } })).toBe(undefined)
  })

  test('of a text: a Cookie header with others in it, or a Set-Cookie line', async () => {
    const { sessions } = site()
    const cookie = await cookieFor(sessions, { user: 'ada' })
    for (const text of [cookie, `theme=; ${cookie}`, `${cookie}; lang=en`, `${cookie}; Path=/; HttpOnly`])
      expect(await readSession(sessions, text), text).toEqual({ user: 'ada' })
    for (const text of ['', 'theme=dark', `${cookie}; Max-Age=0; Path=/`])
      expect(await readSession(sessions, text), text).toBe(undefined)
  })

  test.each<[string, string, boolean]>([
    ['a date that is over', 'Expires=Thu, 01 Jan 1970 00:00:00 GMT', false],
    ['a date that is to come', 'Expires=Fri, 01 Jan 2100 00:00:00 GMT', true],
    ['no date', 'Expires=soon', true],
    ['an age below nought', 'Path=/; max-age=-1', false],
    ['an age, which counts beside a date', 'Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60', true],
    [
      'the age of nought, which counts beside a date',
      'Expires=Fri, 01 Jan 2100 00:00:00 GMT; Max-Age=0',
      false,
    ],
  ])('keeps a cookie as a browser does: with %s', async (_what, attributes, isKept) => {
    const { sessions } = site()
    const cookie = await cookieFor(sessions, { user: 'ada' })
    const values = await readSession(sessions, `${cookie}; ${attributes}`)
    expect(values).toEqual(isKept ? { user: 'ada' } : undefined)
  })

  test('goes by the last line of a cookie, and one of another place is another cookie', async () => {
    const { sessions } = site()
    const cookie = await cookieFor(sessions, { user: 'ada' })
    const removed = (place: string) => `sid=; ${place}; Max-Age=0`
    const read = (...lines: string[]) => readSession(sessions, { headers: { 'set-cookie': lines } })
    expect(await read(`${cookie}; Path=/`, removed('Path=/'))).toBe(undefined)
    expect(
      await read(`${cookie}; Path=/; Domain=.Shop.example`, removed('domain=shop.example; path=/')),
    ).toBe(undefined)
    for (const place of ['Path=/old', 'Path=/; Domain=shop.example', 'Path=/; Partitioned'])
      expect(await read(`${cookie}; Path=/`, removed(place)), place).toEqual({ user: 'ada' })
    expect(await read(removed('Path=/'), `${cookie}; Path=/`)).toEqual({ user: 'ada' })
  })

  test('is no use of it, and what it gives changes nothing that is stored', async () => {
    const { sessions } = site()
    const cookie = await cookieFor(sessions, { cart: ['tea'] })
    const records = async () => {
      const found: unknown[] = []
      for await (const [, { expiresAt, version }] of sessions.store.records())
        found.push([expiresAt, version])
      return found
    }
    const before = await records()
    const values = await readSession(sessions, cookie)
    values!.cart!.push('coffee')
    expect(await readSession(sessions, cookie)).toEqual({ cart: ['tea'] })
    expect(await records()).toEqual(before)
  })
})
