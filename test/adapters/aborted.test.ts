import { once } from 'node:events'
import http from 'node:http'
import { pipeline } from 'node:stream'
import type { Express } from 'express'
import { describe, expect, test } from 'vitest'
import type { SessionEvent } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { sessions } from '../../src/node.ts'
import { everywhere, runs, signal } from './support/application.ts'
import { leaveHttp2, serveHttp2 } from './support/http2.ts'
import { later } from './support/server.ts'
import { breakable } from './support/stores.ts'
import type { Visitor } from './support/visitor.ts'
import { large } from './support/ways.ts'

describe.each(everywhere)('a client that leaves: $name with $speed', ({ express, store }) => {
  const run = (mount: (app: Express) => void) => runs(withLogin(mount), { express, store: store() })

  test('before a handler that never answers: what a stored session was told is saved', async () => {
    const asked = signal()
    const closed = signal()
    const { visitor, errors } = await run((app) => {
      app.get('/never', (req, res) => {
        req.session.views = 1
        res.on('close', closed.resolve)
        asked.resolve()
      })
    })
    const browser = visitor()
    await browser.get('/login')
    await browser.leave('/never', asked.promise)
    await closed.promise
    await becomes(browser, { user: 'ada', views: 1 })
    expect(errors).toEqual([])
  })

  test('before a handler that answers later: what it changed until then is saved as well', async () => {
    const asked = signal()
    const closed = signal()
    const answered = signal()
    const { visitor, errors, events } = await run((app) => {
      app.get('/late', async (req, res) => {
        req.session.views = 1
        res.on('close', closed.resolve)
        asked.resolve()
        await closed.promise
        req.session.list = [1]
        res.send('too late')
        answered.resolve()
      })
    })
    const browser = visitor()
    await browser.get('/login')
    await browser.leave('/late', asked.promise)
    await answered.promise
    await becomes(browser, { user: 'ada', views: 1, list: [1] })
    expect(errors).toEqual([])
    expect(events.map(({ type }) => type)).toEqual(['created'])
  })

  test.each(['/never', '/late'])(
    'with a new session, %s: it is not stored, nobody has its cookie',
    async (path) => {
      const asked = signal()
      const answered = signal()
      const { visitor, errors, events } = await run((app) => {
        app.get(path, (req, res) => {
          req.session.views = 1
          asked.resolve()
          res.on('close', () => {
            if (path === '/late') res.send('too late')
            setTimeout(answered.resolve, 30)
          })
        })
      })
      await visitor().leave(path, asked.promise)
      await answered.promise
      expect(events).toEqual([])
      expect(errors).toEqual([])
    },
  )

  test('in the middle of the answer: no error', async () => {
    const { visitor, errors, events } = await run((app) => {
      app.get('/stream', (req, res) => {
        req.session.views = 1
        pipeline(large(), res, () => {})
      })
    })
    const browser = visitor()
    await new Promise<void>((left) => {
      const request = http.get({ host: '127.0.0.1', port: browser.port, path: '/stream' }, (response) => {
        response.once('data', () => response.destroy())
        response.on('close', left)
      })
      request.on('error', () => {})
    })
    expect((await browser.get('/session')).status).toBe(200)
    expect(errors).toEqual([])
    expect(events.map(({ type }) => type)).toEqual(['created'])
  })
})

test('a client of HTTP/2 has left before a session begins: nothing is stored', async () => {
  const [asked, answered] = [signal(), signal()]
  const events: SessionEvent[] = []
  const session = sessions({ store: memoryStore(), onEvent: (event) => void events.push(event) })
  const port = await serveHttp2(
    session(async (req, res) => {
      asked.resolve()
      await once(res, 'close')
      req.session.user = 'ada'
      res.end('too late')
      void later(20).then(answered.resolve)
    }),
  )
  await leaveHttp2(port, asked.promise)
  await answered.promise
  expect(events).toEqual([])
})

test('a client leaves, and its session can not be saved: the event `error` tells why', async () => {
  const { store, broken } = breakable()
  const asked = signal()
  const { visitor, events } = await runs(
    withLogin((app) => {
      app.get('/never', (req) => {
        req.session.views = 1
        broken.add('save')
        asked.resolve()
      })
    }),
    { store },
  )
  const browser = visitor()
  await browser.get('/login')
  await browser.leave('/never', asked.promise)
  await expect
    .poll(() => events.at(-1))
    .toMatchObject({ type: 'error', error: { code: 'UNTORN_STORE_UNAVAILABLE' } })
})

function withLogin(mount: (app: Express) => void) {
  return (app: Express) => {
    app.get('/login', (req, res) => {
      req.session.user = 'ada'
      res.send('hello')
    })
    mount(app)
  }
}

/** Sends a request, and is gone when the handler has it. */
async function becomes(browser: Visitor, session: object): Promise<void> {
  await expect.poll(() => browser.json('/session')).toEqual(session)
}
