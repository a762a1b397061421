import { createReadStream } from 'node:fs'
import http from 'node:http'
import { pipeline } from 'node:stream'
import type { RequestHandler } from 'express'
import { describe, expect, onTestFinished, test } from 'vitest'
import { eachWithEach } from '../support/whole.ts'
import { runs } from './support/application.ts'
import { expresses } from './support/express.ts'
import { later } from './support/server.ts'
import { breakable, pace } from './support/stores.ts'
import { large, largeFile } from './support/ways.ts'

const answers: Record<string, RequestHandler> = {
  'res.send': (_req, res) => void res.set('ETag', '"1"').send('hello'),
  'res.redirect': (_req, res) => res.redirect('/elsewhere'),
  'res.json': (_req, res) => void res.json([1, 2, 3]),
  'res.sendFile': (_req, res) => res.sendFile(largeFile),
  'a piped file': (_req, res) => void createReadStream(largeFile).pipe(res),
  'a piped stream': (_req, res) => void large().pipe(res),
  'a pipeline': (_req, res) => pipeline(large(), res, () => {}),
  'write and end': (_req, res) => {
    res.write('one')
    res.write('two')
    res.end('three')
  },
  'writeHead and end': (_req, res) => void res.writeHead(201, { 'X-Own': 'yes' }).end('made'),
  'flushHeaders and events': (_req, res) => {
    res.flushHeaders()
    const timer = setInterval(() => res.write('data: 1\n\n'), 2)
    res.on('close', () => clearInterval(timer))
  },
}

const cases = eachWithEach(Object.entries(expresses), Object.entries(pace)).map(
  ([[name, express], [speed, paced]]) => ({ name, speed, express, paced }),
)

describe.each(cases)('a store that fails: $name with $speed', ({ express, paced }) => {
  test.each(Object.entries(answers))(
    '%s: the error handler is reached with a clean response, and the next request works',
    async (_way, handler) => {
      const { store, broken } = breakable()
      const { visitor, errors } = await runs(
        (app) => {
          app.get('/begin', (req, res) => {
            req.session.user = 'ada'
            res.send('hello')
          })
          app.get('/change', (req, res, next) => {
            req.session.views = (req.session.views ?? 0) + 1
            return handler(req, res, next)
          })
        },
        { express, store: paced(store) },
      )
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
      onTestFinished(() => agent.destroy())
      for (const call of ['create', 'save'] as const) {
        const browser = visitor()
        if (call === 'save') await browser.get('/begin')
        broken.add(call)
        errors.length = 0
        const answer = await browser.get('/change', { agent })
        expect(errors).toHaveLength(1)
        expect(errors[0]).toMatchObject({ code: 'UNTORN_STORE_UNAVAILABLE' })
        expect(answer).toMatchObject({
          status: 500,
          text: 'failed: UNTORN_STORE_UNAVAILABLE',
          setCookies: [],
        })
        expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
        expect(answer.headers.location).toBeUndefined()
        broken.clear()
        expect((await browser.get('/session', { agent })).status).toBe(200)
      }
    },
  )

  test('in the 404 of Express itself, behind every error handler: Express answers the error', async () => {
    const { store, broken } = breakable()
    const { visitor, errors } = await runs(
      (app) => {
        app.use('/nowhere', (req, _res, next) => {
          req.session.views = 1
          next()
        })
      },
      { express, store: paced(store) },
    )
    broken.add('create')
    const answer = await visitor().get('/nowhere')
    expect(answer).toMatchObject({ status: 503, setCookies: [] })
    expect(answer.text).toMatch('The disk is full.')
    expect(errors).toEqual([])
  })

  test('that can not be read: the error handler is reached, and the next request works', async () => {
    const { store, broken } = breakable()
    const { visitor, errors } = await runs(
      (app) => {
        app.get('/login', (req, res) => {
          req.session.user = 'ada'
          res.send('hello')
        })
      },
      { express, store: paced(store) },
    )
    const browser = visitor()
    await browser.get('/login')
    broken.add('load')
    expect(await browser.get('/session')).toMatchObject({
      status: 200,
      text: 'failed: UNTORN_STORE_UNAVAILABLE',
    })
    broken.clear()
    expect(await browser.json('/session')).toEqual({ user: 'ada' })
    expect(errors).toHaveLength(1)
  })

  test('a sign-out that fails, and that the handler does not wait for, is not answered as if it had worked', async () => {
    const { store, broken } = breakable()
    const { visitor } = await runs(
      (app) => {
        app.get('/login', (req, res) => {
          req.session.user = 'ada'
          res.send('hello')
        })
        app.get('/logout', (req, res) => {
          void req.session.destroy()
          res.send('bye')
        })
      },
      { express, store: paced(store) },
    )
    const browser = visitor()
    await browser.get('/login')
    broken.add('delete')
    expect(await browser.get('/logout')).toMatchObject({
      status: 500,
      text: 'failed: UNTORN_STORE_UNAVAILABLE',
    })
    expect(browser.cookie).not.toBe('')
    broken.clear()
    await later()
    expect(await browser.get('/logout')).toMatchObject({ status: 200, text: 'bye' })
    expect(browser.cookie).toBe('')
  })

  test('callbacks get the error, as with express-session, and the answer is what they make it', async () => {
    const { store, broken } = breakable()
    const { visitor, errors } = await runs(
      (app) => {
        app.get('/save', (req, res) => {
          req.session.views = 1
          req.session.save((error) => {
            broken.clear()
            res.status(error ? 503 : 200).send(error?.code ?? 'saved')
          })
        })
      },
      { express, store: paced(store) },
    )
    broken.add('create')
    expect(await visitor().get('/save')).toMatchObject({ status: 503, text: 'UNTORN_STORE_UNAVAILABLE' })
    expect(errors).toEqual([])
  })
})
