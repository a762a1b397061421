import { describe, expect, test } from 'vitest'
import { letGo } from '../../../src/adapters/fetch/answer.ts'
import { answerOf } from '../../../src/adapters/next/answer.ts'
import { type PlainSession, sessions } from '../../../src/fetch.ts'
import type { SessionEvent, SessionStore, SessionsOptions } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { later } from '../support/server.ts'
import { breakable, holding, slowly } from '../support/stores.ts'
import { fed } from '../support/streams.ts'

type Handler = (session: PlainSession, request: Request) => Response | Promise<Response>

/** One visitor of a host that calls `handle`. */
function visiting(store: SessionStore = memoryStore(), options: SessionsOptions = {}) {
  const events: SessionEvent[] = []
  const app = sessions({ store, onEvent: (event) => void events.push(event), ...options })
  const visitor = { app, events, cookie: '', request, visit, values }
  function request(): Request {
    return new Request('https://shop.example/', { headers: { cookie: visitor.cookie } })
  }
  async function visit(handler: Handler): Promise<Response> {
    const response = await app.handle(request(), handler)
    const [line] = response.headers.getSetCookie()
    if (line !== undefined) visitor.cookie = line.split(';')[0]!
    return response
  }
  async function values(): Promise<unknown> {
    return (await app.sessions.open(visitor.cookie)).toJSON()
  }
  return visitor
}

const begins: Handler = (session) => {
  session.name = 'Ada'
  return new Response('ok')
}

/** One of status 101 can't be made by hand; a host that upgrades has it from its own means. */
const switching = { status: 101, headers: new Headers() } as Response

describe('an answer that stands in a constant', () => {
  test.each([
    ['a redirect', Response.redirect('https://shop.example/home', 303)],
    ['one without a body, whose headers can be changed', new Response(null, { status: 204 })],
  ])('%s gives nobody the cookie of another visitor', async (_what, answer) => {
    const store = memoryStore()
    const [ada, bob] = [visiting(store), visiting(store)]
    const first = await ada.visit(async (session) => {
      await session.login('ada')
      return answer
    })
    expect([first.status, first.headers.getSetCookie().length]).toEqual([answer.status, 1])
    const second = await bob.visit((session) => {
      expect(session.owner).toBeUndefined()
      return answer
    })
    expect(second.headers.getSetCookie()).toEqual([])
    expect(second.headers.get('cache-control')).toBeNull()
    expect(answer.headers.getSetCookie()).toEqual([])
    const thrown = await ada.visit((session) => {
      session.seen = true
      throw answer
    })
    expect(thrown.status).toBe(answer.status)
  })

  test('keeps what its framework has noted on it', async () => {
    const { visit } = visiting()
    const noted = Object.assign(new Response(null, { status: 303 }), { options: { to: '/' } })
    const answer = await visit(async (session) => {
      await session.login('ada')
      return noted
    })
    expect(answer).not.toBe(noted)
    expect(answer).toMatchObject({ options: { to: '/' } })
  })
})

describe('an answer that is no usual one', () => {
  test('of which the headers can not be changed is made anew, with its status and its body', async () => {
    const { visit } = visiting()
    const fetched = await fetch('data:text/plain,tea')
    expect(() => fetched.headers.set('a', 'b')).toThrow(TypeError)
    const answer = await visit((session) => {
      session.name = 'Ada'
      return fetched
    })
    expect(answer).not.toBe(fetched)
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'text/plain',
      'tea',
    ])
    expect(answer.headers.getSetCookie()).toHaveLength(1)
  })

  test('that needs nothing more is handed on as it is', async () => {
    const { visit } = visiting()
    const redirect = Response.redirect('https://shop.example/', 303)
    expect(await visit(() => redirect)).toBe(redirect)
  })

  test.each([
    ['that switches protocols', switching],
    ['of a network error', Response.error()],
  ])('%s passes as it is: values are saved, and no session begins', async (_name, response) => {
    const visitor = visiting()
    const passing: Handler = (session) => {
      session.at = 1
      return response
    }
    expect(await visitor.visit(passing)).toBe(response)
    expect(visitor.events).toEqual([])
    await visitor.visit(begins)
    expect(await visitor.visit(passing)).toBe(response)
    expect(await visitor.values()).toEqual({ name: 'Ada', at: 1 })
  })

  test('that is thrown counts as returned', async () => {
    const visitor = visiting()
    const answer = await visitor.visit((session) => {
      session.name = 'Ada'
      throw new Response('no', { status: 403 })
    })
    expect([answer.status, answer.headers.getSetCookie().length]).toEqual([403, 1])
    expect(await visitor.values()).toEqual({ name: 'Ada' })
  })
})

