import { createReadStream } from 'node:fs'
import type { RequestListener } from 'node:http'
import { pipeline } from 'node:stream'
import type { Express, Request, Response } from 'express'
import { describe, expect, test } from 'vitest'
import { StoreConfigError } from '../../src/errors.ts'
import { type NodeSessions, sessions } from '../../src/node.ts'
import type { SessionEvent } from '../../src/session/events.ts'
import { eachWithEach } from '../support/whole.ts'
import { runs, signal } from './support/application.ts'
import { expresses } from './support/express.ts'
import { ask, later, serve } from './support/server.ts'
import { breakable, pace } from './support/stores.ts'
import type { Visitor } from './support/visitor.ts'
import { Visitor as Browser } from './support/visitor.ts'
import { large, largeBody, largeFile } from './support/ways.ts'

const cases = eachWithEach(Object.entries(expresses), Object.entries(pace)).map(
  ([[name, express], [speed, paced]]) => ({ name, speed, express, paced }),
)

const unavailable = { code: 'UNTORN_STORE_UNAVAILABLE' }
const degraded = (dropped: boolean) => ({ type: 'degraded', error: unavailable, dropped })

describe.each(cases)('onStoreError: anonymous: $name with $speed', ({ express, paced }) => {
  type Handler = (req: Request, res: Response) => unknown

  /** A visitor who is signed in and, from then on, a store that fails. */
  async function outage(handler: Handler, mountMore: (app: Express) => void = () => {}) {
    const { store, broken } = breakable()
    const mount = (app: Express) => {
      app.get('/login', (req, res) => {
        req.session.user = 'ada'
        req.session.views = 1
        res.send('hello')
      })
      app.get('/', (req, res, next) => {
        const run = async () => handler(req, res)
        run().catch(next)
      })
      mountMore(app)
    }
    const options = { express, store: paced(store), onStoreError: 'anonymous' } as const
    const { visitor, events, errors, port } = await runs(mount, options)
    const browser = visitor()
    await browser.get('/login')
    const { cookie } = browser
    events.length = 0
    for (const call of ['create', 'load', 'save', 'delete', 'exists'] as const) broken.add(call)
    return { browser, cookie, visitor, events, errors, port, store, broken }
  }

  /** Nothing of the failure is left: the visitor has his cookie, and is signed in with everything there. */
  async function recovered({
    browser,
    cookie,
    broken,
  }: {
    browser: Visitor
    cookie: string
    broken: Set<string>
  }) {
    await later()
    broken.clear()
    expect(browser.cookie).toBe(cookie)
    expect(await browser.json('/session')).toEqual({ user: 'ada', views: 1 })
  }

  const answers: Record<string, { handler: Handler; body: unknown }> = {
    'res.json': { handler: (req, res) => void res.json(req.session), body: '{}' },
    'res.send': {
      handler: (req, res) => void res.send(`hello ${req.session.user ?? 'visitor'}`),
      body: 'hello visitor',
    },
    'a piped file': {
      handler: (_req, res) => void createReadStream(largeFile).pipe(res),
      body: expect.any(String),
    },
    'a pipeline': { handler: (_req, res) => pipeline(large(), res, () => {}), body: `${largeBody}` },
    'write and end': {
      handler: (_req, res) => {
        res.write('one')
        res.write('two')
        res.end('three')
      },
      body: 'onetwothree',
    },
    'flushHeaders, then later a body': {
      handler: (_req, res) => {
        res.flushHeaders()
        setTimeout(() => res.end('late'), 5)
      },
      body: 'late',
    },
  }

  test.each(Object.entries(answers))('%s: as for an anonymous visitor', async (way, { handler, body }) => {
    const run = await outage(handler)
    const { browser, events, errors } = run
    const answer = await browser.get()
    expect(answer).toMatchObject({ status: 200, setCookies: [] })
    expect(answer.text).toEqual(body)
    expect(errors).toEqual([])
    // A store that loads at once is not asked before a handler asks.
    const isAsked = paced === pace['a slow store'] || way.startsWith('res.')
    expect(events).toMatchObject(isAsked ? [degraded(false)] : [])
    await recovered(run)
  })

  test('the session is a new one under an id that is never used', async () => {
    const run = await outage((req, res) => void res.json([req.session.isNew, req.session.id, req.sessionID]))
    const [isNew, id, sessionID] = (await run.browser.json()) as [boolean, string, string]
    expect(isNew).toBe(true)
    expect(id).toBe(sessionID)
    expect(run.cookie).not.toContain(id)
    await recovered(run)
    const stored: string[] = []
    for await (const [key] of run.store.records()) stored.push(key)
    expect(stored).toHaveLength(1)
  })

  test('what a handler sets it can read, also after the head has left; nothing of it stays', async () => {
    const run = await outage((req, res) => {
      req.session.user = 'eve'
      req.session.list = [1]
      res.write(`${req.session.user}, `)
      req.session.list.push(2)
      req.session.views = 7
      res.end(`${req.session.user} ${req.session.list}`)
    })
    const answer = await run.browser.get()
    expect(answer).toMatchObject({ status: 200, text: 'eve, eve 1,2', setCookies: [] })
    await later()
    expect(run.events).toMatchObject([degraded(true)])
    expect(run.errors).toEqual([])
    await recovered(run)
  })

  const asked: [string, (req: Request) => Promise<unknown>][] = [
    [
      'save()',
      (req) => {
        req.session.views = 2
        return req.session.save()
      },
    ],
    ['save() of nothing', (req) => req.session.save()],
    ['regenerate()', (req) => req.session.regenerate()],
    ['destroy()', (req) => req.session.destroy()],
  ]

  test.each(asked)('%s rejects, and who was told keeps the answer', async (_, work) => {
    const codes: unknown[] = []
    const run = await outage(async (req, res) => {
      await work(req).catch((error) => codes.push(error.code, error.cause.code))
      req.session.list = [1]
      res.status(503).send('try again later')
    })
    const answer = await run.browser.get()
    expect(answer).toMatchObject({ status: 503, text: 'try again later', setCookies: [] })
    expect(codes).toEqual([unavailable.code, unavailable.code])
    expect(run.errors).toEqual([])
    expect(run.events).toMatchObject([{ type: 'error', error: unavailable }])
    await recovered(run)
  })

  test.each(asked)('%s, and who does not wait for it gets the error', async (_, work) => {
    const run = await outage((req, res) => {
      void work(req)
      res.send('done')
    })
    const answer = await run.browser.get()
    expect(answer).toMatchObject({ status: 500, text: `failed: ${unavailable.code}`, setCookies: [] })
    expect(run.errors).toMatchObject([unavailable])
    await recovered(run)
  })

  test.each(asked)(
    '%s, though the store is back before that: it rejects, and changes nothing',
    async (_, work) => {
      const run = await outage(async (req, res) => {
        // With a store that loads at once the session is loaded only here.
        req.session.get('user')
        run.broken.clear()
        await work(req)
        res.send('done')
      })
      expect(await run.browser.get()).toMatchObject({ status: 200, text: `failed: ${unavailable.code}` })
      await recovered(run)
    },
  )

  test('save(callback), as with express-session', async () => {
    const run = await outage((req, res) => {
      req.session.views = 2
      req.session.save((error) => void res.status(503).send(error.code))
    })
    expect(await run.browser.get()).toMatchObject({ status: 503, text: unavailable.code, setCookies: [] })
    expect(run.errors).toEqual([])
    await recovered(run)
  })

  test('reload() rejects', async () => {
    const run = await outage(async (req, res) => {
      await req.session.reload()
      res.send('read')
    })
    expect((await run.browser.get()).text).toBe(`failed: ${unavailable.code}`)
    await recovered(run)
  })

  test('take() finds nothing, and removes nothing', async () => {
    const run = await outage(
      async (req, res) => void res.json({ taken: (await req.session.take('user')) ?? null }),
    )
    expect(await run.browser.json()).toEqual({ taken: null })
    expect(run.events).toMatchObject([degraded(false)])
    await recovered(run)
  })

  test('save() after the answer rejects', async () => {
    const late = signal<unknown>()
    const run = await outage((req, res) => {
      req.session.get('user')
      res.end('hello')
      req.session.views = 2
      req.session.save().catch(late.resolve)
    })
    expect((await run.browser.get()).text).toBe('hello')
    expect(await late.promise).toMatchObject(unavailable)
    await recovered(run)
  })

  test.each(Object.keys(answers))('a new visitor whose session can not be stored: %s', async (way) => {
    const { handler } = answers[way]!
    const run = await outage((req, res) => {
      req.session.views = 7
      return handler(req, res)
    })
    const stranger = run.visitor()
    const answer = await stranger.get()
    expect(answer).toMatchObject({ status: 200, setCookies: [] })
    await later()
    expect(run.events).toMatchObject([degraded(true)])
    expect(run.errors).toEqual([])
    run.broken.clear()
    expect(await stranger.json('/session')).toEqual({})
    await recovered(run)
  })

  test.each(asked.filter(([name]) => name === 'save()' || name === 'regenerate()'))(
    'a new visitor, and %s: it rejects, and who does not wait for it gets the error',
    async (_, work) => {
      for (const waits of [true, false]) {
        const run = await outage(async (req, res) => {
          req.session.user = 'eve'
          const working = work(req)
          if (waits) await working
          else working.catch(() => {})
          res.send('welcome')
        })
        const answer = await run.visitor().get()
        expect(answer).toMatchObject({ text: `failed: ${unavailable.code}`, setCookies: [] })
        expect(run.errors).toMatchObject([unavailable])
        await recovered(run)
      }
    },
  )

  test('a new visitor, who signs in as it is meant to be done: an error', async () => {
    const run = await outage(async (req, res) => {
      await req.session.regenerate()
      req.session.user = 'eve'
      res.send('welcome')
    })
    const answer = await run.visitor().get()
    expect(answer).toMatchObject({ status: 500, text: `failed: ${unavailable.code}`, setCookies: [] })
    expect(run.events).toEqual([])
    await recovered(run)
  })

  test('changes of a session that was loaded, and that can not be saved, are an error', async () => {
    const run = await outage((req, res) => {
      req.session.views = 2
      res.send('saved')
    })
    run.broken.delete('load')
    const answer = await run.browser.get()
    expect(answer).toMatchObject({ status: 500, text: `failed: ${unavailable.code}`, setCookies: [] })
    expect(run.events).toEqual([])
    await recovered(run)
  })

  test('a use that can not be noted costs nobody the answer', async () => {
    const run = await outage(async (req, res) => {
      await req.session.touch()
      res.json(req.session)
    })
    run.broken.delete('load')
    // Over a tenth of the idle timeout, from where on it is told.
    const { now } = Date
    Date.now = () => now() + 10 * 60_000
    const answer = await run.browser.get().finally(() => {
      Date.now = now
    })
    expect(answer).toMatchObject({ status: 200, text: '{"user":"ada","views":1}', setCookies: [] })
    expect(run.events).toMatchObject([{ type: 'error', error: unavailable }])
    expect(run.errors).toEqual([])
    await recovered(run)
  })

  test('a client that leaves: it is told of, and nobody crashes', async () => {
    const [asking, closed] = [signal(), signal()]
    const run = await outage((req, res) => {
      req.session.views = 2
      res.on('close', closed.resolve)
      asking.resolve()
    })
    const left = new AbortController()
    const answer = fetch(`http://127.0.0.1:${run.port}/`, {
      headers: { cookie: run.cookie },
      signal: left.signal,
    })
    await asking.promise
    left.abort()
    await expect(answer).rejects.toThrow()
    await closed.promise
    await later()
    expect(run.events).toMatchObject([degraded(true)])
    expect(run.errors).toEqual([])
    await recovered(run)
  })

  test('a mistake in the set-up of the store is an error all the same', async () => {
    const run = await outage((req, res) => void res.json(req.session))
    run.broken.clear()
    const load = run.store.load
    run.store.load = () => {
      throw new StoreConfigError('The password is wrong.')
    }
    expect((await run.browser.get()).text).toBe('failed: UNTORN_STORE_CONFIG')
    run.store.load = load
    expect(run.events).toEqual([])
  })
})

