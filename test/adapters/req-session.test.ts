import assert from 'node:assert/strict'
import { format, inspect, promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { MisuseError } from '../../src/errors.ts'
import { memoryStore } from '../../src/memory.ts'
import { type PlainSession, sessions } from '../../src/node.ts'
import { ask, serve } from './support/server.ts'
import { Visitor } from './support/visitor.ts'

// biome-ignore lint/suspicious/noExplicitAny: as it is without a type of one's own
type Values = Record<string, any>

/** Runs steps one after the other, each in a request of one visitor. */
async function inRequests(
  ...steps: ((session: PlainSession<Values>, id: string) => unknown)[]
): Promise<void> {
  const session = sessions<Values>({ store: memoryStore() })
  const thrown: unknown[] = []
  const port = await serve(
    session(async (req, res) => {
      try {
        await steps[Number(req.url!.slice(1))]!(req.session, req.sessionID)
      } catch (error) {
        thrown.push(error)
      }
      res.end()
    }),
  )
  const visitor = new Visitor(port)
  for (const step of steps.keys()) {
    await visitor.get(`/${step}`)
    if (thrown.length > 0) throw thrown[0]
  }
}

function messageOf(work: () => unknown): string {
  try {
    return String(work())
  } catch (error) {
    return String(error)
  }
}

describe('values are plain properties', () => {
  test('set in one request, there in the next, nested changes included', () =>
    inRequests(
      (session) => {
        session.views = 1
        session.cart = { apples: [1] }
        session.gone = true
      },
      (session) => {
        expect(session.views).toBe(1)
        session.views++
        session.cart.apples.push(2)
        delete session.gone
        session.nothing = null
      },
      (session) => {
        expect({ ...session }).toEqual({ views: 2, cart: { apples: [1, 2] }, nothing: null })
        session.views = undefined
      },
      (session) => expect('views' in session).toBe(false),
    ))

  test('what looks at an object sees the values and nothing else', () =>
    inRequests((session) => {
      Object.assign(session, { a: 1, b: [2] })
      expect(Object.keys(session)).toEqual(['a', 'b'])
      expect(Object.entries(session)).toEqual([
        ['a', 1],
        ['b', [2]],
      ])
      expect(JSON.stringify(session)).toBe('{"a":1,"b":[2]}')
      expect({ ...session }).toEqual({ a: 1, b: [2] })
      const names: string[] = []
      for (const name in session) names.push(name)
      expect(names).toEqual(['a', 'b'])
      expect('a' in session).toBe(true)
      expect('c' in session).toBe(false)
      expect('save' in session).toBe(true)
      // biome-ignore lint/suspicious/noPrototypeBuiltins: as much code has it
      expect(session.hasOwnProperty('a')).toBe(true)
      expect(Object.hasOwn(session, 'save')).toBe(false)
      expect(Object.getOwnPropertyDescriptor(session, 'a')).toEqual({
        value: 1,
        writable: true,
        enumerable: true,
        configurable: true,
      })
      assert.deepStrictEqual(session, { a: 1, b: [2] })
      expect(String(session)).toBe('[object Object]')
      expect(structuredClone({ ...session })).toEqual({ a: 1, b: [2] })
      Object.defineProperty(session, 'c', { value: 3 })
      expect(session.get('c')).toBe(3)
    }))

  test('a session that is printed shows its values, and nothing that could be used as a cookie', () =>
    inRequests((session, id) => {
      session.views = 1
      expect(inspect(session)).toBe('{ views: 1 }')
      for (const shown of [
        inspect(session, { showHidden: true, depth: 9 }),
        inspect({ session }, { depth: 9 }),
        format('%o %O %j %s', session, session, session, session),
        messageOf(() => assert.deepEqual(session, { views: 2 })),
        messageOf(() => structuredClone(session)),
        inspect(Object.assign(new Error('no'), { session })),
      ]) {
        expect(shown).not.toContain(id)
      }
      expect(JSON.stringify({ session })).not.toContain(id)
    }))

  test('not even where it is printed as it is made, stored or not', () =>
    inRequests(
      ...[false, true].map((stored) => async (session: PlainSession<Values>) => {
        session.views = 1
        if (stored) await session.save()
        const { id } = session
        for (const options of [{ customInspect: false }, { customInspect: false, showProxy: true }]) {
          const shown = inspect({ session }, { ...options, showHidden: true, depth: 20 })
          expect(shown).toContain('SessionMethods')
          expect(shown).not.toContain(id)
        }
      }),
    ))

  test('can’t be cloned as the proxy that it is; a clone of its values is one call more', () =>
    inRequests((session) => {
      session.cart = { apples: [1] }
      expect(() => structuredClone(session)).toThrow(/could not be cloned/)
      for (const clone of [structuredClone(session.toJSON()), structuredClone({ ...session })]) {
        expect(clone).toEqual({ cart: { apples: [1] } })
        expect(clone.cart).not.toBe(session.cart)
      }
    }))

  test('any name is data and nothing more, those that objects have of their own too', () =>
    inRequests(
      (session) => {
        for (const name of ['__proto__', 'constructor', 'prototype', 'toString', 'then']) {
          session[name] = { polluted: true }
          expect(session.get(name)).toEqual({ polluted: true })
        }
        const copy = JSON.parse(JSON.stringify(session))
        expect(Object.keys(copy)).toHaveLength(5)
      },
      (session) => {
        expect(session.keys()).toHaveLength(5)
        expect(session.constructor).toEqual({ polluted: true })
        expect(({} as Values).polluted).toBeUndefined()
        expect(Object.getPrototypeOf(session)).toBe(Object.prototype)
        session.clear()
        // A name from outside leads nowhere.
        const name = '__proto__'
        expect(session[name]).toBeUndefined()
        expect(session.constructor).toBeUndefined()
        expect(() => Object.assign(session[name], { polluted: true })).toThrow(TypeError)
      },
    ))

  test('names of methods: the method wins, the value is reached with get and set', () =>
    inRequests(
      (session: Values, id) => {
        session.set('id', 'mine')
        session.set('save', 1)
        expect(session.id).toBe(id)
        expect(session.save).toBeTypeOf('function')
        expect({ ...session }).toEqual({})
        expect(Reflect.ownKeys(session)).toEqual([])
        for (const mistake of [
          () => (session.id = 'x'),
          () => (session.cookie = {}),
          () => delete session.save,
          () => Object.assign(session, { regenerate: 1 }),
        ]) {
          expect(mistake).toThrow(
            expect.objectContaining({ code: 'UNTORN_MISUSE' } satisfies Partial<MisuseError>),
          )
        }
      },
      (session) => {
        expect(session.get('id')).toBe('mine')
        expect(session.toJSON()).toEqual({ id: 'mine', save: 1 })
      },
    ))

  test('what can not be stored is refused where it is assigned', () =>
    inRequests((session) => {
      expect(() => (session.run = () => {})).toThrow(
        expect.objectContaining({ code: 'UNTORN_NOT_SERIALISABLE' }),
      )
      expect(() => Reflect.set(session, Symbol('s'), 1)).toThrow(/Symbol\(s\)/)
      expect(() => Object.defineProperty(session, 'a', { get: () => 1 })).toThrow(/no plain value/)
      expect(() => Object.freeze(session)).toThrow(TypeError)
      expect(() => Object.setPrototypeOf(session, {})).toThrow(TypeError)
    }))
})

describe('methods', () => {
  test('each of save, regenerate, destroy, reload, touch gives a promise, or calls back later and gives none', () =>
    inRequests(async (session) => {
      for (const name of ['save', 'regenerate', 'destroy', 'reload', 'touch'] as const) {
        session.views = 1
        await session.save()
        const promise: unknown = session[name]()
        expect(promise).toBeInstanceOf(Promise)
        expect(await promise).toBe(name === 'destroy' ? undefined : true)
        const called: unknown[] = []
        let done: () => void = () => {}
        const over = new Promise<void>((resolve) => {
          done = resolve
        })
        const answer: unknown = session[name]((...args: unknown[]) => {
          called.push(args)
          done()
        })
        expect(answer).toBeUndefined()
        expect(called).toEqual([])
        await over
        expect(called).toEqual([[undefined]])
        await promisify(session[name])()
      }
    }))

  test('regenerate gives another id at once and keeps the values; destroy leaves a new, empty session', async () => {
    const ids: string[] = []
    await inRequests(
      (session) => {
        session.cart = [1]
      },
      async (session) => {
        ids.push(session.id)
        await session.regenerate()
        ids.push(session.id)
        expect(session.cart).toEqual([1])
        expect(session.isNew).toBe(false)
      },
      async (session) => {
        expect(session.id).toBe(ids[1])
        await session.destroy()
        ids.push(session.id)
        expect(session.isNew).toBe(true)
        expect({ ...session }).toEqual({})
        session.views = 1
      },
      (session) => expect({ ...session }).toEqual({ views: 1 }),
    )
    expect(new Set(ids).size).toBe(3)
  })

  test('after regenerate the old id is worthless at once', async () => {
    const session = sessions({ store: memoryStore() })
    const port = await serve(
      session(async (req, res) => {
        req.session.user = 'ada'
        await req.session.save()
        const before = req.sessionID
        await req.session.regenerate()
        const old = await session.sessions.open(`sid=${before}`, { secure: false })
        const now = await session.sessions.open(`sid=${req.sessionID}`, { secure: false })
        res.end(JSON.stringify([old.get('user') ?? null, now.get('user')]))
      }),
    )
    expect((await ask(port)).text).toBe('[null,"ada"]')
  })

  test('a callback is told of the error, and no promise is left over that rejects', async () => {
    let id = ''
    const session = sessions({ store: memoryStore() })
    const port = await serve(
      session(async (req, res) => {
        if (req.url === '/login') {
          req.session.user = 'ada'
          res.end()
          return
        }
        id = req.sessionID
        const other = await session.sessions.open(`sid=${id}`, { secure: false })
        await other.destroy()
        req.session.user = 'bob'
        req.session.save((error) => res.end(error.code))
      }),
    )
    const visitor = new Visitor(port)
    await visitor.get('/login')
    expect((await visitor.get('/')).text).toBe('UNTORN_SESSION_GONE')
  })

  test('one request works a value out for all that ask for it at once', async () => {
    let runs = 0
    let asked = 0
    const session = sessions({ store: memoryStore() })
    const port = await serve(
      session(async (req, res) => {
        if (req.url === '/login') req.session.token = 'old'
        else {
          asked++
          await req.session.once('token', async () => {
            runs++
            while (asked < 10) await new Promise(setImmediate)
            return 'new'
          })
        }
        res.end(req.session.token)
      }),
    )
    const visitor = new Visitor(port)
    await visitor.get('/login')
    const all = await Promise.all(Array.from({ length: 10 }, () => visitor.get('/')))
    expect(all.map(({ text }) => text)).toEqual(Array.from({ length: 10 }, () => 'new'))
    expect(runs).toBe(1)
  })

  test('of a session that is gone one gets nothing, and no error that could end a process', () =>
    inRequests(
      (session) => {
        session.token = 'old'
      },
      async (session) => {
        const asked = session.once('token', async () => {
          await session.destroy()
          return 'new'
        })
        expect(await asked).toBeUndefined()
      },
    ))

  test('what is worked out after the answer of a session that never began is late, and told so', async () => {
    const events: string[] = []
    const session = sessions({ store: memoryStore(), onEvent: ({ type }) => void events.push(type) })
    let over: Promise<unknown> = Promise.resolve()
    const port = await serve(
      session((req, res) => {
        over = req.session.once('token', () => new Promise((found) => setTimeout(found, 20, 'new')))
        res.end()
      }),
    )
    await ask(port)
    await over
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    expect(events).toEqual(['late-change'])
  })

  test('counts, messages, values that expire, and all that a session can be asked', () =>
    inRequests(
      async (session) => {
        expect(await session.begin()).toBe(true)
        expect(session.isNew).toBe(false)
      },
      (session) => {
        expect(session.isNew).toBe(false)
        expect(session.increment('views')).toBe(1)
        expect(session.views).toBe(1)
        session.set('code', '123456', { expiresIn: '10m' })
        session.flash('notice', 'Saved')
        session.flash('notice', 'Mailed')
        session.setExpiry('2h')
        session.notAfter(new Date(Date.now() + 60_000))
        expect(session.changed).toBe(true)
      },
      async (session) => {
        expect(session.changed).toBe(false)
        expect(session.expiry).toBe(7_200_000)
        expect(session.expiresIn).toBeLessThanOrEqual(60_000)
        expect([...session]).toEqual([
          ['views', 1],
          ['code', '123456'],
        ])
        expect({ ...session }).toEqual({ views: 1, code: '123456' })
        expect(await session.flashes('notice')).toEqual(['Saved', 'Mailed'])
        expect(await session.flashes('notice')).toEqual([])
        expect(() => (session.once = 1 as never)).toThrow(expect.objectContaining({ code: 'UNTORN_MISUSE' }))
        // Not one of its own: many a value is called so.
        session.size = 'L'
        expect(session.size).toBe('L')
      },
    ))

  test('begin() after the response has begun can bring no cookie, and is refused', async () => {
    const session = sessions({ store: memoryStore() })
    const port = await serve(
      session(async (req, res) => {
        const { session: late } = req
        expect(late.isNew).toBe(true)
        await new Promise<void>((sent) => res.write('begun ', () => sent()))
        const error = await late.begin().catch((refused: MisuseError) => refused)
        res.end((error as MisuseError).code)
      }),
    )
    expect((await ask(port)).text).toBe('begun UNTORN_MISUSE')
  })

  test('what the core has is there', () =>
    inRequests(
      (session) => {
        expect(session.update('views', (n = 0) => n + 1)).toBe(1)
        session.flash('notice', 'Saved')
        session.setTestCookie()
        session.setExpiry('2h')
        expect(session.has('views')).toBe(true)
        expect(session.expiresIn).toBeGreaterThan(7_100_000)
        expect(session.expiresAt).toBeGreaterThan(Date.now() + 7_100_000)
        expect(session.createdAt).toBeLessThanOrEqual(Date.now())
      },
      async (session) => {
        expect(session.testCookieWorked()).toBe(true)
        session.deleteTestCookie()
        expect(await session.flashes('notice')).toEqual(['Saved'])
        expect(session.delete('views')).toBe(true)
        expect(session.delete('views')).toBe(false)
      },
      (session) => {
        expect(session.testCookieWorked()).toBe(false)
        expect(session.keys()).toEqual([])
      },
    ))
})

describe('req.session.cookie, for code written for express-session', () => {
  test('maxAge and expires say how long the session lives', async () => {
    const store = sessions<Values>({ store: memoryStore() })
    const steps: Record<string, (session: PlainSession<Values>) => void> = {
      '/hour': (session) => {
        session.cookie.maxAge = 3_600_000
        expect(session.cookie.originalMaxAge).toBeGreaterThan(3_590_000)
      },
      '/date': (session) => {
        session.cookie.expires = new Date(Date.now() + 60_000)
        expect(session.cookie.expires.getTime()).toBeLessThanOrEqual(Date.now() + 60_000)
      },
      '/browser': (session) => {
        session.cookie.expires = false
      },
      '/browser-too': (session) => {
        session.cookie.maxAge = null
      },
    }
    const port = await serve(
      store((req, res) => {
        req.session.views = 1
        steps[req.url!]!(req.session)
        res.end()
      }),
    )
    const cookieOf = async (path: string) => (await ask(port, { path })).setCookies[0]
    expect(await cookieOf('/hour')).toMatch('Max-Age=604800')
    expect(await cookieOf('/date')).toMatch('Max-Age=60;')
    expect(await cookieOf('/browser')).not.toMatch('Max-Age')
    expect(await cookieOf('/browser-too')).not.toMatch('Max-Age')
  })

  test('what is an option can not be set on one session', () =>
    inRequests((session) => {
      expect(session.cookie.httpOnly).toBe(true)
      for (const name of ['secure', 'sameSite', 'domain', 'path', 'httpOnly']) {
        expect(() => Reflect.set(session.cookie, name, false)).toThrow(/option|always/)
      }
      expect(() => ((session.cookie as Values).other = 1)).toThrow(TypeError)
    }))
})
