import type { RequestHandler } from 'express'
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/memory.ts'
import { runs } from './support/application.ts'
import { ask } from './support/server.ts'
import { counted, pace, slowly } from './support/stores.ts'

const read: RequestHandler = (req, res) => void res.send(`views: ${req.session.views}`)
const write: RequestHandler = (req, res) => {
  req.session.views = 1
  res.send('written')
}
const nothing: RequestHandler = (_req, res) => void res.send('nothing')

describe('Vary', () => {
  test.each<[string, RequestHandler, string | undefined]>([
    ['is not set where the session was not used', nothing, undefined],
    ['names the cookie where the session was read', read, 'Cookie'],
    ['names the cookie where the session was written', write, 'Cookie'],
    [
      'keeps what is there',
      (req, res, next) => {
        res.set('Vary', 'Accept, Origin')
        return read(req, res, next)
      },
      'Accept, Origin, Cookie',
    ],
    [
      'names the cookie once',
      (req, res, next) => {
        res.set('Vary', 'cookie')
        return read(req, res, next)
      },
      'cookie',
    ],
    [
      'leaves a star alone',
      (req, res, next) => {
        res.set('Vary', '*')
        return read(req, res, next)
      },
      '*',
    ],
    [
      'is found in the headers of writeHead as well',
      (req, res) => {
        const { views } = req.session
        res.writeHead(200, { vary: 'Accept' }).end(`${views}`)
      },
      'Accept, Cookie',
    ],
  ])('%s', async (_promise, handler, expected) => {
    for (const store of [memoryStore(), slowly(memoryStore())]) {
      const { visitor } = await runs(
        (app) => {
          app.get('/write', write)
          app.get('/', handler)
        },
        { store },
      )
      const browser = visitor()
      if (handler !== write) await browser.get('/write')
      expect((await browser.get('/')).headers.vary).toBe(expected)
    }
  })
})

describe('Cache-Control', () => {
  test.each([
    [undefined, 'private'],
    ['public', 'private'],
    ['public, max-age=60', 'private, max-age=60'],
    ['max-age=60, s-maxage=600', 'private, max-age=60'],
    ['Public, S-MaxAge=600, stale-while-revalidate=30', 'private, stale-while-revalidate=30'],
    ['no-cache', 'private, no-cache'],
    ['no-cache="a, public", public', 'private, no-cache="a, public"'],
    ['no-store', 'no-store'],
    ['private, max-age=10', 'private, max-age=10'],
    ['Private="set-cookie", public', 'private'],
    ['Private, max-age=5', 'Private, max-age=5'],
    ['private="x-user", max-age=60, s-maxage=600', 'private, max-age=60'],
  ])('%s becomes %s where a cookie is set, and stays without one', async (set, expected) => {
    const { visitor } = await runs((app) => {
      app.use((_req, res, next) => {
        if (set !== undefined) res.set('Cache-Control', set)
        next()
      })
      app.get('/write', write)
      app.get('/read', read)
    })
    const browser = visitor()
    const first = await browser.get('/write')
    expect(first.setCookies).toHaveLength(1)
    expect(first.headers['cache-control']).toBe(expected)
    const second = await browser.get('/read')
    expect(second.setCookies).toEqual([])
    expect(second.headers['cache-control']).toBe(set)
  })

  test.each([
    ['CDN-Cache-Control', 'max-age=600', 'no-store'],
    ['CDN-Cache-Control', 'public, max-age=600', 'no-store'],
    ['CDN-Cache-Control', 'private, max-age=600', 'private, max-age=600'],
    ['CDN-Cache-Control', 'private="set-cookie", max-age=600', 'no-store'],
    ['CDN-Cache-Control', 'private=?0, max-age=600', 'no-store'],
    ['CDN-Cache-Control', 'No-Store', 'No-Store'],
    ['Cloudflare-CDN-Cache-Control', 'max-age=600', 'no-store'],
    ['Netlify-CDN-Cache-Control', 'public, durable, max-age=600', 'no-store'],
    ['Vercel-CDN-Cache-Control', 'max-age=600', 'no-store'],
    ['Surrogate-Control', 'max-age=600', 'no-store'],
    ['Surrogate-Control', 'max-age=600, content="ESI/1.0"', 'no-store, content="ESI/1.0"'],
  ])('%s: %s, for shared caches alone, becomes %s where a cookie is set', async (name, wish, expected) => {
    const { visitor } = await runs((app) => {
      app.use((_req, res, next) => {
        res.set({ 'Cache-Control': 'private', [name]: wish })
        next()
      })
      app.get('/write', write)
      app.get('/read', read)
    })
    const browser = visitor()
    const first = await browser.get('/write')
    expect(first.setCookies).toHaveLength(1)
    expect(first.headers[name.toLowerCase()]).toBe(expected)
    expect((await browser.get('/read')).headers[name.toLowerCase()]).toBe(wish)
  })

  test('several values of it are one', async () => {
    const { visitor } = await runs((app) => {
      app.get('/', (req, res, next) => {
        res.setHeader('Cache-Control', ['public', 'max-age=60'])
        return write(req, res, next)
      })
    })
    expect((await visitor().get('/')).headers['cache-control']).toBe('private, max-age=60')
  })
})

describe('what is not used costs nothing', () => {
  test('a request that never looks at its session reaches no store', async () => {
    const { store, calls } = counted()
    const { visitor } = await runs(
      (app) => {
        app.get('/write', write)
        app.get('/', nothing)
        app.get('/asks', (req, res) => void res.send(typeof req.sessionID))
      },
      { store },
    )
    const browser = visitor()
    await browser.get('/write')
    calls.length = 0
    const answer = await browser.get('/')
    expect(calls).toEqual([])
    expect(answer.headers.vary).toBeUndefined()
    await browser.get('/session')
    expect(calls).toEqual(['load'])
  })

  test('a visitor without a session reaches no store and gets no cookie, also where it is read', async () => {
    for (const paced of Object.values(pace)) {
      const { store, calls } = counted()
      const { port } = await runs((app) => app.get('/', read), { store: paced(store) })
      for (const headers of [{}, { cookie: 'other=1; theme=dark' }]) {
        const answer = await ask(port, { headers })
        expect(answer).toMatchObject({ text: 'views: undefined', setCookies: [] })
      }
      expect(calls).toEqual([])
    }
  })

  test('reading saves nothing', async () => {
    const { store, calls } = counted()
    const { visitor } = await runs(
      (app) => {
        app.get('/write', write)
        app.get('/', read)
      },
      { store },
    )
    const browser = visitor()
    await browser.get('/write')
    calls.length = 0
    for (const _ of [1, 2, 3]) await browser.get('/')
    expect(calls).toEqual(['load', 'load', 'load'])
  })

  test('with a store that answers at once a response is not delayed by a microtask', async () => {
    const order: string[] = []
    const { visitor } = await runs((app) => {
      app.get('/', (req, res) => {
        queueMicrotask(() => order.push('microtask'))
        process.nextTick(() => order.push('tick'))
        req.session.views = 1
        res.write('a')
        order.push(`sent: ${res.headersSent && res.socket!.bytesWritten > 0}`)
        res.end('b')
        order.push(`ended: ${res.writableEnded}`)
      })
    })
    await visitor().get('/')
    expect(order).toEqual(['sent: true', 'ended: true', 'tick', 'microtask'])
  })
})
