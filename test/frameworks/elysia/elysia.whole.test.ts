import { type AnyElysia, Elysia, t } from 'elysia'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { PlainSession } from '../../../src/elysia.ts'
import { sessions as fetchSessions } from '../../../src/fetch.ts'
import { createSessions, type SessionEvent, type SessionStore } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { later } from '../../adapters/support/server.ts'
import { breakable, counted, slowly } from '../../adapters/support/stores.ts'
import { fed } from '../../adapters/support/streams.ts'
import { sessions } from './sessions.ts'
import { application, listening } from './site.ts'

const HOME = 'http://shop.example'

/** Sessions over a store, what they tell, and a browser that talks to an application without a server. */
function over(store: SessionStore = memoryStore()) {
  const events: SessionEvent[] = []
  const shared = createSessions({ store, onEvent: (event) => void events.push(event) })
  let cookie = ''
  const visit = async (
    app: { handle(request: Request): Promise<Response> },
    path = '/',
    init: RequestInit = {},
  ) => {
    const answer = await app.handle(
      new Request(HOME + path, { ...init, headers: { cookie, ...init.headers } }),
    )
    const line = answer.headers.getSetCookie().find((each) => each.startsWith('sid='))
    if (line !== undefined) cookie = line.split(';')[0]!
    return answer
  }
  const opened = async () => shared.open(cookie, { secure: false })
  const stored = async () => (await opened()).toJSON()
  const owner = async () => (await opened()).owner
  return { shared, events, visit, stored, owner, use: () => sessions({ sessions: shared }) }
}

/** A page that begins a session. */
function begun(session: PlainSession): string {
  session.views = 1
  return 'begun'
}

const paces: [string, (store: SessionStore) => SessionStore][] = [
  ['at once', (store) => store],
  ['later', slowly],
]

