import { expect, describe as group, it } from 'vitest'
import { type SessionStore, sessionKey } from '../../../src/index.ts'
import { type Application, door, type Handlers, MIDDLEWARES, type Req, start } from './application.ts'

const AT_ONCE = 50

const values = (req: Req, res: { end(text: string): void }) => {
  const { cookie: _, ...others } = req.session
  res.end(JSON.stringify(others))
}

const signIn: Handlers[string] = (req, res) =>
  req.session.regenerate(() => {
    req.session.user = 'ada'
    res.end()
  })

async function listed(store: SessionStore): Promise<string[]> {
  const keys: string[] = []
  for await (const [key] of store.records()) keys.push(key)
  return keys
}

/** What requests that overlap may not do to each other, over a store that `open` opens, empty. */
export function testOverlaps(open: () => SessionStore | Promise<SessionStore>): void {
  for (const [name, middleware] of Object.entries(MIDDLEWARES)) {
    const started = async (handlers: Handlers, options = {}): Promise<Application> =>
      start(middleware, await open(), { '/values': values, '/sign-in': signIn, ...handlers }, options)

    group(name, () => {
      it('keeps what each of fifty requests at once has changed', async () => {
        const { waits, open: letGo } = door()
        let arrived = 0
        const application = await started({
          '/begin': (req, res) => {
            req.session.begun = true
            res.end()
          },
          '/add': async (req, res) => {
            if (++arrived === AT_ONCE) letGo()
            await waits
            req.session[`n${new URL(req.url!, 'http://here').searchParams.get('n')}`] = { at: arrived }
            res.end()
          },
        })
        const visitor = application.visitor()
        await visitor.get('/begin')
        const answers = await Promise.all(
          Array.from({ length: AT_ONCE }, (_, n) => visitor.get(`/add?n=${n}`)),
        )
        expect(answers.map(({ status }) => status)).toEqual(Array(AT_ONCE).fill(200))
        expect(Object.keys(await visitor.values())).toHaveLength(AT_ONCE + 1)
        expect(application.errors).toEqual([])
      })

      it('does not bring a session back that was ended under a slow request', async () => {
        const [loaded, ended] = [door(), door()]
        const application = await started({
          '/slow': async (req, res) => {
            loaded.open()
            await ended.waits
            req.session.cart = ['tea']
            res.end('slow')
          },
          '/sign-out': (req, res) => req.session.destroy(() => res.end()),
        })
        const visitor = application.visitor()
        await visitor.get('/sign-in')
        const slow = visitor.get('/slow')
        await loaded.waits
        await visitor.get('/sign-out')
        ended.open()
        expect(await slow).toMatchObject({ status: 200, text: 'slow' })
        expect(await visitor.values()).toEqual({})
        expect(application.errors).toEqual([])
      })

      it('keeps a value that one request deletes deleted, and what another one adds meanwhile', async () => {
        const [loaded, deleted] = [door(), door()]
        const application = await started({
          '/begin': (req, res) => {
            Object.assign(req.session, { cart: ['tea'], seen: { a: 1 } })
            res.end()
          },
          '/slow': async (req, res) => {
            loaded.open()
            await deleted.waits
            req.session.seen.b = 2
            res.end()
          },
          '/delete': (req, res) => {
            delete req.session.cart
            res.end()
          },
        })
        const visitor = application.visitor()
        await visitor.get('/begin')
        const slow = visitor.get('/slow')
        await loaded.waits
        await visitor.get('/delete')
        deleted.open()
        await slow
        expect(await visitor.values()).toEqual({ seen: { a: 1, b: 2 } })
      })

      it('does not begin a second session for an id that came from nowhere', async () => {
        const application = await started({})
        const visitor = application.visitor()
        await visitor.get('/sign-in')
        const { cookie } = visitor
        await visitor.get('/sign-in')
        expect(visitor.cookie).not.toBe(cookie)
        expect((await application.visitor().get('/values', cookie)).text).toBe('{}')
      })
    })
  }

  group('untorn/express-session alone', () => {
    const middleware = MIDDLEWARES['untorn/express-session']!

    it('does not put a new cookie over that of a sign-in which a request with the old id has met', async () => {
      const store = await open()
      const handlers = {
        '/values': values,
        '/sign-in': signIn,
        '/visit': (req: Req, res: { end(): void }) => {
          req.session.visits = 1
          res.end()
        },
        '/save': (req: Req, res: { end(text: string): void }) => {
          req.session.save((error) => res.end(error?.code ?? 'saved'))
        },
      }
      const application = await start(middleware, store, handlers, { saveUninitialized: true })
      const stored = async (): Promise<number> => (await listed(store)).length
      const visitor = application.visitor()
      await visitor.get('/visit')
      const old = visitor.cookie
      await visitor.get('/sign-in')
      const late = await visitor.get('/visit', old)
      expect(late.status).toBe(200)
      expect(late.setCookies).toEqual([])
      expect((await visitor.get('/save', old)).text).toBe('UNTORN_SESSION_GONE')
      expect(await visitor.values()).toEqual({ user: 'ada' })
      expect(await stored()).toBe(1)
    })

    it('sends no cookie for a session that was ended meanwhile, and says so to whoever saves', async () => {
      const store = await open()
      const [loaded, ended] = [door(), door()]
      let told: unknown
      const handlers: Handlers = {
        '/values': values,
        '/sign-in': signIn,
        '/slow': async (req, res) => {
          loaded.open()
          await ended.waits
          req.session.cart = ['tea']
          req.session.save((error) => {
            told = error
            res.end()
          })
        },
      }
      const application = await start(middleware, store, handlers, {
        rolling: true,
        cookie: { maxAge: 60_000 },
      })
      const visitor = application.visitor()
      await visitor.get('/sign-in')
      const slow = visitor.get('/slow')
      await loaded.waits
      const sid = decodeURIComponent(visitor.cookie!)
        .replace(/^connect\.sid=s:/, '')
        .split('.')[0]!
      expect(await store.delete(sessionKey(sid))).toBe(true)
      ended.open()
      expect((await slow).setCookies).toEqual([])
      expect(told).toMatchObject({ code: 'UNTORN_SESSION_GONE' })
      expect(await visitor.values()).toEqual({})
    })

    it('has stored what an answer says before its head leaves', async () => {
      const store = await open()
      const handlers: Handlers = {
        '/values': values,
        '/sign-in': (req, res) => {
          req.session.user = 'ada'
          res.writeHead(302, { location: '/values' })
          res.write('on its way')
          setTimeout(() => res.end(), 20)
        },
      }
      const visitor = (await start(middleware, store, handlers)).visitor()
      const seen = await visitor.get('/sign-in')
      expect(seen.status).toBe(302)
      expect(await visitor.values()).toEqual({ user: 'ada' })
    })

    it('saves what is changed while an answer is being sent before that ends', async () => {
      const store = await open()
      const handlers: Handlers = {
        '/values': values,
        '/sign-in': signIn,
        '/stream': (req, res) => {
          res.write('first')
          setTimeout(() => {
            req.session.seen = true
            res.end('last')
          }, 5)
        },
      }
      const visitor = (await start(middleware, store, handlers)).visitor()
      await visitor.get('/sign-in')
      expect((await visitor.get('/stream')).text).toBe('firstlast')
      expect(await visitor.values()).toEqual({ user: 'ada', seen: true })
    })
  })
}
