import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { PlainSession } from '../../src/adapters/request/plain-session.ts'
import type { SessionsOptions } from '../../src/index.ts'
import { sessions } from '../../src/node.ts'
import { PlainStore } from '../support/plain-store.ts'
import { serve } from './support/server.ts'
import { Visitor } from './support/visitor.ts'

const MINUTE = 60_000

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

/** A visitor of an application that does this to `req.session.cookie` in each request, as many do. */
async function visits(inEach: (session: PlainSession) => void, options: SessionsOptions = {}) {
  const store = new PlainStore()
  const seen: { maxAge: number | null; original: number | null; user: unknown }[] = []
  const handler = sessions({ store, ...options })((req, res) => {
    if (req.url === '/login') req.session.user = 'ada'
    inEach(req.session)
    const { maxAge, originalMaxAge: original } = req.session.cookie
    seen.push({ maxAge, original, user: req.session.user })
    res.end()
  })
  const visitor = new Visitor(await serve(handler))
  const { setCookies } = await visitor.get('/login')
  return { visitor, store, seen, setCookies }
}

const idioms: [string, (session: PlainSession) => void][] = [
  ['maxAge = originalMaxAge', ({ cookie }) => (cookie.maxAge = cookie.originalMaxAge)],
  [
    'expires = now + originalMaxAge',
    ({ cookie }) => (cookie.expires = new Date(Date.now() + (cookie.originalMaxAge ?? 0))),
  ],
]

describe.each(idioms)('in each request `%s`', (_, inEach) => {
  test.each<[string, SessionsOptions]>([
    ['with rolling', {}],
    ['without rolling', { rolling: false }],
  ])('extends a session, and never shortens it: %s', async (_name, options) => {
    const { visitor, store, seen } = await visits(inEach, options)
    for (let visit = 0; visit < 20; visit++) {
      vi.setSystemTime(Date.now() + 20 * MINUTE + 7)
      await visitor.get('/')
    }
    for (const { maxAge, original, user } of seen) {
      expect([original, user]).toEqual([30 * MINUTE, 'ada'])
      expect(maxAge).toBeGreaterThan(30 * MINUTE - 1000)
    }
    expect([...store.only().values.keys()]).toEqual(['user'])
  })

  test('writes no more often than a session that is read, and sets no cookie again', async () => {
    const { visitor, store } = await visits(inEach)
    store.counted()
    for (let visit = 0; visit < 10; visit++) {
      vi.setSystemTime(Date.now() + 1000)
      expect((await visitor.get('/')).setCookies).toEqual([])
    }
    expect(store.calls.filter(({ method }) => method === 'save')).toHaveLength(0)
  })

  test('keeps the idle timeout that a session was given of its own', async () => {
    const { visitor, seen } = await visits((session) => {
      if (session.keys().includes('remember')) return inEach(session)
      session.remember = true
      session.cookie.maxAge = 24 * 60 * MINUTE
    })
    for (let day = 0; day < 5; day++) {
      vi.setSystemTime(Date.now() + 23 * 60 * MINUTE)
      await visitor.get('/')
    }
    expect(seen.at(-1)).toMatchObject({ original: 24 * 60 * MINUTE, user: 'ada' })
  })
})

test('a cookie that ends with the browser goes on doing so', async () => {
  const idiom = ({ cookie }: PlainSession) => (cookie.maxAge = cookie.originalMaxAge)
  const { visitor, seen, setCookies } = await visits(idiom, { cookie: { expires: 'browser' } })
  expect(setCookies[0]).not.toMatch(/Max-Age|Expires/)
  vi.setSystemTime(Date.now() + 20 * MINUTE)
  await visitor.get('/')
  expect(seen.at(-1)).toMatchObject({ original: null, user: 'ada' })
})

test('an expiry that is another one is set, and is then the original', async () => {
  const { seen, setCookies } = await visits(({ cookie }) => (cookie.maxAge = 5 * MINUTE))
  expect(seen).toEqual([{ maxAge: 5 * MINUTE, original: 5 * MINUTE, user: 'ada' }])
  expect(setCookies[0]).toMatch(/Max-Age=604800/)
})