describe.each(paces)('over a store that answers %s', (_, pace) => {
  test.each<[string, number, (session: PlainSession, set: { headers: Record<string, unknown> }) => unknown]>([
    ['a text', 200, () => 'text'],
    ['an object', 200, () => ({ a: 1 })],
    ['nothing', 200, () => undefined],
    ['a response', 200, () => new Response('text')],
    ['a response with a cookie', 200, () => new Response('text', { headers: { 'set-cookie': 'theirs=1' } })],
    ['a redirect whose headers can not be changed', 302, () => Response.redirect(`${HOME}/`, 302)],
    ['headers of `set`', 200, (_session, { headers }) => Object.assign(headers, { 'x-one': '1' }) && 'text'],
    ['a stream', 200, () => new Response(ReadableStream.from([new Uint8Array([65])]))],
  ])('%s has the cookie, once', async (_name, status, answers) => {
    const { use, visit, stored } = over(pace(memoryStore()))
    const app = application()
      .use(use())
      .get('/', ({ session, set }) => {
        session.user = 'Ada'
        return answers(session, set) as string
      })
    const answer = await visit(app)
    const names = answer.headers.getSetCookie().map((line) => line.split('=')[0])
    expect([answer.status, names.filter((name) => name === 'sid')]).toEqual([status, ['sid']])
    expect(await stored()).toEqual({ user: 'Ada' })
  })

  test("Elysia's own cookies, signed ones too, stay beside it", async () => {
    const { use, visit, stored } = over(pace(memoryStore()))
    const app = application({ cookie: { secrets: 'hush', sign: true } })
      .use(use())
      .get('/', ({ session, cookie }) => {
        cookie.one!.value = '1'
        cookie.two!.value = '2'
        return begun(session)
      })
    const lines = (await visit(app)).headers.getSetCookie()
    expect(lines.map((line) => line.split('=')[0]).sort()).toEqual(['one', 'sid', 'two'])
    expect(await stored()).toEqual({ views: 1 })
  })

  test('what an error handler changes is saved with the rest; without one the plain answer has the cookie', async () => {
    const { use, visit, stored } = over(pace(memoryStore()))
    const broken = ({ session }: { session: PlainSession }) => {
      session.user = 'Ada'
      throw new Error('broken')
    }
    const plain = application().use(use()).get('/', broken)
    const first = await visit(plain)
    expect([first.status, first.headers.getSetCookie().length]).toEqual([500, 1])
    const app = application()
      .use(use())
      .onError(({ session, error }) => {
        session!.told = String(error)
        return 'sorry'
      })
      .get('/', broken)
    const answer = await visit(app)
    expect([answer.status, await answer.text()]).toEqual([500, 'sorry'])
    expect(await stored()).toEqual({ user: 'Ada', told: 'Error: broken' })
  })

  test('a thrown status, and a schema that refuses a request, find the session open', async () => {
    const { use, visit, stored } = over(pace(memoryStore()))
    const app = application()
      .use(use())
      .onError(({ session, code }) => {
        if (code === 'VALIDATION') session!.form = 'wrong'
      })
      .post('/', ({ session }) => begun(session), { body: t.Object({ name: t.String() }) })
      .get('/teapot', ({ session, status }) => {
        session.tea = true
        throw status(418, 'short and stout')
      })
    const headers = { 'content-type': 'application/json' }
    expect((await visit(app, '/', { method: 'POST', body: '{}', headers })).status).toBe(422)
    expect((await visit(app, '/teapot')).status).toBe(418)
    expect(await stored()).toEqual({ form: 'wrong', tea: true })
  })

  test('hooks that come after it change the session too, and an early answer has it', async () => {
    const { use, visit, stored, owner } = over(pace(memoryStore()))
    const app = application()
      .use(use())
      .onBeforeHandle(({ session, path }) => {
        session.before = true
        return path === '/early' ? 'early' : undefined
      })
      .onAfterHandle(async ({ session }) => {
        session.after = true
        if (session.owner === undefined) await session.login('Ada', { keep: ['before', 'after'] })
      })
      .mapResponse(({ session }) => {
        session.mapped = true
      })
      .get('/early', () => 'not reached')
      .get('/', () => 'late')
    const early = await visit(app, '/early')
    expect([await early.text(), early.headers.getSetCookie().length]).toEqual(['early', 1])
    expect(await stored()).toEqual({ before: true, after: true, mapped: true })
    expect(await owner()).toBe('Ada')
    expect(await (await visit(app)).text()).toBe('late')
  })
})

describe('an answer that could not be saved', () => {
  test('is gone: its error is for onError, of whoever uses the plugin too, with what was due before', async () => {
    const { store, broken } = breakable()
    const { use, visit, stored } = over(store)
    const told: unknown[] = []
    const auth = new Elysia({ name: 'auth' }).use(use()).as('scoped')
    const app = application()
      .onError(({ error, set }) => {
        told.push(error)
        return `later, please ${set.status}`
      })
      .use(auth)
      .get('/', async ({ session, set }) => {
        await session.login('Ada')
        broken.add('save')
        session.cart = ['tea']
        set.status = 302
        set.headers.location = '/cart'
        set.headers['x-cart'] = '1'
        return ''
      })
    const answer = await visit(app)
    broken.clear()
    expect([answer.status, await answer.text()]).toEqual([503, 'later, please 503'])
    expect(told).toEqual([expect.objectContaining({ code: 'UNTORN_STORE_UNAVAILABLE' })])
    expect(answer.headers.getSetCookie()).toHaveLength(1)
    expect(answer.headers.get('location')).toBeNull()
    expect(await stored()).toEqual({})
  })

  test.each(['web', 'response'] as const)('is let go, and who feeds it is told: %s', async (kind) => {
    const { store, broken } = breakable()
    const { use, visit } = over(store)
    const body = fed()
    const app = application()
      .use(use())
      .onError(() => 'later, please')
      .get('/', ({ session }) => {
        begun(session)
        broken.add('create')
        return kind === 'web' ? body.web : body.response()
      })
    expect((await visit(app)).status).toBe(503)
    expect(body.isLetGo).toBe(true)
  })

  test('where an error handler answered that all is well, it is a plain 503', async () => {
    const { store, broken } = breakable()
    const { use, visit, events } = over(store)
    const app = application()
      .use(use())
      .onError(({ session, set }) => {
        broken.add('create')
        set.status = 200
        session!.told = true
        return 'all is well'
      })
      .get('/', () => {
        throw new Error('broken')
      })
    const answer = await visit(app)
    expect([answer.status, await answer.text()]).toEqual([503, 'Service Unavailable\n'])
    expect(events).toEqual([expect.objectContaining({ type: 'error' })])
  })
})

