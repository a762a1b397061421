import type { RequestHandler } from 'express'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { PlainSession } from '../../src/adapters/request/plain-session.ts'
import { createSessions, type Session } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { sessions } from '../../src/node.ts'
import { PlainStore } from '../support/plain-store.ts'
import { serving } from './fetch/serving.ts'
import { everywhere, runs } from './support/application.ts'
import { ask, serve } from './support/server.ts'

/** What a handler can ask of a session without a value of it. Each changes what is answered, as the cookie does. */
const looks: Record<string, (session: PlainSession) => unknown> = {
  isNew: (session) => session.isNew,
  id: (session) => session.id,
  createdAt: (session) => session.createdAt,
  expiresAt: (session) => session.expiresAt,
  expiresIn: (session) => session.expiresIn,
  changed: (session) => session.changed,
  'cookie.maxAge': (session) => session.cookie.maxAge,
  'touch()': (session) => session.touch(),
  'reload()': (session) => session.reload(),
  'save()': (session) => session.save(),
  'regenerate()': (session) => session.regenerate(),
  'rotate()': (session) => session.rotate(),
  'destroy()': (session) => session.destroy(),
  'logout()': (session) => session.logout(),
  'keys()': (session) => session.keys(),
  'testCookieWorked()': (session) => session.testCookieWorked(),
  'take()': (session) => session.take('notice'),
  'its JSON': (session) => JSON.stringify(session),
}

describe.each(Object.entries(looks))(
  'an answer depends on the cookie where a handler asks for %s',
  (_, look) => {
    test.each(everywhere)('in $name with $speed', async ({ express, store }) => {
      const { visitor } = await runs(
        (app) => {
          const signIn: RequestHandler = (req, res) => {
            req.session.user = 'ada'
            res.send('hello')
          }
          app.get('/login', signIn)
          app.get('/', async (req, res) => {
            await look(req.session as unknown as PlainSession)
            res.send('hello')
          })
        },
        { express, store: store() },
      )
      const browser = visitor()
      expect((await browser.get('/')).headers.vary).toBe('Cookie')
      await browser.get('/login')
      expect((await browser.get('/')).headers.vary).toBe('Cookie')
    })

    test('with node:http', async () => {
      const handler = sessions({ store: memoryStore() })(async (req, res) => {
        await look(req.session as unknown as PlainSession)
        res.end('hello')
      })
      expect((await ask(await serve(handler))).headers.vary).toBe('Cookie')
    })

    test('on a fetch host', async () => {
      const page = serving(createSessions({ store: memoryStore() }), async (session) => {
        await look(session)
        return new Response('hello')
      })
      expect((await page(new Request('https://shop.example/'))).headers.get('vary')).toBe('Cookie')
    })
  },
)

describe('an answer depends on the cookie where a session that is opened by hand is asked for', () => {
  test.each<[string, (session: Session) => unknown]>([
    ['isNew', (session) => session.isNew],
    ['its id', (session) => session.id],
    ['its end', (session) => session.expiresAt],
    ['what is left', (session) => session.expiresIn],
    ['its age', (session) => session.createdAt],
    ['a new id', (session) => session.regenerate()],
    ['an extension', (session) => session.touch()],
    ['a save', (session) => session.save()],
    ['a reload', (session) => session.reload()],
    ['its end, now', (session) => session.destroy()],
  ])('%s', async (_, look) => {
    const session = await createSessions({ store: memoryStore() }).open(undefined)
    await session.commit()
    expect(session.accessed).toBe(false)
    await look(session)
    expect(session.accessed).toBe(true)
  })
})

test('sessionID is the id', async () => {
  const handler = sessions({ store: memoryStore() })((req, res) => void res.end(req.sessionID))
  expect((await ask(await serve(handler))).headers.vary).toBe('Cookie')
})

test('that somebody asked when a session ends is no use of it: it is not extended', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const store = new PlainStore()
  const shop = createSessions({ store })
  const session = await shop.open(undefined)
  session.set('user', 'ada')
  const [cookie] = (await session.commit())!.split(';')
  const { expiresAt } = store.only()
  vi.setSystemTime(Date.now() + 20 * 60_000)
  const poll = await shop.open(cookie)
  expect(poll.expiresIn).toBeGreaterThan(0)
  await poll.commit()
  expect(store.only().expiresAt).toBe(expiresAt)
  // Reading a value is.
  poll.get('user')
  await poll.commit()
  expect(store.only().expiresAt).toBeGreaterThan(expiresAt)
})
