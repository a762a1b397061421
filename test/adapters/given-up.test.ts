import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { SessionEvent, SessionStore } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import {
  type RouterContext,
  type RouterContexts,
  sessions as routerSessions,
} from '../../src/react-router.ts'
import { sessions as startSessions } from '../../src/tanstack-start.ts'
import { gate } from '../../src/testing/adapter/gate.ts'
import { pace } from './support/stores.ts'

type Values = Record<string, unknown>
type Page = (session: Values & { login(owner: string): Promise<void> }) => unknown
/** Answers a request by what a page gives; where it is aborted before that, at once, as the host does. */
type Serve = (request: Request, page: Page) => Promise<Response>

const left = (request: Request) =>
  new Promise<void>((gone) => request.signal.addEventListener('abort', () => gone()))

function reactRouter(store: SessionStore, onEvent: (event: SessionEvent) => void): Serve {
  const app = routerSessions({ store, onEvent })
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

function tanStackStart(store: SessionStore, onEvent: (event: SessionEvent) => void): Serve {
  const app = startSessions({ store, onEvent })
  return async (request, page) => {
    const result = await app.handle(request, (session) => {
      const answered = Promise.resolve(page(session as never))
      const failed = left(request).then(() => Promise.reject(request.signal.reason))
      return Promise.race([answered.then(() => ({ response: new Response('done') })), failed])
    })
    return result.response
  }
}

describe.each([
  ['React Router', reactRouter],
  ['TanStack Start', tanStackStart],
])('%s gives a request up whose client has gone', (_name, host) => {
  async function visited(store: SessionStore) {
    const events: string[] = []
    const serve = host(store, ({ type }) => void events.push(type))
    const ask = (cookie: string, signal?: AbortSignal) =>
      new Request('https://shop.example/', { headers: { cookie }, ...(signal && { signal }) })
    const first = await serve(ask(''), (session) => {
      session.name = 'Ada'
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
    return { events, values, giveUp }
  }

  test.each(Object.entries(pace))('what its handler changes then is saved, over %s', async (_pace, paced) => {
    const { values, giveUp, events } = await visited(paced(memoryStore()))
    await giveUp(async (session) => {
      session.one = 1
      session.two = 2
      await delay(20)
      session.three = 3
      delete session.name
    })
    await expect.poll(values).toEqual({ one: 1, two: 2, three: 3 })
    expect(events).not.toContain('late-change')
  })

  test('but it begins no session', async () => {
    const store = memoryStore()
    const { giveUp } = await visited(store)
    await giveUp((session) => {
      session.name = 'nobody'
    }, '')
    await delay(20)
    let stored = 0
    for await (const _ of store.records()) stored++
    expect(stored).toBe(1)
  })
})
