import { createRequire } from 'node:module'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import { describe, expect, test } from 'vitest'
import { sessionOf, sessions } from '../../src/express.ts'
import { memoryStore } from '../../src/memory.ts'
import { expresses } from './support/express.ts'
import { later, serve } from './support/server.ts'
import './support/session-data.ts'
import { warnings } from '../support/warnings.ts'
import { Visitor } from './support/visitor.ts'

const require = createRequire(import.meta.url)
const expressSession = require('express-session') as (options: object) => RequestHandler

const theirs = () => expressSession({ secret: 'x', name: 'theirs', resave: false, saveUninitialized: true })

// Alone: only the first reads of a process are looked at. First, since it is said once.
test('express-session that is reached behind sessions(), in an application within it, is a warning with what to do', async () => {
  const seen = warnings()
  const { 'Express 5': express } = expresses
  const inner = express!()
  inner.use(theirs())
  inner.get('/', (req, res) => {
    req.session.views = (req.session.views ?? 0) + 1
    res.send(String(req.session.views))
  })
  const app = express!()
  app.use(sessions({ store: memoryStore() }))
  app.use(inner)
  const visitor = new Visitor(await serve(app))
  for (const views of ['1', '2']) expect((await visitor.get('/')).text).toBe(views)
  await later()
  expect([...visitor.cookies.keys()]).toEqual(['sid'])
  const told = seen.filter(({ message }) => message.includes('express-session'))
  expect(told).toMatchObject([{ code: 'UNTORN_EXPRESS_SESSION_BEHIND' }])
  expect(told[0]!.message).toMatch(/stood aside.*Take it away.*sessions\(\{ as: 'name'/)
})

describe.each(Object.entries(expresses))('%s: express-session', (_name, express) => {
  test('in front of sessions() is an error that says what to do', async () => {
    const app = express()
    app.use(theirs(), sessions({ store: memoryStore() }))
    app.get('/', (_req, res) => void res.send('never'))
    const errors: { code?: string; message: string }[] = []
    app.use(((error, _req, res, _next) => {
      errors.push(error)
      res.send('failed')
    }) as ErrorRequestHandler)
    expect((await new Visitor(await serve(app)).get('/')).text).toBe('failed')
    expect(errors).toMatchObject([{ code: 'UNTORN_MISUSE' }])
    expect(errors[0]!.message).toMatch(/another library.*Take that one away.*sessions\(\{ as: 'name'/)
  })

  test.each(['in front', 'behind'])('%s works beside a session of another name', async (place) => {
    const app = express()
    const ours = sessions({ store: memoryStore(), as: 'own', cookie: { name: 'own' } })
    app.use(...(place === 'behind' ? [ours, theirs()] : [theirs(), ours]))
    app.get('/', (req, res) => {
      req.session.views = (req.session.views ?? 0) + 1
      const own = sessionOf<{ views: number }>(req, 'own')
      own.update('views', (n = 10) => n + 1)
      res.json([req.session.views, own.views])
    })
    const visitor = new Visitor(await serve(app))
    expect(await visitor.json('/')).toEqual([1, 11])
    expect(await visitor.json('/')).toEqual([2, 12])
    expect([...visitor.cookies.keys()].sort()).toEqual(['own', 'theirs'])
  })
})