describe.each([
  ['a store that answers at once', () => memoryStore()],
  ['a store that answers later', () => slowly(memoryStore())],
])('what a handler has done before it throws, over %s', (_name, open) => {
  const failure = new Error('a handler fails')
  const fails =
    (work: (session: PlainSession) => unknown): Handler =>
    async (session) => {
      await work(session)
      throw failure
    }

  test('values are saved, and its error is thrown on', async () => {
    const visitor = visiting(open())
    await visitor.visit(begins)
    await expect(visitor.visit(fails((session) => Object.assign(session, { attempts: 1 })))).rejects.toBe(
      failure,
    )
    expect(await visitor.values()).toEqual({ name: 'Ada', attempts: 1 })
  })

  test('no session begins, as no cookie would follow', async () => {
    const visitor = visiting(open())
    await expect(visitor.visit(fails((session) => Object.assign(session, { attempts: 1 })))).rejects.toBe(
      failure,
    )
    expect(await visitor.app.sessions.count()).toBe(0)
    expect(visitor.events).toEqual([])
  })

  test("a sign-in stands in the store, and has no cookie: the id of before is nobody's", async () => {
    const visitor = visiting(open())
    await visitor.visit(begins)
    await expect(visitor.visit(fails((session) => session.login('ada')))).rejects.toBe(failure)
    expect(await visitor.values()).toEqual({})
    expect(await visitor.app.sessions.list('ada')).toHaveLength(1)
    // Whoever tries again is signed in.
    await visitor.visit(async (session) => {
      await session.login('ada')
      return new Response('ok')
    })
    expect((await visitor.app.sessions.open(visitor.cookie)).owner).toBe('ada')
  })

  test('a sign-out stands, and the cookie is removed by the next answer', async () => {
    const visitor = visiting(open())
    await visitor.visit(begins)
    await expect(visitor.visit(fails((session) => session.destroy()))).rejects.toBe(failure)
    const next = await visitor.visit((session) => new Response(String(session.name)))
    expect(await next.text()).toBe('undefined')
    expect(next.headers.getSetCookie()[0]).toMatch(/^__Host-sid=; Max-Age=0/)
  })

  test('what it has saved itself stands', async () => {
    const visitor = visiting(open())
    await visitor.visit(begins)
    const work = fails(async (session) => {
      session.step = 1
      await session.save()
      session.step = 2
    })
    await expect(visitor.visit(work)).rejects.toBe(failure)
    expect(await visitor.values()).toEqual({ name: 'Ada', step: 2 })
  })
})

test("an error of the store beside a handler's own is an event, and the handler's is thrown on", async () => {
  const { store, broken } = breakable()
  const visitor = visiting(store)
  await visitor.visit(begins)
  const failure = new Error('a handler fails')
  const answering = visitor.visit((session) => {
    session.attempts = 1
    broken.add('save')
    throw failure
  })
  await expect(answering).rejects.toBe(failure)
  expect(visitor.events.at(-1)).toMatchObject({ type: 'error', error: { code: 'UNTORN_STORE_UNAVAILABLE' } })
})

describe('one request in several hands', () => {
  test('has one session, and is saved once the outermost handler has its response', async () => {
    const visitor = visiting()
    const answer = await visitor.visit(async (session, request) => {
      session.outer = 1
      const inner = await visitor.app.handle(request, (same) => {
        expect(same.outer).toBe(1)
        same.inner = 2
        return new Response('inner')
      })
      expect(inner.headers.getSetCookie()).toEqual([])
      session.last = 3
      return inner
    })
    expect([await answer.text(), answer.headers.getSetCookie().length]).toEqual(['inner', 1])
    expect(await visitor.values()).toEqual({ outer: 1, inner: 2, last: 3 })
    await later()
    expect(visitor.events.map(({ type }) => type)).toEqual(['created'])
  })

  test('whose inner handler throws is answered by the outer one, with the session that began', async () => {
    const visitor = visiting()
    const answer = await visitor.visit(async (session, request) => {
      const inner = visitor.app.handle(request, (same) => {
        same.attempts = 1
        throw new Error('the inner one fails')
      })
      return inner.catch(() => new Response(`${session.attempts} attempts`, { status: 500 }))
    })
    expect([answer.status, await answer.text(), answer.headers.getSetCookie().length]).toEqual([
      500,
      '1 attempts',
      1,
    ])
    expect(await visitor.values()).toEqual({ attempts: 1 })
  })

  test('that is handled again afterwards is saved again', async () => {
    const visitor = visiting()
    const request = visitor.request()
    const first = await visitor.app.handle(request, begins)
    const second = await visitor.app.handle(request, (session) => {
      session.name = 'Grace'
      return new Response('ok')
    })
    expect(second.headers.getSetCookie()).toEqual(first.headers.getSetCookie())
    visitor.cookie = second.headers.getSetCookie()[0]!.split(';')[0]!
    expect(await visitor.values()).toEqual({ name: 'Grace' })
  })
})

