import type http from 'node:http'
import type express from 'express'
import { describe, expect, test } from 'vitest'
import { sessions as expressSessions } from '../../src/express.ts'
import { type SessionStore, StoreUnavailableError } from '../../src/index.ts'
import { sessions as nodeSessions } from '../../src/node.ts'
import { expresses } from '../adapters/support/express.ts'
import { serve } from '../adapters/support/server.ts'
import { Visitor } from '../adapters/support/visitor.ts'
import { PlainStore } from '../support/plain-store.ts'

// biome-ignore lint/suspicious/noExplicitAny: what a handler gets, on each host
type Handler = (session: any, say: (answer: unknown) => void) => unknown

const DOWN = new StoreUnavailableError('The store is down.')

const handlers: Record<string, Handler> = {
  cart(session, say) {
    session.cart = ['tea']
    session.csrf = 'planted'
    say('done')
  },
  async login(session, say) {
    await session.login('ada', { keep: ['cart'] })
    session.theme = 'dark'
    say(session.owner)
  },
  forgotten(session, say) {
    void session.login('ada')
    say('signed in')
  },
  async caught(session, say) {
    const told = await session.login('ada').catch(({ code }: { code: string }) => code)
    session.tries = 1
    say(told ?? 'signed in')
  },
  async rotate(session, say) {
    say(await session.rotate())
  },
  async confirm(session, say) {
    say(await session.confirm())
  },
  async logout(session, say) {
    await session.logout()
    say('signed out')
  },
  fresh(session, say) {
    session.requireFresh('10m')
    say('fresh')
  },
  async devices(session, say) {
    say(await session.devices())
  },
  async others(session, say) {
    say(await session.revokeOthers())
  },
  me(session, say) {
    const { owner = null } = session
    say({ owner, values: { ...session } })
  },
}

type Host = (store: SessionStore, options?: object) => http.RequestListener

const onExpress =
  (framework: typeof express): Host =>
  (store, options) => {
    const app = framework()
    app.use(expressSessions({ store, ...options }))
    app.get('/:what', async (req, res, next) => {
      try {
        await handlers[String(req.params.what)]!(req.session, (answer) => res.json(answer))
      } catch (error) {
        next(error)
      }
    })
    app.use(((error, _req, res, _next) => {
      res.status(error.status ?? 500).json({ failed: error.code })
    }) as express.ErrorRequestHandler)
    return app
  }

const onNode: Host = (store, options) => {
  const session = nodeSessions({ store, ...options })
  return (req, res) => {
    const failed = (error: { status?: number; code?: string }) => {
      res.writeHead(error.status ?? 500).end(JSON.stringify({ failed: error.code }))
    }
    session(req, res, async (error) => {
      try {
        if (error) throw error
        await handlers[req.url!.slice(1)]!((req as never as { session: unknown }).session, (answer) =>
          res.end(JSON.stringify(answer)),
        )
      } catch (thrown) {
        failed(thrown as never)
      }
    })
  }
}

const hosts: Record<string, Host> = {
  'node:http': onNode,
  'Express 4': onExpress(expresses['Express 4']!),
  'Express 5': onExpress(expresses['Express 5']!),
}
const places = Object.keys(hosts).flatMap((host) =>
  [false, true].map((slow) => ({
    host,
    slow,
    speed: slow ? 'a slow store' : 'a store that answers at once',
  })),
)

describe.each(places)('$host with $speed', ({ host, slow }) => {
  async function site(options?: object) {
    const store = new PlainStore({ slow })
    const port = await serve(hosts[host]!(store, { ...options, cookie: { secure: false } }))
    return { store, visitor: () => new Visitor(port) }
  }

  test('sign in, ask again, get another id, sign out', async () => {
    const { store, visitor } = await site()
    const ada = visitor()
    await ada.get('/cart')
    const before = ada.cookie
    expect(await ada.get('/fresh')).toMatchObject({ status: 401 })
    expect(await ada.json('/login')).toBe('ada')
    expect(ada.cookie).not.toBe(before)
    expect(await ada.json('/me')).toEqual({ owner: 'ada', values: { cart: ['tea'], theme: 'dark' } })
    expect(await ada.json('/fresh')).toBe('fresh')
    const cookies = new Set([before, ada.cookie])
    expect(await ada.json('/rotate')).toBe(true)
    const replaced = ada.cookie
    expect(await ada.json('/confirm')).toBe(true)
    cookies.add(replaced).add(ada.cookie)
    expect(cookies.size).toBe(4)
    const tab = visitor()
    tab.cookies.set(...(replaced.split('=') as [string, string]))
    expect(await tab.json('/logout')).toBe('signed out')
    expect(await ada.json('/me')).toEqual({ owner: null, values: {} })
    expect(store.all()).toEqual([])
  })

  test('devices, and all others signed out', async () => {
    const { visitor } = await site({
      describe: ({ headers }: http.IncomingMessage) => headers['user-agent'],
    })
    const [phone, laptop] = [visitor(), visitor()]
    await phone.get('/login', { headers: { 'user-agent': 'Phone' } })
    await laptop.get('/login', { headers: { 'user-agent': 'Laptop' } })
    const list = (await phone.json('/devices')) as { about: string; current: boolean }[]
    expect(list.map(({ about, current }) => [about, current])).toEqual([
      ['Laptop', false],
      ['Phone', true],
    ])
    expect(await phone.json('/others')).toBe(true)
    expect(await laptop.json('/me')).toMatchObject({ owner: null })
    expect(await phone.json('/me')).toMatchObject({ owner: 'ada' })
  })

  test('one too many is refused with 403, and stays what they were', async () => {
    const { visitor } = await site({ maxPerOwner: 1, onMaxPerOwner: 'refuse' })
    const [ada, second] = [visitor(), visitor()]
    await ada.get('/login')
    await second.get('/cart')
    expect(await second.get('/login')).toMatchObject({
      status: 403,
      text: JSON.stringify({ failed: 'UNTORN_TOO_MANY_SESSIONS' }),
    })
    expect(await second.json('/me')).toEqual({ owner: null, values: { cart: ['tea'], csrf: 'planted' } })
    expect(await ada.json('/me')).toMatchObject({ owner: 'ada' })
  })

  test.each(['create', 'save'] as const)(
    'a sign-in whose %s fails, and that nobody has waited for, is answered with the error',
    async (method) => {
      const { store, visitor } = await site()
      const ada = visitor()
      await ada.get('/cart')
      const { cookie } = ada
      store.failing.set(method, DOWN)
      // What the sign-in finds first: the owner's record is made, or the session of before is ended.
      const { status, text } = await ada.get('/forgotten')
      expect([status >= 400, text]).toEqual([true, expect.not.stringContaining('signed in')])
      store.failing.clear()
      expect(ada.cookie).toBe(cookie)
      expect(await ada.json('/me')).toEqual({ owner: null, values: { cart: ['tea'], csrf: 'planted' } })
      expect(await ada.json('/forgotten')).toBe('signed in')
      expect(await ada.json('/me')).toMatchObject({ owner: 'ada' })
    },
  )

  test('one that was waited for and caught leaves the handler its answer, and what it has set', async () => {
    const { store, visitor } = await site()
    const ada = visitor()
    await ada.get('/cart')
    store.failing.set('create', DOWN)
    expect(await ada.get('/caught')).toMatchObject({
      status: 200,
      text: JSON.stringify('UNTORN_STORE_UNAVAILABLE'),
    })
    store.failing.clear()
    const { values } = (await ada.json('/me')) as { values: unknown }
    expect(values).toEqual({ cart: ['tea'], csrf: 'planted', tries: 1 })
  })
})
