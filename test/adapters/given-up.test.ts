import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type SessionEvent, type SessionStore, type SessionsOptions, union } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import {
  type RouterContext,
  type RouterContexts,
  sessions as routerSessions,
} from '../../src/react-router.ts'
import { sessions as startSessions } from '../../src/tanstack-start.ts'
import { gate } from '../../src/testing/adapter/gate.ts'
import { aWhile } from '../support/a-while.ts'
import { breakable, pace } from './support/stores.ts'

type Values = Record<string, unknown>
type Page = (session: Values & { logout(): Promise<void> }) => unknown
/** Answers a request by what a page gives; where it is aborted before that, at once, as the host does. */
type Serve = (request: Request, page: Page) => Promise<Response>

const left = (request: Request) =>
  new Promise<void>((gone) => request.signal.addEventListener('abort', () => gone()))

type Options = SessionsOptions<Values>

function reactRouter(options: Options): Serve {
  const app = routerSessions(options)
  return (request, page) => {
    const values = new Map<unknown, unknown>()
    const context = {
      get: <Value>(key: RouterContext<Value>) => values.get(key) as Value,
      set: <Value>(key: RouterContext<Value>, value: Value) => void values.set(key, value),
    } satisfies RouterContexts
    return app.middleware({ request, context }, async () => {
      const answered = Promise.resolve(page(app.getSession(context) as never))
      const failed = left(request).then(() => new Response('Aborted', { status: 500 }))
      return Promise.race([answered.then(() => new Response('done')), failed])
    })
  }
}

function tanStackStart(options: Options): Serve {
  const app = startSessions(options)
  return async (request, page) => {
    const result = await app.handle(request, (session) => {
      const answered = Promise.resolve(page(session as never))
      const failed = left(request).then(() => Promise.reject(request.signal.reason))
      return Promise.race([answered.then(() => ({ response: new Response('done') })), failed])
    })
    return result.response
  }
}

const hosts: Record<string, (options: Options) => Serve> = {
  'React Router': reactRouter,
  'TanStack Start': tanStackStart,
}

/** A store, and in it the session of a visitor who has been there once. */
async function visited(host: (options: Options) => Serve, store: SessionStore, merge: Options['merge'] = {}) {
  const events: string[] = []
  const errors: unknown[] = []
  const onEvent = (event: SessionEvent) => {
    events.push(event.type)
    if (event.type === 'error') errors.push(event.error)
  }
  const serve = host({ store, merge, onEvent })
  const ask = (cookie: string, signal?: AbortSignal) =>
    new Request('https://shop.example/', { headers: { cookie }, ...(signal && { signal }) })
  const first = await serve(ask(''), (session) => {
    session.name = 'Ada'
    session.cart = { items: ['tea'] }
  })
  const cookie = first.headers.getSetCookie()[0]!.split(';')[0]!
  const values = async () => {
    let seen: Values = {}
    await serve(ask(cookie), (session) => {
      seen = { ...session }
    })
    return seen
  }
  /** A page whose client goes once it has been called, and which goes on with `then`. */
  const giveUp = async (then: Page, by = cookie) => {
    const client = new AbortController()
    const [called, gone] = [gate(), gate()]
    let over: Promise<unknown> | undefined
    const answer = serve(ask(by, client.signal), (session) => {
      called.open()
      over = gone.opened.then(() => then(session))
      return over
    }).catch(() => undefined)
    await called.opened
    client.abort()
    await answer
    gone.open()
    await over
  }
  const visit = (page: Page) => serve(ask(cookie), page)
  return { events, errors, values, visit, giveUp }
}

interface Cart {
  items: unknown[]
}
const cartIn = (session: Values) => session.cart as Cart

const TIMERS = { toFake: ['setTimeout', 'clearTimeout'] } satisfies Parameters<typeof vi.useFakeTimers>[0]
afterEach(() => void vi.useRealTimers())