describe('in two steps', () => {
  test('nothing is saved without the second', async () => {
    const visitor = visiting()
    await visitor.visit(begins)
    const { session } = await visitor.app.open(visitor.request())
    session.name = 'Grace'
    await later()
    expect(await visitor.values()).toEqual({ name: 'Ada' })
  })

  test('an answer that is made anew has the cookie, too', async () => {
    const visitor = visiting()
    const { session, commit } = await visitor.app.open(visitor.request())
    session.name = 'Ada'
    const first = await commit(new Response('ok'))
    const second = await commit(new Response('no such page', { status: 404 }))
    expect(second.headers.getSetCookie()).toEqual(first.headers.getSetCookie())
    expect(await commit(second)).toBe(second)
    expect(second.headers.getSetCookie()).toHaveLength(1)
    expect(visitor.events.map(({ type }) => type)).toEqual(['created'])
  })

  test.each<[string, () => ConstructorParameters<typeof Headers>[0]]>([
    ['an object', () => ({ vary: 'Accept', 'set-cookie': 'a=1' })],
    [
      'pairs',
      () => [
        ['vary', 'Accept'],
        ['set-cookie', 'a=1'],
      ],
    ],
    ['a Headers', () => new Headers({ vary: 'Accept', 'set-cookie': 'a=1' })],
  ])('headers are added to what is there: %s', async (_name, given) => {
    const visitor = visiting()
    const { session, commit } = await visitor.app.open(visitor.request())
    session.name = 'Ada'
    const headers = given()
    const head = await commit(headers)
    expect(head.get('vary')).toBe('Accept, Cookie')
    expect(head.getSetCookie()).toEqual(['a=1', expect.stringMatching(/^__Host-sid=/)])
    expect(head === headers).toBe(headers instanceof Headers)
  })

  test('a request whose session could not be loaded is opened once more', async () => {
    const { store, broken } = breakable()
    const visitor = visiting(slowly(store))
    await visitor.visit(begins)
    const request = visitor.request()
    broken.add('load')
    await expect(visitor.app.open(request)).rejects.toMatchObject({ status: 503 })
    broken.clear()
    const { session, commit } = await visitor.app.open(request)
    expect(session.name).toBe('Ada')
    session.name = 'Grace'
    await commit()
    expect(await visitor.values()).toEqual({ name: 'Grace' })
  })

  test('of several that ask for one whose load fails, none drops what another has begun to load since', async () => {
    const { store, loads } = holding()
    const visitor = visiting(store, { retries: 0 })
    const idle = () => new Promise((resolve) => setImmediate(resolve))
    const inTurn = async (turn: number, work: () => void): Promise<void> => {
      for (let passed = 0; passed < turn; passed++) await null
      work()
    }
    // Between a failure and who is told of it lie some turns of microtasks: one may join there, and another begin anew.
    for (let begun = 0; begun < 12; begun++) {
      for (let joins = 0; joins <= begun; joins++) {
        visitor.cookie = ''
        await visitor.visit(begins)
        const request = visitor.request()
        const changed: Record<string, unknown> = { name: 'Ada' }
        const opening: Promise<unknown>[] = []
        const change = async (): Promise<void> => {
          const { session, commit } = await visitor.app.open(request)
          const name = `of ${Object.keys(changed).length}`
          changed[name] = `joined in turn ${joins}, begun in turn ${begun}`
          session[name] = changed[name]
          await idle()
          await commit()
        }
        // Some are told that the load has failed, and have changed nothing.
        const open = () => void opening.push(change().catch(() => {}))
        open()
        void inTurn(begun, open)
        void inTurn(joins, open)
        loads.pop()!(new Error('away'))
        await idle()
        open()
        for (let go = loads.shift(); go !== undefined; go = loads.shift()) {
          go()
          await idle()
        }
        await Promise.all(opening)
        const stored = visitor.values()
        loads.pop()!()
        expect(await stored).toEqual(changed)
      }
    }
  })

  test('what is changed after it is told with its line, unless it is saved', async () => {
    const visitor = visiting()
    const { session, commit } = await visitor.app.open(visitor.request())
    session.name = 'Ada'
    await commit()
    session.saved = 1
    await session.save()
    await later()
    expect(visitor.events.map(({ type }) => type)).toEqual(['created'])
    session.lost = 1
    await later()
    expect(visitor.events.at(-1)).toMatchObject({
      type: 'late-change',
      at: expect.stringContaining('answers.test.ts'),
    })
  })

  test('what needs a cookie after it is refused', async () => {
    const visitor = visiting()
    const { session, commit } = await visitor.app.open(visitor.request())
    await commit()
    session.name = 'Ada'
    await expect(session.save()).rejects.toMatchObject({ code: 'UNTORN_MISUSE' })
    await expect(session.login('ada')).rejects.toMatchObject({ code: 'UNTORN_MISUSE' })
  })

  test('after a commit that failed the answer of the error has the cookie of a sign-in that was done', async () => {
    const { store, broken } = breakable()
    const visitor = visiting(store)
    const { session, commit, due } = await visitor.app.open(visitor.request())
    await session.login('ada')
    session.name = 'Ada'
    broken.add('save')
    await expect(commit()).rejects.toMatchObject({ status: 503 })
    const head = due({ 'x-error': 'yes' })
    expect([head.get('x-error'), head.getSetCookie().length]).toEqual(['yes', 1])
  })
})

