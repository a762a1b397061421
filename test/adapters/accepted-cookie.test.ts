import { createRequire } from 'node:module'
import type { RequestHandler } from 'express'
import { describe, expect, test } from 'vitest'
import dropInSession from '../../src/express-session.ts'
import { fileStore } from '../../src/file.ts'
import { sessionFileStore } from '../../src/formats.ts'
import { moving } from '../../src/moving.ts'
import { sessions } from '../../src/node.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { ForeignStore } from '../support/foreign-store.ts'
import { serving } from './fetch/serving.ts'
import { everywhere, runs } from './support/application.ts'
import { expresses } from './support/express.ts'
import { ask, serve } from './support/server.ts'
import { Visitor } from './support/visitor.ts'
import './support/session-data.ts'

const require = createRequire(import.meta.url)
const expressSession = require('express-session') as {
  (options: object): RequestHandler
  MemoryStore: new () => { sessions: Record<string, string> }
}

const removed = expect.stringMatching(/^connect\.sid=; Max-Age=0; Path=\/; Expires=.*1970/)
const set = expect.stringMatching(/^sid=[\w-]{43}; Max-Age=\d+/)
const accept = { name: 'connect.sid', secrets: ['new secret', 'old secret'] }

/** An application with express-session, which somebody has signed in to, and what untorn finds of it. */
async function before(secret: string, slow = false) {
  const { 'Express 4': express } = expresses
  const theirs = new expressSession.MemoryStore()
  const app = express!()
  app.use(expressSession({ store: theirs, secret, resave: false, saveUninitialized: false }))
  app.get('/', (req, res) => {
    req.session.user = 'ada'
    res.send('hello')
  })
  const visitor = new Visitor(await serve(app))
  await visitor.get('/')
  const store = new ForeignStore({ slow })
  for (const [id, text] of Object.entries(theirs.sessions)) {
    const { cookie: _, ...values } = JSON.parse(text)
    store.has(id, values)
  }
  return { store, cookie: visitor.cookie }
}

describe.each(everywhere)('in $name with $speed', ({ express, speed }) => {
  test('who comes from express-session is who they were, in requests that overlap, and gets a cookie of ours', async () => {
    const { store, cookie } = await before('old secret', speed.includes('slow'))
    const { port } = await runs(
      (app) => {
        app.get('/set/:number', (req, res) => {
          req.session[`key${Number(req.params.number)}`] = 1
          res.send(req.session.user ?? 'nobody')
        })
        app.get('/static', (_req, res) => void res.send('hello'))
        app.get('/out', async (req, res) => void res.json(await req.session.destroy()))
      },
      { express, store, cookie: { accept } },
    )
    const headers = { cookie }
    expect((await ask(port, { path: '/static', headers })).setCookies).toEqual([])
    const answers = await Promise.all(
      [1, 2, 3].map((number) => ask(port, { path: `/set/${number}`, headers })),
    )
    for (const { text, setCookies, headers } of answers) {
      expect([text, setCookies, headers['cache-control']]).toEqual(['ada', [removed, set], 'private'])
    }
    const ours = new Visitor(port)
    ours.keep(answers[0]!)
    expect([...ours.cookies.keys()]).toEqual(['sid'])
    expect(await ours.json('/session')).toEqual({ user: 'ada', key1: 1, key2: 1, key3: 1 })
    await ours.get('/out')
    expect((await ask(port, { path: '/set/4', headers })).text).toBe('nobody')
  })
})

test('with node:http, and on a fetch host', async () => {
  for (const host of ['node', 'fetch']) {
    const { store, cookie } = await before('new secret')
    const handler = sessions({ store, cookie: { accept } })
    const port = await serve(handler((req, res) => void res.end(req.session.user)))
    const page = serving(handler.sessions, ({ user }) => new Response(user))
    const fetched = () => page(new Request('http://shop.example/', { headers: { cookie } }))
    if (host === 'node') {
      const { text, setCookies } = await ask(port, { headers: { cookie } })
      expect([text, setCookies]).toEqual(['ada', [removed, set]])
    } else {
      const answer = await fetched()
      expect([await answer.text(), answer.headers.getSetCookie()]).toEqual(['ada', [removed, set]])
    }
  }
})

