import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type SessionOptions, untornStore } from '../../src/express-session.ts'
import { type SessionKey, sessionKey } from '../../src/index.ts'
import { reservedKeys } from '../../src/values/data.ts'
import { aWhile } from '../support/a-while.ts'
import { PlainStore } from '../support/plain-store.ts'
import { type Handlers, MIDDLEWARES, start, type Visitor } from './overlap/application.ts'

const untorn = MIDDLEWARES['untorn/express-session']!
const HOUR = 3_600_000

const HANDLERS: Handlers = {
  '/values': (req, res) => {
    const { cookie: _, ...values } = req.session
    res.end(JSON.stringify(values))
  },
  '/begin': (req, res) => {
    req.session.a = 1
    res.end()
  },
  '/cookie': (req, res) => res.end(String(req.session.cookie.maxAge)),
}

async function started(store: PlainStore, handlers: Handlers = {}, options: SessionOptions = {}) {
  return start(untorn, store, { ...HANDLERS, ...handlers }, options)
}

const keyOf = ({ cookie }: Visitor): SessionKey =>
  sessionKey(decodeURIComponent(cookie!).replace('connect.sid=s:', '').split('.')[0]!)

/** The names that nobody may be misled by. */
const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'save',
  'touch',
  'cookie',
  'req',
  'id',
  'hasOwnProperty',
]

describe('names', () => {
  it.each(NAMES)(
    'a stored value called %s hides no method, reaches no prototype, and stays',
    async (name) => {
      const store = new PlainStore()
      const { visitor, errors } = await started(store, {
        '/change': (req, res) => {
          req.session.a = 2
          res.end(typeof req.session.save + typeof req.session.touch + typeof req.session.cookie.maxAge)
        },
      })
      const someone = visitor()
      await someone.get('/begin')
      await store.save(keyOf(someone), { set: new Map([[name, '{"polluted":true}']]) })
      expect((await someone.get('/change')).text).toBe('functionfunctionobject')
      expect(({} as { polluted?: true }).polluted).toBeUndefined()
      expect(store.only().values.get(name)).toBe('{"polluted":true}')
      expect(store.only().values.get('a')).toBe('2')
      expect(errors).toEqual([])
    },
  )

  it.each(NAMES)('a body that names %s ends no process, whatever the handler makes of it', async (name) => {
    const store = new PlainStore()
    const { visitor } = await started(store, {
      '/assign': (req, res) => {
        try {
          Object.assign(req.session, JSON.parse(`{${JSON.stringify(name)}:{"polluted":true}}`))
        } catch {
          res.statusCode = 400
        }
        res.end()
      },
    })
    const someone = visitor()
    await someone.get('/begin')
    const outcome = await someone.get('/assign').catch((error: unknown) => error)
    expect(({} as { polluted?: true }).polluted).toBeUndefined()
    expect(outcome).toHaveProperty('status')
    expect((await someone.get('/values')).status).toBe(200)
  })

  it("a value of untorn's own names is refused, and told", async () => {
    const store = new PlainStore()
    const { visitor, errors } = await started(store, {
      '/set': (req, res) => {
        req.session['untorn:cookie'] = { originalMaxAge: 1 }
        res.end()
      },
    })
    const someone = visitor()
    await someone.get('/begin')
    await someone.get('/set')
    await aWhile()
    expect(errors).toMatchObject([{ code: 'UNTORN_MISUSE' }])
    expect(await someone.values()).toEqual({ a: 1 })
  })
})

