import { describe, expect, test } from 'vitest'
import { FetchMount } from '../../../src/adapters/fetch/mount.ts'
import { innermostOn } from '../../../src/adapters/request/sessions-on.ts'
import { sessions as fetchSessions, type PlainSession } from '../../../src/fetch.ts'
import { sessions as honoSessions } from '../../../src/hono.ts'
import { createSessions, type SessionEvent, type Sessions } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { sessions as routerSessions } from '../../../src/react-router.ts'
import { sessions as svelteKitSessions } from '../../../src/sveltekit.ts'
import { sessions as startSessions } from '../../../src/tanstack-start.ts'
import { later } from '../support/server.ts'
import { breakable, counted, slowly } from '../support/stores.ts'

// As much of each framework as its adapter asks for; test/frameworks has the real ones, in the whole run.

type Values = Record<string, unknown>
type Page = (session: Values) => Promise<void> | void

/** Answers a request with mounts of these sessions one within the other, `page` behind the last and `behind` within the first. */
type Serve = (request: Request, mounts: readonly Sessions[], page: Page, behind: Page) => Promise<Response>

const answer = () => new Response('in')

const HOSTS: Record<string, Serve> = {
  fetch(request, [outer, inner], page, behind) {
    return fetchSessions({ sessions: outer! }).handle(request, async (session) => {
      const route = async (within: object) => {
        await page(within as Values)
        return answer()
      }
      if (inner === undefined) await route(session)
      else await fetchSessions({ sessions: inner }).handle(request, route)
      await behind(session as Values)
      return answer()
    })
  },

  async 'TanStack Start'(request, [outer, inner], page, behind) {
    const inAll = startSessions({ sessions: outer! })
    const { response } = await inAll.handle(request, async (session) => {
      const result = async (within: object) => {
        await page(within as Values)
        return { response: answer() }
      }
      const app = inner === outer ? inAll : startSessions({ sessions: inner! })
      const done = await (inner === undefined ? result(session) : app.handle(request, result))
      await behind(session as Values)
      return done
    })
    return response
  },

  'React Router'(request, [outer, inner], page, behind) {
    const all = new Map<object, unknown>()
    const context = {
      get: (key: object) => all.get(key) as never,
      set: (key: object, value: unknown) => void all.set(key, value),
    }
    const root = routerSessions({ sessions: outer! })
    const app = inner === outer ? root : inner && routerSessions({ sessions: inner })
    const route = async () => {
      await page((app ?? root).getSession(context) as Values)
      return answer()
    }
    return root.middleware({ request, context }, async () => {
      const response = await (app === undefined ? route() : app.middleware({ request, context }, route))
      await behind(root.getSession(context) as Values)
      return response
    })
  },

  SvelteKit(request, [outer, inner], page, behind) {
    const event = { request, locals: {} as { session: Values }, cookies: { set() {} }, isSubRequest: false }
    const resolve = async () => {
      await page(event.locals.session)
      return answer()
    }
    return svelteKitSessions({ sessions: outer! })({
      event,
      async resolve() {
        const within = inner && svelteKitSessions({ sessions: inner })
        const response = await (within === undefined ? resolve() : within({ event, resolve }))
        await behind(event.locals.session)
        return response
      },
    })
  },

  async Hono(request, [outer, inner], page, behind) {
    const all = new Map<unknown, unknown>()
    const c = {
      req: { raw: request },
      env: {},
      res: answer() as Response | undefined,
      get: (name: unknown) => all.get(name),
      set: (name: unknown, value: unknown) => void all.set(name, value),
    }
    const run = (sessions: Sessions, next: () => Promise<void>) =>
      (honoSessions({ sessions }) as unknown as (c: object, next: () => Promise<void>) => Promise<void>)(
        c,
        next,
      )
    const route = async () => page(c.get('session') as Values)
    await run(outer!, async () => {
      await (inner === undefined ? route() : run(inner, route))
      await behind(c.get('session') as Values)
    })
    return c.res!
  },
}

const nothing = () => {}