describe('where it is used', () => {
  test('is where it is: a page beside it costs no look into the store, nor does one that does not ask', async () => {
    const { store, calls } = counted()
    const { use, visit } = over(store)
    const inner = new Elysia({ prefix: '/inner' })
      .use(use())
      .get('/', ({ session }) => begun(session))
      .get('/idle', () => 'idle')
    const app = application()
      .use(inner)
      .get('/', (c) => String('session' in c))
    expect((await visit(app, '/inner')).headers.getSetCookie()).toHaveLength(1)
    calls.length = 0
    expect(await (await visit(app)).text()).toBe('false')
    expect(await (await visit(app, '/inner/idle')).text()).toBe('idle')
    expect(calls).toEqual([])
  })

  test('twice for the same sessions is once; a group and a guard have it, too', async () => {
    const { use, visit, events, stored } = over()
    const part = new Elysia({ name: 'part' }).use(use()).get('/part', ({ session }) => begun(session))
    const app = application()
      .use(use())
      .use(part)
      .group('/group', (group) =>
        group.use(use()).get('/', ({ session }) => {
          session.group = true
          return 'group'
        }),
      )
    await visit(app, '/part')
    await visit(app, '/group')
    await later()
    expect(events.map(({ type }) => type)).toEqual(['created'])
    expect(await stored()).toEqual({ views: 1, group: true })
  })

  test('a request that is handled once more sees what was stored since, and is saved again', async () => {
    const { use, visit, events, stored, shared } = over()
    const app = application()
      .use(use())
      .get('/', ({ session }) => {
        session.views = ((session.views as number | undefined) ?? 0) + 1
        return String(session.views)
      })
    const line = (await visit(app)).headers.getSetCookie()[0]!
    const request = new Request(HOME, { headers: { cookie: line.split(';')[0]! } })
    expect(await (await app.handle(request)).text()).toBe('2')
    await visit(app)
    expect(await (await app.handle(request)).text()).toBe('4')
    await later()
    expect(events.map(({ type }) => type)).toEqual(['created'])
    expect(await stored()).toEqual({ views: 4 })
    await shared.close()
  })

  test.each(paces)(
    'an application that a handler gives its request to is part of it: %s',
    async (_, pace) => {
      const { use, visit, events, stored, owner } = over(pace(memoryStore()))
      const inner = application()
        .use(use())
        .get('/', ({ session }) => {
          session.inner = session.outer
          return 'of the inner one'
        })
      const app = application()
        .use(use())
        .get('/', async ({ session, request }) => {
          session.outer = 1
          const answer = await inner.handle(request)
          expect(answer.headers.getSetCookie()).toEqual([])
          session.last = Object.keys(session)
          await session.login('ada', { keep: ['outer', 'inner', 'last'] })
          return answer.text()
        })
      const answer = await visit(app)
      expect([await answer.text(), answer.headers.getSetCookie().length]).toEqual(['of the inner one', 1])
      expect(await stored()).toEqual({ outer: 1, inner: 1, last: ['outer', 'inner'] })
      expect(await owner()).toBe('ada')
      await later()
      expect(events.map(({ type }) => type)).toEqual(['signed-in'])
    },
  )

  test.each(paces)('within a handler of untorn/fetch it leaves the commit to that: %s', async (_, pace) => {
    const { shared, use, visit, events, stored } = over(pace(memoryStore()))
    const inner = application()
      .use(use())
      .onAfterHandle(({ session }) => {
        session.hooked = true
      })
      .get('/', ({ session }) => begun(session))
    const outer = fetchSessions({ sessions: shared })
    const handle = (request: Request) =>
      outer.handle(request, async (session) => {
        const answer = await inner.handle(request)
        expect(answer.headers.getSetCookie()).toEqual([])
        session.last = session.views
        return answer
      })
    expect((await visit({ handle })).headers.getSetCookie()).toHaveLength(1)
    expect(await stored()).toEqual({ views: 1, hooked: true, last: 1 })
    await later()
    expect(events.map(({ type }) => type)).toEqual(['created'])
  })

  test('two of other names stand side by side, each with its cookie', async () => {
    const store = memoryStore()
    const app = application()
      .use(sessions<{ user: string }>({ store }))
      .use(sessions<{ role: string }, 'admin'>({ store, as: 'admin', cookie: { name: 'admin' } }))
      .get('/', ({ session, admin }) => {
        session.user = 'Ada'
        admin.role = 'all'
        return 'both'
      })
    const lines = (await app.handle(new Request(`${HOME}/`))).headers.getSetCookie()
    expect(lines.map((line) => line.split('=')[0]).sort()).toEqual(['admin', 'sid'])
  })

  test('a generator goes on after the head: a change is told with its line', async () => {
    const { use, events } = over()
    const app = application()
      .use(use())
      .get('/', async function* ({ session }) {
        session.begun = true
        yield 'one'
        await later()
        session.late = true
        yield 'two'
      })
    const { url, close } = await listening(app)
    onTestFinished(close)
    const answer = await fetch(`${url}/`)
    expect(answer.headers.getSetCookie()).toHaveLength(1)
    expect(await answer.text()).toContain('two')
    await later()
    expect(events).toEqual([
      expect.objectContaining({ type: 'created' }),
      expect.objectContaining({ type: 'late-change', at: expect.stringContaining('elysia.whole.test.ts') }),
    ])
  })

  test('an upgrade to a WebSocket begins no session', async () => {
    const { use, visit, events } = over()
    const app = application()
      .use(use())
      .get('/', ({ session }) => begun(session))
    const answer = await visit(app, '/', { headers: { upgrade: 'websocket' } })
    expect([answer.headers.getSetCookie(), events]).toEqual([[], []])
  })
})

