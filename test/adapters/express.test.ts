import type { ErrorRequestHandler } from 'express'
import { describe, expect, test } from 'vitest'
import { everywhere, runs, signal } from './support/application.ts'
import { ask, later } from './support/server.ts'

describe.each(everywhere)('$name with $speed', ({ express, store }) => {
  test('a redirect after a login finds the login', async () => {
    const { visitor } = await runs(
      (app) => {
        app.get('/login', (req, res) => {
          req.session.user = 'ada'
          res.redirect('/welcome')
        })
        app.get('/welcome', (req, res) => void res.send(`welcome ${req.session.user}`))
      },
      { express, store: store() },
    )
    expect((await visitor().get('/login')).text).toBe('welcome ada')
  })

  test('50 overlapping requests keep the keys of all of them', async () => {
    const { visitor } = await runs(
      (app) => {
        app.get('/set/:n', async (req, res) => {
          req.session.set(`key${Number(req.params.n)}`, 1)
          req.session.update('views', (views = 0) => views + 1)
          await later(Math.random() * 10)
          res.send('set')
        })
      },
      { express, store: store() },
    )
    const browser = visitor()
    await browser.get('/set/0')
    await Promise.all(Array.from({ length: 50 }, (_, n) => browser.get(`/set/${n + 1}`)))
    const session = (await browser.json('/session')) as object
    expect(Object.keys(session)).toHaveLength(52)
    expect(session).toMatchObject({ views: 51 })
  })

  test('nobody comes back who signs out while a slow request runs, and the slow response is whole', async () => {
    const opened = signal()
    const signedOut = signal()
    const { visitor, events } = await runs(
      (app) => {
        app.get('/login', (req, res) => {
          req.session.user = 'ada'
          res.send('hello')
        })
        app.get('/slow', async (req, res) => {
          const { user } = req.session
          opened.resolve()
          await signedOut.promise
          req.session.views = 1
          res.send(`slow for ${user}`)
        })
        app.get('/logout', async (req, res) => {
          await req.session.destroy()
          res.send('bye')
        })
      },
      { express, store: store() },
    )
    const browser = visitor()
    await browser.get('/login')
    const stolen = browser.cookie
    const slow = ask(browser.port, { path: '/slow', headers: { cookie: stolen } })
    await opened.promise
    const bye = await browser.get('/logout')
    expect(bye.setCookies[0]).toMatch(/^sid=; Max-Age=0/)
    signedOut.resolve()
    const answer = await slow
    expect(answer).toMatchObject({ status: 200, text: 'slow for ada', setCookies: [] })
    expect(answer.headers.vary).toBe('Cookie')
    expect(events.map(({ type }) => type)).toEqual(['created', 'signed-out', 'gone'])
    const back = await ask(browser.port, { path: '/session', headers: { cookie: stolen } })
    expect(back.text).toBe('{}')
  })

  test('code written for express-session works: a login with callbacks', async () => {
    const { visitor } = await runs(
      (app) => {
        app.get('/', (req, res) => void res.send(req.session.user ? `hello, ${req.session.user}!` : 'hello!'))
        app.get('/login', (req, res, next) => {
          req.session.regenerate((err) => {
            if (err) return next(err)
            req.session.user = 'ada'
            req.session.save((err) => {
              if (err) return next(err)
              res.redirect('/')
            })
          })
        })
        app.get('/logout', (req, res, next) => {
          delete req.session.user
          req.session.save((err) => {
            if (err) return next(err)
            req.session.regenerate((err) => {
              if (err) return next(err)
              res.redirect('/')
            })
          })
        })
        app.get('/destroy', (req, res, next) => {
          req.session.destroy((err) => (err ? next(err) : res.redirect('/')))
        })
        app.get('/remember', (req, res) => {
          req.session.cookie.maxAge = 3_600_000
          res.json({ left: req.session.cookie.maxAge, until: req.session.cookie.expires })
        })
      },
      { express, store: store() },
    )
    const browser = visitor()
    expect((await browser.get('/')).text).toBe('hello!')
    expect((await browser.get('/login')).text).toBe('hello, ada!')
    const first = browser.cookie
    expect((await browser.get('/login')).text).toBe('hello, ada!')
    expect(browser.cookie).not.toBe(first)
    expect((await ask(browser.port, { headers: { cookie: first } })).text).toBe('hello!')
    const { left, until } = (await browser.json('/remember')) as { left: number; until: string }
    expect(left).toBeGreaterThan(3_590_000)
    expect(left).toBeLessThanOrEqual(3_600_000)
    expect(Math.abs(Date.parse(until) - Date.now() - 3_600_000)).toBeLessThan(60_000)
    expect((await browser.get('/logout')).text).toBe('hello!')
    await browser.get('/login')
    expect((await browser.get('/destroy')).text).toBe('hello!')
    expect(browser.cookie).toBe('')
  })

  test('an error handler may use the session: what it changes is saved with its answer', async () => {
    const { visitor } = await runs(
      (app) => {
        app.get('/fails', (req) => {
          req.session.views = 1
          throw new Error('oops')
        })
        app.use(((error, req, _res, next) => {
          req.session.user = 'nobody'
          next(error)
        }) as ErrorRequestHandler)
      },
      { express, store: store() },
    )
    const browser = visitor()
    expect(await browser.get('/fails')).toMatchObject({ text: 'failed: oops' })
    expect(await browser.json('/session')).toEqual({ views: 1, user: 'nobody' })
  })

  test('an error after a part of the answer: the client sees a broken answer, what was changed before is saved', async () => {
    const { visitor, errors } = await runs(
      (app) => {
        app.get('/login', (req, res) => {
          req.session.user = 'ada'
          res.send('hello')
        })
        app.get('/half', (req, res, next) => {
          req.session.views = 1
          res.write('half an answer')
          setTimeout(() => next(new Error('half-way')), 40)
        })
      },
      { express, store: store() },
    )
    const browser = visitor()
    await browser.get('/login')
    await expect(browser.get('/half')).rejects.toThrow('aborted')
    expect(errors.map(({ message }) => message)).toEqual(['half-way'])
    expect(await browser.json('/session')).toEqual({ user: 'ada', views: 1 })
  })
})