describe('an answer whose session could not be saved', () => {
  const failing = () => {
    const { store, broken } = breakable()
    broken.add('create')
    return visiting(store)
  }

  test('is let go, and who feeds it is told', async () => {
    const [handled, committed] = [fed(), fed()]
    const visitor = failing()
    const answering = visitor.visit((session) => {
      session.name = 'Ada'
      return handled.response()
    })
    await expect(answering).rejects.toMatchObject({ status: 503 })
    const { session, commit } = await visitor.app.open(visitor.request())
    session.name = 'Ada'
    await expect(commit(committed.response())).rejects.toMatchObject({ status: 503 })
    expect([handled, committed].map(({ isLetGo }) => isLetGo)).toEqual([true, true])
  })

  test('is let go by Next.js, too, where it is a response', async () => {
    const body = fed()
    const failing = { commitAnswer: () => Promise.reject(new Error('no')), setCookies() {} }
    await expect(answerOf(failing as never, body.response())).rejects.toThrow('no')
    expect(body.isLetGo).toBe(true)
  })

  test('is left to who reads it already', async () => {
    const read = fed()
    const response = read.response()
    response.body!.getReader()
    const answering = failing().visit((session) => {
      session.name = 'Ada'
      return response
    })
    await expect(answering).rejects.toMatchObject({ status: 503 })
    expect(read.isLetGo).toBe(false)
  })

  test('loses nothing that has methods of such names, and is no stream', () => {
    const called: string[] = []
    const row = { id: 1, destroy: () => called.push('destroy'), cancel: () => called.push('cancel') }
    for (const answer of [row, { ...row, locked: false }, 'text', null, undefined, 404, new Response()])
      letGo(answer)
    expect(called).toEqual([])
  })
})

test('fifty requests at once, each with a change of its own: all are kept', async () => {
  const visitor = visiting(slowly(memoryStore()))
  await visitor.visit(begins)
  const numbers = Array.from({ length: 50 }, (_, n) => n)
  const change = (n: number) =>
    visitor.app.handle(visitor.request(), async (session) => {
      await later(1)
      session[`value${n}`] = n
      session.update('count', (count = 0) => count + 1)
      return new Response('ok')
    })
  await Promise.all(numbers.map(change))
  expect(await visitor.values()).toEqual({
    name: 'Ada',
    count: 50,
    ...Object.fromEntries(numbers.map((n) => [`value${n}`, n])),
  })
})
