import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { StoreUnavailableError } from '../../src/errors.ts'
import type { Session, SessionOptions } from '../../src/express-session.ts'
import { sessionKey } from '../../src/index.ts'
import { aWhile } from '../support/a-while.ts'
import { PlainStore } from '../support/plain-store.ts'
import { type Application, type Handlers, MIDDLEWARES, start, type Visitor } from './overlap/application.ts'

const untorn = MIDDLEWARES['untorn/express-session']!

const HANDLERS: Handlers = {
  '/values': (req, res) => {
    const { cookie: _, ...values } = req.session
    res.end(JSON.stringify(values))
  },
  '/begin': (req, res) => {
    req.session.a = 1
    res.end()
  },
}

interface Started extends Application {
  readonly store: PlainStore
  readonly visitor: () => Visitor
}

async function started(
  handlers: Handlers,
  { slow = true, ...options }: SessionOptions & { slow?: boolean } = {},
): Promise<Started> {
  const store = new PlainStore({ slow })
  const application = await start(untorn, store, { ...HANDLERS, ...handlers }, options)
  return { ...application, store }
}

const unavailable = new StoreUnavailableError('The disk is full.')

/** The key of a visitor's session. */
const keyOf = ({ cookie }: Visitor) =>
  sessionKey(decodeURIComponent(cookie!).replace('connect.sid=s:', '').split('.')[0]!)

const saved = (session: Session) => new Promise((told) => void session.save(told))

describe('req.session.save()', () => {
  it('without a callback is over before the head leaves', async () => {
    const { store, visitor } = await started({
      '/save': (req, res) => {
        req.session.cart = ['tea']
        req.session.save()
        res.end()
      },
    })
    let isStored = false
    store.between = ({ method }) => {
      if (method === 'create') isStored = true
    }
    const someone = visitor()
    const answer = await someone.get('/save')
    expect(isStored).toBe(true)
    expect(answer.setCookies).toHaveLength(1)
    expect(store.only().values.get('cart')).toBe('["tea"]')
  })

  it.each([
    ['a new session', undefined],
    ['one that is there', '/begin'],
  ])('of %s without a callback that fails is made good with the answer', async (_, before) => {
    const { store, visitor, errors } = await started({
      '/save': async (req, res) => {
        store.failing.set('save', unavailable)
        store.failing.set('create', unavailable)
        req.session.cart = ['tea']
        req.session.save()
        await delay(30)
        store.failing.clear()
        res.end()
      },
    })
    const someone = visitor()
    if (before) await someone.get(before)
    await someone.get('/save')
    expect(await someone.values()).toMatchObject({ cart: ['tea'] })
    expect(errors).toEqual([])
  })

  it('without a callback that fails is told where it can not be made good', async () => {
    const { store, visitor, errors } = await started({
      '/save': (req, res) => {
        store.failing.set('save', unavailable)
        req.session.cart = ['tea']
        req.session.save()
        res.end()
      },
    })
    const someone = visitor()
    await someone.get('/begin')
    expect((await someone.get('/save')).status).toBe(200)
    await aWhile(20)
    expect(errors).toEqual([unavailable])
  })

  it('whose callback was told of an error is not tried again behind its back', async () => {
    let told: unknown
    const { store, visitor, errors } = await started({
      '/save': async (req, res) => {
        store.failing.set('save', unavailable)
        req.session.cart = ['tea']
        told = await saved(req.session)
        store.failing.clear()
        res.end()
      },
    })
    const someone = visitor()
    await someone.get('/begin')
    await someone.get('/save')
    expect(told).toBe(unavailable)
    expect(await someone.values()).toEqual({ a: 1 })
    expect(errors).toEqual([])
  })

  it('begins when the one before has ended: what is taken back stays taken back', async () => {
    const { store, visitor } = await started({
      '/save': (req, res) => {
        req.session.passing = true
        req.session.a = 2
        req.session.save()
        delete req.session.passing
        req.session.a = 1
        res.end()
      },
    })
    const someone = visitor()
    await someone.get('/begin')
    // The first one takes longer.
    let saves = 0
    store.between = ({ method }) => (method === 'save' && saves++ === 0 ? delay(30) : undefined)
    await someone.get('/save')
    expect(await someone.values()).toEqual({ a: 1 })
  })

  it('of a new session, twice, leaves what was saved last', async () => {
    const { store, visitor } = await started({
      '/save': (req, res) => {
        req.session.a = 1
        req.session.save()
        req.session.a = 2
        res.end()
      },
    })
    let creates = 0
    store.between = ({ method }) => (method === 'create' && creates++ === 0 ? delay(30) : undefined)
    const someone = visitor()
    await someone.get('/save')
    expect(await someone.values()).toEqual({ a: 2 })
  })

  it('does not end a session of which the end that its cookie shows has passed meanwhile', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    let shown = 0
    const { visitor, store } = await started(
      {
        '/slow': async (req, res) => {
          shown = req.session.cookie.maxAge as number
          vi.setSystemTime(Date.now() + shown + 20)
          req.session.cart = ['tea']
          res.end(String(await saved(req.session)))
        },
      },
      { slow: false, cookie: { maxAge: 60_000 } },
    )
    const someone = visitor()
    await someone.get('/begin')
    const [[key]] = store.all() as [[ReturnType<typeof keyOf>, unknown]]
    // Fifty milliseconds before the end that is shown, which is a tenth before that of the record.
    await store.save(key, { expiresAt: Date.now() + 6000 + 50 })
    expect((await someone.get('/slow')).text).toBe('null')
    expect(shown).toBeGreaterThan(0)
    expect(await someone.values()).toEqual({ a: 1, cart: ['tea'] })
  })
})

