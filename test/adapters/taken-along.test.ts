import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import express, { type Request, type RequestHandler } from 'express'
import { describe, expect, test } from 'vitest'
import { sessions } from '../../src/express.ts'
import session from '../../src/express-session.ts'
import { fileStore } from '../../src/file.ts'
import { djangoFiles, sessionFileStore } from '../../src/formats.ts'
import { memoryStore } from '../../src/memory.ts'
import { moving } from '../../src/moving.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { serve } from './support/server.ts'
import { Visitor } from './support/visitor.ts'

const require = createRequire(import.meta.url)
const theirs = require('express-session')
const FileStore = require('session-file-store')(theirs)

const SECRET = 'a secret of the application'
const OPTIONS = { secret: SECRET, resave: false, saveUninitialized: false, cookie: { maxAge: 3_600_000 } }

// biome-ignore lint/suspicious/noExplicitAny: one application for two kinds of sessions
type Req = Request & { session: any }

/** The application, whichever middleware it has. */
function application(middleware: RequestHandler) {
  const app = express()
  app.use(middleware)
  app.get('/sign-in/:user', (req: Req, res) => {
    req.session.user = req.params.user
    res.json('signed in')
  })
  app.get('/add/:what', (req: Req, res) => {
    req.session.cart = [...(req.session.cart ?? []), req.params.what]
    res.json(req.session.cart)
  })
  app.get('/leave', (req: Req, res) => {
    req.session.destroy(() => res.json('left'))
  })
  app.get('/', (req: Req, res) => void res.json({ user: req.session.user, cart: req.session.cart }))
  return app
}

/** The application as it was, with visitors who are signed in. */
async function visitorsOf(directory: string, users: string[]): Promise<Visitor[]> {
  const store = new FileStore({ path: directory, reapInterval: -1, logFn() {} })
  const port = await serve(application(theirs({ ...OPTIONS, store })) as never)
  return Promise.all(
    users.map(async (user) => {
      const visitor = new Visitor(port)
      await visitor.get(`/sign-in/${user}`)
      await visitor.get('/add/book')
      return visitor
    }),
  )
}

const contents = (path: string) =>
  readdirSync(path).map((name) => [name, readFileSync(join(path, name), 'utf8')])

describe('an application that takes sessions of session-file-store along', () => {
  test('signs nobody out, in two processes, and signs out for good', async () => {
    const [old, now] = [temporaryDirectory(), temporaryDirectory()]
    const visitors = await visitorsOf(old, ['ada', 'eve'])
    const written = contents(old)
    const process = async (): Promise<number> => {
      const store = moving({ from: sessionFileStore(old), to: fileStore(now) })
      return serve(application(session({ ...OPTIONS, store })) as never)
    }
    const ports = [await process(), await process()]
    const [ada, eve] = visitors.map(({ cookies }) =>
      ports.map((port) => {
        const visitor = new Visitor(port)
        for (const [name, value] of cookies) visitor.cookies.set(name, value)
        return visitor
      }),
    ) as [[Visitor, Visitor], [Visitor, Visitor]]

    expect(await ada[0].json()).toEqual({ user: 'ada', cart: ['book'] })
    expect(await ada[1].json('/add/pen')).toEqual(['book', 'pen'])
    expect(await ada[0].json()).toEqual({ user: 'ada', cart: ['book', 'pen'] })
    expect(ada[0].cookie).toBe(visitors[0]!.cookie)
    const cookie = eve[0].cookie
    await eve[0].get('/leave')
    for (const one of eve) {
      one.cookies.set('connect.sid', cookie.slice(cookie.indexOf('=') + 1))
      expect(await one.json()).toEqual({})
    }
    expect(await ada[1].json()).toEqual({ user: 'ada', cart: ['book', 'pen'] })
    expect(contents(old)).toEqual(written)
  })

  test('loses nothing of requests that arrive at once, all of them the first', async () => {
    const old = temporaryDirectory()
    const [{ cookies }] = (await visitorsOf(old, ['ada'])) as [Visitor]
    const store = moving({ from: sessionFileStore(old), to: memoryStore() })
    const port = await serve(
      express()
        .use(session({ ...OPTIONS, store }) as never)
        .get('/set/:name', (req: Req, res) => {
          req.session[String(req.params.name)] = 1
          res.json(1)
        })
        .get('/', (req: Req, res) => void res.json(Object.keys(req.session).length)) as never,
    )
    const visitor = new Visitor(port)
    for (const [name, value] of cookies) visitor.cookies.set(name, value)
    await Promise.all(Array.from({ length: 20 }, (_, n) => visitor.get(`/set/v${n}`)))
    expect(await visitor.json()).toBe(20 + 3)
  })
})

test('a visitor of Django is signed in at an application of untorn, by the cookie that they have', async () => {
  const { sessions: samples } = JSON.parse(
    readFileSync(new URL('../stores/foreign/golden/django/sessions.json', import.meta.url), 'utf8'),
  )
  const { id, text } = samples.find(({ name }: { name: string }) => name === 'signed-in')
  const directory = temporaryDirectory()
  writeFileSync(join(directory, `sessionid${id}`), text)
  const from = djangoFiles(directory, { secretKey: 'the secret key' })
  const store = moving({ from, to: memoryStore() })
  const middleware = sessions({
    store,
    cookie: { accept: { name: 'sessionid', pattern: /^[a-z0-9]{32}$/ } },
  } as never)
  const port = await serve(
    express()
      .use(middleware as never)
      .get('/', (req: Req, res) => void res.json(req.session._auth_user_id ?? null)) as never,
  )
  const visitor = new Visitor(port)
  visitor.cookies.set('sessionid', id)
  expect(await visitor.json()).toBe('7')
  expect([...visitor.cookies.keys()].some((name) => name !== 'sessionid')).toBe(true)
  expect(await visitor.json()).toBe('7')
})