describe('what can not work is refused', () => {
  const wrong = (options: unknown) => () => sessions(options as never)

  test('where it is made', () => {
    expect(wrong(() => {})).toThrow(expect.objectContaining({ code: 'UNTORN_MISUSE' }))
    expect(wrong(new Elysia())).toThrow(/without being called/)
    expect(wrong({ as: '' })).toThrow(
      expect.objectContaining({ code: 'UNTORN_INVALID_OPTION', option: 'as' }),
    )
    expect(wrong({ trustProxy: 'yes' })).toThrow(expect.objectContaining({ option: 'trustProxy' }))
    const plugin = sessions({ store: memoryStore() })
    expect(() => plugin({})).toThrow(/is a plugin of Elysia/)
    expect(() => new Elysia().decorate('session', 1).use(plugin)).toThrow(
      /`session` is there already.*use `name`/,
    )
  })

  test.each<[string, () => AnyElysia, RegExp]>([
    [
      'the same cookie twice',
      () => application().use(sessions({ store: memoryStore() })),
      /mounted twice, .* inner one is `session`/,
    ],
    ['an application without `wrap`', () => application({ aot: false }), /`aot: false`/],
  ])('where it is asked for: %s', async (_name, made, message) => {
    const app: AnyElysia = made()
      .use(sessions({ store: memoryStore() }))
      .onError(({ error }) => String(error))
      .get('/', () => 'served')
    expect(await (await app.handle(new Request(`${HOME}/`))).text()).toMatch(message)
  })
})