/** As a refusal of two sessions under one cookie says it. */
const TWICE = /mounted twice, each time for the cookie "sid" of the path \//

function shop() {
  const events: SessionEvent[] = []
  const { store, calls } = counted()
  const shared = createSessions({
    store,
    cookie: { secure: false },
    onEvent: (event) => void events.push(event),
  })
  const asked = (cookie = '') => new Request('http://shop.example/', { headers: { cookie } })
  const cookieOf = (response: Response) => response.headers.getSetCookie()[0]!.split(';')[0]!
  const stored = async (cookie: string) => (await shared.open(cookie, { secure: false })).toJSON()
  const changes = () => calls.filter((call) => call === 'create' || call === 'save')
  return { events, changes, shared, asked, cookieOf, stored }
}

describe.each(Object.entries(HOSTS))('%s', (_name, serve) => {
  test('two mounts of the same sessions are one, which the outer one commits', async () => {
    const { events, changes, shared, asked, cookieOf, stored } = shop()
    const response = await serve(
      asked(),
      [shared, shared],
      (session) => {
        session.user = 'Ada'
      },
      (session) => {
        expect(changes()).toEqual([])
        session.cart = ['tea']
      },
    )
    expect(response.headers.getSetCookie()).toHaveLength(1)
    expect(await stored(cookieOf(response))).toEqual({ user: 'Ada', cart: ['tea'] })
    expect(events.map(({ type }) => type)).toEqual(['created'])
    expect(changes()).toEqual(['create'])
  })
})

const PAIRS = Object.keys(HOSTS).flatMap((outer) => Object.keys(HOSTS).map((inner) => ({ outer, inner })))

describe.each(PAIRS)('an application of $inner within a handler of $outer', (names) => {
  const [outer, inner] = [HOSTS[names.outer]!, HOSTS[names.inner]!]

  test('that is given the same request has its session, and leaves the commit to it', async () => {
    const { events, changes, shared, asked, cookieOf, stored } = shop()
    const request = asked()
    const response = await outer(
      request,
      [shared],
      async (session) => {
        session.user = 'Ada'
        for (const seen of ['once', 'twice']) {
          const passedOn = inner(
            request,
            [shared],
            (same) => {
              expect(same.user).toBe('Ada')
              same.seen = seen
            },
            nothing,
          )
          expect((await passedOn).headers.getSetCookie()).toEqual([])
          expect(changes()).toEqual([])
        }
        session.cart = ['tea']
        await (session as unknown as PlainSession).rotate()
      },
      nothing,
    )
    expect(response.headers.getSetCookie()).toHaveLength(1)
    expect(await stored(cookieOf(response))).toEqual({ user: 'Ada', seen: 'twice', cart: ['tea'] })
    await later()
    expect(events.map(({ type }) => type)).toEqual(['created'])
  })

  test('and fails there leaves the answer to it, with a session that it has begun', async () => {
    const { events, shared, asked, cookieOf, stored } = shop()
    const request = asked()
    const response = await outer(
      request,
      [shared],
      async (session) => {
        const passedOn = inner(
          request,
          [shared],
          (same) => {
            same.attempts = 1
            throw new Error('a deadlock')
          },
          nothing,
        )
        await expect(passedOn).rejects.toThrow('a deadlock')
        session.told = true
      },
      nothing,
    )
    expect(response.headers.getSetCookie()).toHaveLength(1)
    expect(await stored(cookieOf(response))).toEqual({ attempts: 1, told: true })
    await later()
    expect(events.map(({ type }) => type)).toEqual(['created'])
  })

  test('by other sessions under the same cookie is refused', async () => {
    const [ours, theirs] = [shop().shared, shop().shared]
    const request = new Request('http://shop.example/')
    const passingOn: Page = async () => void (await inner(request, [theirs], nothing, nothing))
    await expect(outer(request, [ours], passingOn, nothing)).rejects.toThrow(TWICE)
    // One after the other has nothing of the other.
    await expect(inner(request, [theirs], nothing, nothing)).resolves.toBeDefined()
  })
})

