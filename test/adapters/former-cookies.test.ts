import type { RequestHandler } from 'express'
import { describe, expect, test } from 'vitest'
import { createSessions } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { sessions } from '../../src/node.ts'
import { serving } from './fetch/serving.ts'
import { everywhere, runs } from './support/application.ts'
import { type Answer, ask, serve } from './support/server.ts'

const formerly = [{ name: 'old' }]

const removed = expect.stringMatching(/^old=; Max-Age=0; Path=\/; Expires=.*1970/)
const set = (id: string) => expect.stringMatching(new RegExp(`^sid=${id}; Max-Age=\\d+`))

/** What a browser sees that comes with a cookie of before. */
function isHealed({ setCookies, headers, text }: Answer, id: string): void {
  expect(text).toBe('ada')
  expect(setCookies).toEqual([removed, set(id)])
  expect(headers['cache-control']).toBe('private')
}

describe.each(everywhere)('in $name with $speed', ({ express, store }) => {
  async function application() {
    const shared = store()
    const before = createSessions({ store: shared })
    const session = await before.open(undefined)
    session.set('user', 'ada')
    await session.commit()
    const read: RequestHandler = (req, res) => void res.send(req.session.user ?? 'nobody')
    const app = await runs(
      (app) => {
        app.get('/', read)
        app.get('/static', (_req, res) => void res.send('hello'))
        app.get('/gone', async (req, res) => {
          expect(req.session.user).toBe('ada')
          await (await before.open(`__Host-sid=${session.id}`)).destroy()
          req.session.views = 1
          res.send('gone')
        })
        app.get('/out', async (req, res) => {
          await req.session.destroy()
          res.send('bye')
        })
      },
      { express, store: shared, cookie: { formerly } },
    )
    const get = (path: string) => ask(app.port, { path, headers: { cookie: `old=${session.id}` } })
    return { get, id: session.id }
  }

  test('the answer replaces the cookie of before, and the visitor is who they were', async () => {
    const { get, id } = await application()
    isHealed(await get('/'), id)
  })

  test('an answer that does not look at the session leaves it alone', async () => {
    const { get } = await application()
    const { setCookies, headers } = await get('/static')
    expect([setCookies, headers.vary]).toEqual([[], undefined])
  })

  test('a session that was signed out meanwhile leaves no cookie of before', async () => {
    const { get } = await application()
    const { setCookies, text } = await get('/gone')
    expect([text, setCookies]).toEqual(['gone', [removed]])
  })

  test('a sign-out removes both', async () => {
    const { get } = await application()
    expect((await get('/out')).setCookies).toEqual([removed, expect.stringMatching(/^sid=; Max-Age=0/)])
  })
})

test('with node:http, and on a fetch host', async () => {
  const store = memoryStore()
  const handler = sessions({ store, cookie: { formerly } })
  const session = await handler.sessions.open(undefined)
  session.set('user', 'ada')
  await session.commit()
  const cookie = `old=${session.id}`
  const port = await serve(handler((req, res) => void res.end(req.session.user)))
  isHealed(await ask(port, { headers: { cookie } }), session.id)

  const page = serving(handler.sessions, ({ user }) => new Response(user))
  const answer = await page(new Request('http://shop.example/', { headers: { cookie } }))
  expect(answer.headers.getSetCookie()).toEqual([removed, set(session.id)])
})

test('two cookies that are both live: pages are answered as for nobody, nothing is stored, save() says false', async () => {
  const { port, events } = await runs((app) => {
    app.get('/', async (req, res) => {
      const { user } = req.session
      req.session.views = 1
      res.json([user ?? null, await req.session.save()])
    })
    app.get('/login', async (req, res) => {
      await req.session.regenerate()
      req.session.user = 'ada'
      res.send('hello')
    })
    app.get('/who', (req, res) => void res.send(req.session.user ?? 'nobody'))
  })
  const cookies: string[] = []
  for (const _ of [1, 2]) cookies.push((await ask(port, { path: '/login' })).setCookies[0]!.split(';')[0]!)
  const both = { cookie: cookies.join('; ') }
  const { text, setCookies } = await ask(port, { headers: both })
  expect([text, setCookies]).toEqual(['[null,false]', []])
  expect(events.filter(({ type }) => type === 'created')).toHaveLength(2)
  // One of the two is replaced by the sign-in's, and the other is dead then.
  const [next] = (await ask(port, { path: '/login', headers: both })).setCookies[0]!.split(';')
  const after = { cookie: `${cookies[0]}; ${next}` }
  expect((await ask(port, { path: '/who', headers: after })).text).toBe('ada')
})

test('a visitor whose session has ended is answered without a cookie', async () => {
  const { visitor } = await runs((app) => {
    app.get('/login', (req, res) => {
      req.session.user = 'ada'
      res.send('hello')
    })
    app.get('/', (req, res) => void res.send(req.session.isNew ? 'new' : 'known'))
  })
  const [here, there] = [visitor(), visitor()]
  await here.get('/login')
  for (const [name, value] of here.cookies) there.cookies.set(name, value)
  await here.get('/')
  const { setCookies } = await there.get('/')
  expect(setCookies).toEqual([])
  there.cookies.set('sid', 'a'.repeat(43))
  expect((await there.get('/')).setCookies).toEqual([expect.stringMatching(/^sid=; Max-Age=0/)])
  expect(there.cookies.size).toBe(0)
})
