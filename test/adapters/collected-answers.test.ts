import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { sessions as expressSessions } from '../../src/express.ts'
import { memoryStore } from '../../src/memory.ts'
import { sessions as nodeSessions } from '../../src/node.ts'
import { type Application, collectors } from './support/collectors.ts'
import { expresses } from './support/express.ts'
import './support/session-data.ts'
import { eachWithEach } from '../support/whole.ts'
import { ask, later, serve } from './support/server.ts'
import { pace } from './support/stores.ts'

const require = createRequire(import.meta.url)

/** The same application on each host: counts the views, and waits for nothing. */
const hosts: Record<string, (store: ReturnType<typeof memoryStore>) => Application> = {
  'node:http': (store) =>
    nodeSessions<{ views: number }>({ store })((req, res) => {
      req.session.views = (req.session.views ?? 0) + 1
      res.setHeader('Set-Cookie', 'own=1')
      res.end(`${req.session.views} views`)
    }),
  ...Object.fromEntries(
    Object.entries(expresses).map(([name, express]) => [
      name,
      (store: ReturnType<typeof memoryStore>) => {
        const app = express()
        app.use(expressSessions({ store }))
        app.get('/', (req, res) => {
          req.session.views = (req.session.views ?? 0) + 1
          res.setHeader('Set-Cookie', 'own=1')
          res.send(`${req.session.views} views`)
        })
        return (req, res) => app(req as never, res as never)
      },
    ]),
  ),
}

const everyHost = eachWithEach(Object.entries(hosts), Object.entries(pace)).map(
  ([[host, application], [speed, paced]]) => ({
    host,
    speed,
    application: () => application(paced(memoryStore()) as ReturnType<typeof memoryStore>),
  }),
)

describe.each(everyHost)('$host over $speed: whoever calls the application without a server', (run) => {
  test.each(Object.entries(collectors))('and %s, gets the whole answer', async (name, collector) => {
    // Express gives a response another prototype, under which no object stands in for one.
    if (run.host !== 'node:http' && /object in place/.test(name)) return
    const application = run.application()
    const first = await collector.answerOf(application)
    expect(first).toMatchObject({ status: 200, text: '1 views', late: 0 })
    const cookies = first.headers['set-cookie'] as string[]
    expect(cookies).toEqual(['own=1', expect.stringMatching(/^sid=/)])
    const cookie = cookies[1]!.split(';')[0]!
    expect(await collector.answerOf(application, { cookie })).toMatchObject({ text: '2 views', late: 0 })
  })
})

test.each(Object.entries(collectors))(
  '%s, gets a cookie alone as a list, as there are many',
  async (_name, collector) => {
    const application = nodeSessions<{ views: number }>({ store: memoryStore() })((req, res) => {
      req.session.views = 1
      res.end()
    })
    const { headers } = await collector.answerOf(application)
    expect(headers['set-cookie']).toEqual([expect.stringMatching(/^sid=/)])
  },
)

describe.each(everyHost.filter(({ host }) => host !== 'node:http'))(
  '$host over $speed',
  ({ host, speed }) => {
    const express = expresses[host]!
    const store = () => pace[speed]!(memoryStore())

    test('the packages that look at an answer are told of it when it is out, and whole', async () => {
      const onFinished = require('on-finished') as (res: unknown, then: (error: unknown) => void) => void
      const onHeaders = require('on-headers') as (res: unknown, then: () => void) => void
      const { isFinished } = require('on-finished') as { isFinished(res: unknown): boolean }
      const seen: unknown[][] = []
      const app = express()
      app.use((_req, res, next) => {
        onHeaders(res, () => seen.push(['head', String(res.getHeader('set-cookie')).slice(0, 4)]))
        onFinished(res, (error) => seen.push(['finished', error ?? null, res.writableFinished]))
        next()
      })
      app.use(expressSessions({ store: store() }))
      app.get('/', (req, res) => {
        req.session.views = 1
        res.send('hello')
        seen.push(['answered', isFinished(res) === res.finished, res.headersSent])
      })
      expect((await ask(await serve(app))).text).toBe('hello')
      await later()
      expect(seen.filter(([what]) => what === 'answered')).toEqual([['answered', true, true]])
      expect(seen.filter(([what]) => what !== 'answered')).toEqual([
        ['head', 'sid='],
        ['finished', null, true],
      ])
    })

    test('a handler that fails once it has answered is not answered a second time', async () => {
      const told: unknown[] = []
      const app = express()
      app.use(expressSessions({ store: store() }))
      app.get('/', (req, res) => {
        req.session.views = 1
        res.send('hello')
        throw new Error('too late')
      })
      app.use(((error, _req, res, next) => {
        told.push([error.message, res.headersSent])
        if (!res.headersSent) res.status(500).send('failed')
        else if (!res.writableEnded) res.end()
        else next()
      }) as import('express').ErrorRequestHandler)
      expect(await ask(await serve(app))).toMatchObject({ status: 200, text: 'hello' })
      expect(told).toEqual([['too late', true]])
    })
  },
)