describe('damaged records', () => {
  it.each([
    '',
    'nonsense',
    '[]',
    'null',
    '1',
    '"text"',
    '{"originalMaxAge":"x","path":7}',
    '{"__proto__":{"x":1}}',
  ])('a cookie that says %j is one as cookies are', async (text) => {
    const store = new PlainStore()
    const { visitor } = await started(store)
    const someone = visitor()
    await someone.get('/begin')
    await store.save(keyOf(someone), { set: new Map([[reservedKeys.cookie, text]]) })
    expect(await someone.values()).toEqual({ a: 1 })
    expect((await someone.get('/cookie')).text).toBe('null')
  })

  it('a value that is none is left out, told of, and can be set anew', async () => {
    const store = new PlainStore()
    const events: unknown[] = []
    const { visitor } = await started(store, {}, { onEvent: (event) => void events.push(event) })
    const someone = visitor()
    await someone.get('/begin')
    await store.save(keyOf(someone), {
      set: new Map([
        ['a', 'SECRET-OF-THEIRS'],
        ['b', '2'],
      ]),
    })
    expect(await someone.values()).toEqual({ b: 2 })
    expect(events).toContainEqual(expect.objectContaining({ type: 'error' }))
    // What an engine says of a text quotes it, and events are logged.
    expect(inspect(events, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain('SECRET')
    await someone.get('/begin')
    expect(await someone.values()).toEqual({ a: 1, b: 2 })
  })
})

it('a value that is deeper than a stack goes is an error that says so, and what was stored stays', async () => {
  const kept = untornStore(new PlainStore())
  const set = (data: object) =>
    new Promise((done) => kept.set('id', { cookie: { originalMaxAge: 60_000 }, ...data } as never, done))
  const get = () => new Promise((done) => kept.get('id', (error, data) => done(error ?? data)))
  await set({ a: 1 })
  let deep: object = {}
  for (let at = 0; at < 200_000; at++) deep = { deep }
  expect(await set({ a: 2, deep })).toMatchObject({ code: 'UNTORN_NOT_SERIALISABLE', key: 'deep' })
  expect(await get()).toMatchObject({ a: 1 })
})

describe('ids', () => {
  it('a key opens nothing', async () => {
    const store = new PlainStore()
    const { visitor } = await started(store)
    const someone = visitor()
    await someone.get('/begin')
    const data = await new Promise((found) => {
      untornStore(store).get(keyOf(someone), (error, data) => found(error ?? data))
    })
    expect(data).toBeNull()
  })

  it('an id that is shown and unknown is not taken for a new session, nor one of another secret', async () => {
    const store = new PlainStore()
    const other = (await start(untorn, new PlainStore(), HANDLERS, { secret: 'another secret' })).visitor()
    const elsewhere = (await started(new PlainStore())).visitor()
    const { visitor } = await started(store)
    for (const stranger of [other, elsewhere]) {
      await stranger.get('/begin')
      const someone = visitor()
      someone.cookie = stranger.cookie
      await someone.get('/begin')
      expect(keyOf(someone)).not.toBe(keyOf(stranger))
      expect(await store.exists(keyOf(stranger))).toBe(false)
    }
  })
})

describe('a store of its own clock', () => {
  it.each([[1], [-1]])(
    '%i hours apart: the end is shown in the time of the process, also to the first request',
    async (hours) => {
      const store = new PlainStore({ ahead: hours * HOUR, slow: true })
      const options: SessionOptions = { cookie: { maxAge: 600_000 }, lifetime: '30m' }
      const someone = (await started(store, {}, options)).visitor()
      await someone.get('/begin')
      const fresh = (await started(store, {}, options)).visitor()
      fresh.cookie = someone.cookie
      const maxAge = Number((await fresh.get('/cookie')).text)
      expect(maxAge).toBeGreaterThan(500_000)
      expect(maxAge).toBeLessThan(700_000)
      expect(await fresh.values()).toEqual({ a: 1 })
    },
  )
})

describe('what a program stores by itself', () => {
  const stored = (store: ReturnType<typeof untornStore>, sid: string, data: object) =>
    new Promise((told) => store.set(sid, data as never, told))

  it.each([
    ['is over', { expires: new Date(0), originalMaxAge: 1000 }],
    ['is over, as a text', { expires: '1970-01-01T00:00:00.000Z', originalMaxAge: 1000 }],
  ])('is not stored when it %s', async (_, cookie) => {
    const below = new PlainStore()
    expect(await stored(untornStore(below), 'sid', { cookie })).toBeNull()
    expect(below.all()).toEqual([])
  })
})

describe('cookie.maxAge', () => {
  it('of another request counts when this one notes its use', async () => {
    const store = new PlainStore()
    const { visitor } = await started(
      store,
      {
        '/remember': (req, res) => {
          req.session.cookie.maxAge = 24 * HOUR
          req.session.remembered = true
          res.end()
        },
        '/slow': async (_req, res) => {
          await someone.get('/remember')
          res.end()
        },
      },
      { cookie: { maxAge: HOUR } },
    )
    const someone = visitor()
    await someone.get('/begin')
    // So that the use has to be written.
    await store.save(keyOf(someone), { expiresAt: Date.now() + HOUR / 2 })
    await someone.get('/slow')
    expect(store.only().expiresAt).toBeGreaterThan(Date.now() + 23 * HOUR)
  })

  it.each([
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['the end of time', 8.64e15],
    ['9999', Date.UTC(9999, 11, 31) - Date.now()],
    ['a fraction', 1000.5],
    ['zero', 0],
    ['minus one', -1],
  ])('%s ends no process, and loses no session that has time left', async (_, maxAge) => {
    const store = new PlainStore({ slow: true })
    const { visitor } = await started(store, {
      '/set': (req, res) => {
        req.session.cookie.maxAge = maxAge
        req.session.b = 2
        res.end()
      },
    })
    const someone = visitor()
    await someone.get('/begin')
    expect((await someone.get('/set')).status).toBe(200)
    expect(store.all()).toHaveLength(maxAge <= 0 ? 0 : 1)
    for (const [, { expiresAt }] of store.all()) expect(Number.isSafeInteger(expiresAt)).toBe(true)
  })
})