test("another application's cookie of that name, signed with its own secret, is let be", async () => {
  const { store, cookie } = await before('the secret of another application')
  const { port } = await runs(
    (app) => app.get('/', (req, res) => void res.send(req.session.user ?? 'nobody')),
    {
      store,
      cookie: { accept },
    },
  )
  const { text, setCookies } = await ask(port, { headers: { cookie } })
  expect([text, setCookies, store.shown]).toEqual(['nobody', [], []])
})

test('who had a session of untorn/express-session, in the same files, has it with untorn/express', async () => {
  const store = fileStore(temporaryDirectory())
  const dropIn = expresses['Express 5']!()
  dropIn.use(
    dropInSession({
      store,
      secret: 'old secret',
      resave: false,
      saveUninitialized: false,
      cookie: { maxAge: 5000 },
    }),
  )
  dropIn.get('/', (req, res) => {
    req.session.user = 'ada'
    res.send('hello')
  })
  const before = new Visitor(await serve(dropIn))
  await before.get('/')
  expect([...before.cookies.keys()]).toEqual(['connect.sid'])

  const { port, events } = await runs(
    (app) => app.get('/', (req, res) => void res.json([req.session.user, req.session.expiresIn > 60_000])),
    { store, cookie: { accept } },
  )
  const visitor = new Visitor(port)
  for (const [name, value] of before.cookies) visitor.cookies.set(name, value)
  for (const _ of [1, 2]) expect(await visitor.json('/')).toEqual(['ada', true])
  expect([...visitor.cookies.keys()]).toEqual(['sid'])
  const kept: unknown[] = []
  for await (const [, { values }] of store.records()) kept.push([...values])
  expect(kept).toEqual([[['user', '"ada"']]])
  expect(events.map(({ type }) => type)).toEqual(['adopted'])
})

test('who had a session of session-file-store is taken along by moving(), and signed out for good by a sign-out', async () => {
  const [path, to] = [temporaryDirectory(), fileStore(temporaryDirectory())]
  const FileStore = require('session-file-store')(expressSession)
  const theirs = expresses['Express 5']!()
  const options = { secret: 'old secret', resave: false, saveUninitialized: false }
  theirs.use(expressSession({ ...options, store: new FileStore({ path, logFn() {}, reapInterval: -1 }) }))
  theirs.get('/', (req, res) => {
    req.session.user = 'ada'
    res.send('hello')
  })
  const old = new Visitor(await serve(theirs))
  await old.get('/')

  const store = moving({ from: sessionFileStore(path), to })
  const { port, events } = await runs(
    (app) => {
      app.get('/set/:number', (req, res) => {
        req.session[`key${Number(req.params.number)}`] = 1
        res.send(req.session.user ?? 'nobody')
      })
      app.get('/out', async (req, res) => void res.json(await req.session.destroy()))
    },
    { store, cookie: { accept } },
  )
  const headers = { cookie: old.cookie }
  const answers = await Promise.all([1, 2, 3].map((n) => ask(port, { path: `/set/${n}`, headers })))
  expect(answers.map(({ text }) => text)).toEqual(['ada', 'ada', 'ada'])
  const ours = new Visitor(port)
  ours.keep(answers[2]!)
  expect(await ours.json('/session')).toEqual({ user: 'ada', key1: 1, key2: 1, key3: 1 })
  await ours.get('/out')
  expect((await ask(port, { path: '/set/4', headers })).text).toBe('nobody')
  expect(events.map(({ type }) => type)).toEqual(['adopted', 'signed-out', 'unknown-id', 'created'])
  await store.close()
})