test('a request that is answered again and again, by two mounts, keeps one session of each', async () => {
  const mounts = ['one', 'other'].map(
    (name) => new FetchMount<object>({ store: memoryStore(), cookie: { name } }, memoryStore),
  )
  const request = new Request('http://shop.example/')
  for (const mount of [...mounts, ...mounts, ...mounts]) {
    const session = mount.toAnswer(request)
    expect(session.hold()).toBe(true)
    expect(session.isUncommitted).toBe(true)
    await session.commitUnanswered()
    session.release()
  }
  const kept: object[] = []
  for (let each = innermostOn(request); each !== undefined; each = each.outer) kept.push(each)
  expect(kept).toEqual(mounts.toReversed().map((mount) => mount.of(request)))
})

const sees =
  (views: number): Page =>
  (session) =>
    void Object.assign(session, { views })

describe.each(Object.entries(HOSTS))('%s', (_name, serve) => {
  test('a request whose session could not be loaded is answered once more, and saved', async () => {
    const { store, broken } = breakable()
    const shared = createSessions({ store: slowly(store), cookie: { secure: false } })
    const asked = (cookie: string) => new Request('http://shop.example/', { headers: { cookie } })
    const first = await serve(asked(''), [shared], sees(1), nothing)
    const cookie = first.headers.getSetCookie()[0]!.split(';')[0]!
    const request = asked(cookie)
    broken.add('load')
    await expect(serve(request, [shared], nothing, nothing)).rejects.toThrow()
    broken.clear()
    await serve(request, [shared], sees(2), nothing)
    expect((await shared.open(cookie, { secure: false })).toJSON()).toEqual({ views: 2 })
  })

  test('others under the same cookie are refused', async () => {
    const [outer, inner] = [
      createSessions({ store: memoryStore() }),
      createSessions({ store: memoryStore() }),
    ]
    const serving = serve(new Request('http://shop.example/'), [outer, inner], nothing, nothing)
    await expect(serving).rejects.toThrow(TWICE)
  })
})

// What untorn/fetch does with one is in answers.test.ts.
describe.each(Object.entries(HOSTS).filter(([name]) => name !== 'fetch'))('%s', (_name, serve) => {
  test('a request that is answered once more sees what was stored since, and is saved again', async () => {
    const { events, shared, asked, cookieOf, stored } = shop()
    const first = await serve(
      asked(),
      [shared],
      (session) => void Object.assign(session, { views: 1 }),
      nothing,
    )
    const cookie = cookieOf(first)
    const request = asked(cookie)
    const seen: unknown[] = []
    const count: Page = (session) => {
      seen.push(session.views)
      session.views = Number(session.views) + 1
    }
    await serve(request, [shared], count, nothing)
    await serve(asked(cookie), [shared], count, nothing)
    await serve(request, [shared], count, nothing)
    expect(seen).toEqual([1, 2, 3])
    expect(await stored(cookie)).toEqual({ views: 4 })
    await later()
    expect(events.map(({ type }) => type)).toEqual(['created'])
  })
})

describe.each(Object.entries(HOSTS).filter(([name]) => name !== 'Hono'))(
  '%s, a handler that fails',
  (_name, serve) => {
    test('and is tried again has what is stored, and its sign-in has its cookie', async () => {
      const { shared, asked, cookieOf, stored } = shop()
      const cookie = cookieOf(
        await serve(asked(), [shared], (session) => void Object.assign(session, { cart: ['tea'] }), nothing),
      )
      const request = asked(cookie)
      const seen: unknown[] = []
      const failing = serve(request, [shared], fails, nothing)
      await expect(failing).rejects.toThrow('a deadlock')
      const response = await serve(
        request,
        [shared],
        async (session) => {
          seen.push(session.cart)
          await (session as unknown as PlainSession).login('ada', { keep: ['cart'] })
        },
        nothing,
      )
      expect(seen).toEqual([['tea']])
      expect(response.headers.getSetCookie()).toHaveLength(1)
      expect(await stored(cookieOf(response))).toEqual({ cart: ['tea'] })
    })
  },
)

const fails: Page = () => {
  throw new Error('a deadlock')
}