/** The three ways to use it with node:http. */
const uses: Record<string, (session: NodeSessions) => RequestListener> = {
  'a wrapper of a handler': (session) =>
    session((req, res) => void res.end(`hello ${req.session.user ?? 'visitor'}`)),
  'a middleware of connect': (session) => (req, res) =>
    session(req, res, (error) => {
      const { session: opened } = req as unknown as { session: { user?: string } }
      res.end(error ? 'failed' : `hello ${opened.user ?? 'visitor'}`)
    }),
  'awaited in a handler': (session) => async (req, res) => {
    const { session: opened } = await session(req, res)
    res.end(`hello ${opened.user ?? 'visitor'}`)
  },
}

const nodeCases = Object.entries(uses).flatMap(([use, listener]) =>
  Object.entries(pace).map(([speed, paced]) => ({ use, speed, listener, paced })),
)

test.each(nodeCases)('onStoreError: anonymous, node:http, $use over $speed', async ({ listener, paced }) => {
  const { store, broken } = breakable()
  const events: SessionEvent[] = []
  const onEvent = (event: SessionEvent) => void events.push(event)
  const session = sessions({ store: paced(store), onStoreError: 'anonymous', onEvent })
  const login = await serve(
    session((req, res) => {
      req.session.user = 'ada'
      res.end('hello')
    }),
  )
  const port = await serve(listener(session))
  const browser = new Browser(login)
  await browser.get()
  const cookie = { headers: { cookie: browser.cookie } }
  broken.add('load')
  events.length = 0
  expect(await ask(port, cookie)).toMatchObject({ status: 200, text: 'hello visitor', setCookies: [] })
  expect(events).toMatchObject([degraded(false)])
  broken.clear()
  expect(await ask(port, cookie)).toMatchObject({ text: 'hello ada' })
})