describe('req.session.reload()', () => {
  it('is what a change is a change to from then on', async () => {
    const { visitor } = await started({
      '/two': (req, res) => {
        req.session.a = 2
        res.end()
      },
      '/back': async (req, res) => {
        await someone.get('/two')
        await new Promise((reloaded) => void req.session.reload(reloaded))
        expect(req.session.a).toBe(2)
        req.session.a = 1
        res.end()
      },
    })
    const someone = visitor()
    await someone.get('/begin')
    await someone.get('/back')
    expect(await someone.values()).toEqual({ a: 1 })
  })
})

describe('no cookie is sent', () => {
  it('for a new session that could not be stored', async () => {
    const { store, visitor, errors } = await started({})
    store.failing.set('create', unavailable)
    const answer = await visitor().get('/begin')
    expect(answer).toMatchObject({ status: 200, setCookies: [] })
    await aWhile(20)
    expect(errors).toEqual([unavailable])
  })

  it('for one that its handler has failed to save, and goes on', async () => {
    const { store, visitor } = await started({
      '/save': async (req, res) => {
        req.session.a = 1
        await saved(req.session)
        res.end()
      },
    })
    store.failing.set('create', unavailable)
    expect((await visitor().get('/save')).setCookies).toEqual([])
  })

  it('for a session that was begun when the head had left, nor is that stored', async () => {
    const { store, visitor } = await started({
      '/late': (req, res) => {
        res.write('the head')
        req.session.regenerate(() => {
          req.session.user = 'ada'
          res.end()
        })
      },
    })
    const someone = visitor()
    await someone.get('/begin')
    await someone.get('/late')
    expect(store.all()).toEqual([])
  })

  it('of an id that the request was given when its answer was on its way', async () => {
    const { store, visitor } = await started(
      {
        '/late': (req, res) => {
          req.session.b = 1
          res.end()
          req.session.regenerate(() => {})
        },
      },
      { cookie: { maxAge: 60_000 } },
    )
    const someone = visitor()
    await someone.get('/begin')
    const { cookie } = someone
    store.between = ({ method }) => (method === 'save' ? delay(40) : undefined)
    await someone.get('/late')
    expect(someone.cookie).toBe(cookie)
  })

  it.each([
    ['ended', 'destroy'],
    ['replaced', 'regenerate'],
  ] as const)('anew, where each answer has one, when the session was %s meanwhile', async (_, verb) => {
    const { visitor } = await started(
      {
        '/slow': async (_req, res) => {
          await someone.get('/end')
          res.end('slow')
        },
        '/end': (req, res) => void req.session[verb](() => res.end()),
      },
      { rolling: true, saveUninitialized: false, cookie: { maxAge: 60_000 } },
    )
    const someone = visitor()
    await someone.get('/begin')
    expect(await someone.get('/slow')).toMatchObject({ text: 'slow', setCookies: [] })
  })
})

describe('a session that can not be read', () => {
  it.each(['keep', 'destroy'] as const)('is not ended for it, with unset: %s', async (unset) => {
    const { store, visitor, errors } = await started({}, { unset })
    const someone = visitor()
    await someone.get('/begin')
    store.failing.set('load', unavailable)
    expect((await someone.get('/values')).status).toBe(500)
    expect(errors).toEqual([unavailable])
    store.failing.clear()
    expect(await someone.values()).toEqual({ a: 1 })
  })
})