describe.each(Object.entries(hosts))('%s gives a request up whose client has gone', (_name, host) => {
  test.each(Object.entries(pace))('what its handler changes then is saved, over %s', async (_pace, paced) => {
    const { values, giveUp, events } = await visited(host, paced(memoryStore()))
    await giveUp(async (session) => {
      session.one = 1
      session.two = 2
      await delay(20)
      session.three = 3
      delete session.name
      delete session.cart
    })
    await expect.poll(values).toEqual({ one: 1, two: 2, three: 3 })
    expect(events).not.toContain('late-change')
  })

  test.each(Object.entries(pace))(
    'what it changes deep inside a value is, too, over %s',
    async (_pace, paced) => {
      const { values, giveUp, events } = await visited(host, paced(memoryStore()))
      await giveUp((session) => void cartIn(session).items.push('milk'))
      await expect.poll(values).toEqual({ name: 'Ada', cart: { items: ['tea', 'milk'] } })
      expect(events).not.toContain('late-change')
    },
  )

  test.each([
    ['sets', () => {}],
    ['changes deep inside', (session: Values) => void cartIn(session).items.push('milk')],
  ])('but it begins no session by what it %s', async (_how, change) => {
    vi.useFakeTimers(TIMERS)
    const store = memoryStore()
    const { giveUp } = await visited(host, store)
    await giveUp((session) => {
      session.cart = { items: [] }
      change(session)
    }, '')
    await aWhile(20)
    await vi.advanceTimersByTimeAsync(60_000)
    let stored = 0
    for await (const _ of store.records()) stored++
    expect(stored).toBe(1)
  })
})

describe.each(Object.entries(hosts))('%s: a value whose handler goes on to change it', (_name, host) => {
  /** The cart as the handler holds it, who does with it what a test does. */
  async function held(store: SessionStore = memoryStore(), merge?: Options['merge']) {
    vi.useFakeTimers(TIMERS)
    const visitor = await visited(host, store, merge)
    let cart: Cart | undefined
    await visitor.giveUp((session) => {
      cart = cartIn(session)
    })
    const items = async () => ((await visitor.values()).cart as Cart | undefined)?.items
    return { ...visitor, cart: cart!, items }
  }

  test('is looked at for a minute, and no longer', async () => {
    const { cart, items, events } = await held()
    for (const seconds of [0, 1, 5, 20]) {
      await vi.advanceTimersByTimeAsync(seconds * 1000)
      cart.items.push(seconds)
      await vi.advanceTimersByTimeAsync(5000)
      expect(await items()).toContain(seconds)
    }
    await vi.advanceTimersByTimeAsync(14_000)
    cart.items.push('too late')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await items()).toEqual(['tea', 0, 1, 5, 20])
    expect(events).not.toContain('error')
  })

  test('is not looked at where the client has stayed', async () => {
    vi.useFakeTimers(TIMERS)
    const { visit, values } = await visited(host, memoryStore())
    let cart: Cart | undefined
    await visit((session) => {
      cart = cartIn(session)
    })
    cart?.items.push('milk')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await values()).toMatchObject({ cart: { items: ['tea'] } })
  })

  test('is saved once it is whole', async () => {
    const { cart, items, errors } = await held()
    cart.items.push(cart)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await items()).toEqual(['tea'])
    cart.items.splice(1, 1, 'milk')
    await vi.advanceTimersByTimeAsync(5000)
    expect(await items()).toEqual(['tea', 'milk'])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(errors).toEqual([])
  })

  test('and never is whole, is told of once', async () => {
    const { cart, errors } = await held()
    cart.items.push(cart)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(errors).toEqual([expect.objectContaining({ code: 'UNTORN_NOT_SERIALISABLE' })])
  })

  test('is saved when the store is there again', async () => {
    const { store, broken } = breakable()
    const { cart, items, errors } = await held(store)
    broken.add('save')
    cart.items.push('milk')
    await vi.advanceTimersByTimeAsync(10_000)
    broken.clear()
    expect(await items()).toEqual(['tea'])
    await vi.advanceTimersByTimeAsync(5000)
    expect(await items()).toEqual(['tea', 'milk'])
    expect(errors).toEqual([])
  })

  test('is nothing to a session that was ended meanwhile, which stays so', async () => {
    const store = memoryStore()
    const { cart, visit, events, errors } = await held(store)
    await visit((session) => session.logout())
    cart.items.push('milk')
    await vi.advanceTimersByTimeAsync(100)
    cart.items.push('bread')
    await vi.advanceTimersByTimeAsync(60_000)
    for await (const [key] of store.records()) expect(key).toBeUndefined()
    expect([events.filter((type) => type === 'gone'), errors]).toEqual([['gone'], []])
  })

  test('is merged with what other requests do, again and again', async () => {
    const { cart, items, visit } = await held(memoryStore(), { cart: union })
    for (const [mine, theirs] of [
      ['milk', 'bread'],
      ['salt', 'oil'],
    ]) {
      await visit((session) => void cartIn(session).items.push(theirs))
      cart.items.push(mine)
      await vi.advanceTimersByTimeAsync(5000)
    }
    expect(await items()).toEqual(['tea', 'bread', 'milk', 'oil', 'salt'])
  })
})
