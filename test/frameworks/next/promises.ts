import { existsSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SessionRecord } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { gate } from '../../../src/testing/adapter/gate.ts'
import { responseOf } from '../../adapters/conformance/sites.ts'
import { conforms } from '../../adapters/support/conformance.ts'
import { breakable, slowly } from '../../adapters/support/stores.ts'
import { Browser, shown } from './browser.ts'
import { build, type Kind, listening, sites, start, testing } from './server.ts'

let application = ''
let listener: RequestListener
let server: { port: number; close(): Promise<void> }

async function onlyRecord(): Promise<SessionRecord> {
  const records: SessionRecord[] = []
  for await (const [, record] of testing.store.records()) records.push(record)
  expect(records).toHaveLength(1)
  return records[0]!
}

const types = () => testing.events.map(({ type }) => type)
const browser = () => new Browser(server.port)

/** What `untorn/next` promises, asked of the application as this Next.js builds it and serves it. One in a process. */
export function promisesOfNext(kind: Kind): void {
  beforeAll(async () => {
    application = build(kind)
    listener = await start(application)
    server = await listening(listener)
  }, 600_000)
  afterAll(() => server.close())

  beforeEach(() => {
    testing.store = memoryStore()
    testing.events.length = 0
    delete testing.gate
    delete testing.afterLogin
    // Next.js prints what a handler throws.
    vi.spyOn(console, 'error').mockImplementation(() => {})
  })

  test('a build makes no directory and opens no store', () => {
    expect(existsSync(join(application, '.next'))).toBe(true)
    expect(existsSync(join(application, '.sessions'))).toBe(false)
  })

  describe.each(['submit', 'call'] as const)('a server action, by %s', (by) => {
    test('begins a session, whose page shows it at once, and goes on with it', async () => {
      const visitor = browser()
      const first = await visitor[by]('add', 'tea')
      expect([first.status, first.setCookies.length]).toEqual([200, 1])
      expect(first.setCookies[0]).toMatch(/^sid=[\w-]{43}; .*HttpOnly; SameSite=lax/)
      expect(first.headers['cache-control']).toContain('no-store')
      expect(first.text).toContain('tea')
      const second = await visitor[by]('add', 'milk')
      expect([second.status, second.setCookies]).toEqual([200, []])
      expect(await visitor.seen()).toEqual({ items: ['tea', 'milk'], notes: [], isOne: true })
      expect(types()).toEqual(['created'])
    })

    test('that redirects has saved what it changed, and its message is shown once', async () => {
      const visitor = browser()
      const { status, headers, setCookies } = await visitor[by]('addAndGo', 'tea')
      const redirected = kind.major === 15 ? 303 : 200
      expect([status, headers.location ?? headers['x-action-redirect'], setCookies.length]).toEqual(
        by === 'submit' ? [303, '/', 1] : [redirected, '/;push', 1],
      )
      expect((await visitor.seen()).notes).toEqual(['added'])
      expect(await visitor.seen()).toMatchObject({ items: ['tea'], notes: [] })
    })

    test('that finds nothing has saved what it changed', async () => {
      const visitor = browser()
      const { status, setCookies } = await visitor[by]('addToNothing', 'tea')
      expect([status, setCookies.length]).toEqual([404, 1])
      expect((await visitor.seen()).items).toEqual(['tea'])
    })

    test('that fails keeps the values of a session, and begins none', async () => {
      const visitor = browser()
      const stranger = await visitor[by]('addAndFail', 'none')
      expect([stranger.status, stranger.setCookies]).toEqual([500, []])
      await visitor[by]('add', 'tea')
      expect((await visitor[by]('addAndFail', 'milk')).status).toBe(500)
      expect((await visitor.seen()).items).toEqual(['tea', 'milk'])
    })

    test('that saves by itself has its cookie from `save()`', async () => {
      const visitor = browser()
      expect((await visitor[by]('addBySave', 'tea')).setCookies).toHaveLength(1)
      expect((await visitor[by]('addBySave', 'milk')).setCookies).toEqual([])
      expect((await visitor.seen()).items).toEqual(['tea', 'milk'])
      expect(types()).toEqual(['created'])
    })

    test('signs in under another id, and out', async () => {
      const visitor = browser()
      await visitor[by]('add', 'tea')
      const before = visitor.cookie
      expect((await visitor[by]('login', 'ada')).setCookies).toHaveLength(1)
      expect(visitor.cookie).not.toBe(before)
      expect(await visitor.seen()).toMatchObject({ items: [], owner: 'ada' })
      expect((await visitor[by]('logout', '')).setCookies[0]).toMatch(/^sid=; /)
      expect(await visitor.seen()).not.toHaveProperty('owner')
    })
  })

  test('what an action is called with is never taken for its request', async () => {
    const { status } = await browser().callWith('nothing', [
      ['1', '[]'],
      // The look of a request, with a Map of React's in the place of its headers.
      ['0', '[{"headers":"$Q1","method":"GET","url":"/"}]'],
    ])
    expect(status).toBe(404)
  })

  test('a handler within another is part of it', async () => {
    const visitor = browser()
    await visitor.submit('addTwice', 'tea')
    expect((await visitor.seen()).items).toEqual(['tea', 'tea'])
  })

  test('fifty actions at once all count', async () => {
    const visitor = browser()
    await visitor.submit('add', 'tea')
    const fields = await visitor.fields('addOne', 'views')
    vi.spyOn(visitor, 'fields').mockResolvedValue(fields)
    await Promise.all(Array.from({ length: 50 }, () => visitor.submit('addOne', 'views')))
    expect((await onlyRecord()).values.get('views')).toBe('50')
  })

  test.each(['at once', 'later'])(
    'an action that is slow stores nothing after a sign-out, by a store that answers %s',
    async (when) => {
      if (when === 'later') testing.store = slowly(memoryStore())
      const visitor = browser()
      await visitor.submit('add', 'tea')
      const fields = await visitor.fields('addSlowly', 'late')
      const { cookie } = visitor
      const [come, gone] = [gate(), gate()]
      testing.gate = () => {
        come.open()
        return gone.opened
      }
      const slow = browser()
      slow.cookies.set('sid', cookie.replace('sid=', ''))
      vi.spyOn(slow, 'fields').mockResolvedValue(fields)
      const answering = slow.submit('addSlowly', 'late')
      await come.opened
      await visitor.submit('logout', '')
      gone.open()
      const answer = await answering
      expect([answer.status, answer.setCookies]).toEqual([200, []])
      expect(types()).toContain('gone')
      expect((await browser().seen()).items).toEqual([])
    },
  )

  test('an action that can not save is an error, and a sign-in before it has its cookie', async () => {
    const { store, broken } = breakable()
    testing.store = store
    testing.afterLogin = () => void broken.add('save')
    const visitor = browser()
    const answer = await visitor.submit('login', 'ada')
    expect([answer.status, answer.setCookies.length]).toEqual([500, 1])
    broken.clear()
    expect((await visitor.seen()).owner).toBe('ada')
  })

  test('a route handler that redirects or finds nothing has its cookie, and the next request the value', async () => {
    const visitor = browser()
    expect((await visitor.get('/handled/nowhere')).status).toBe(404)
    expect((await visitor.seen()).items).toEqual(['nowhere'])
    const stranger = browser()
    expect(JSON.parse(shown(await stranger.get('/handled/go'))).items).toEqual(['gone'])
  })

  test('what `getSession()` gave and nobody saved is told; it is kept where it needs no cookie', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const visitor = browser()
    expect((await visitor.get('/handled/forgets')).setCookies).toEqual([])
    await expect.poll(types).toEqual(['late-change'])
    expect(warned.mock.calls.flat()).toContainEqual(expect.stringContaining('await session.save()'))
    for await (const stored of testing.store.records()) expect.unreachable(stored[0])
    await visitor.submit('add', 'tea')
    await visitor.get('/handled/forgets')
    await expect.poll(types).toEqual(['late-change', 'created', 'late-change'])
    await expect.poll(async () => (await visitor.seen()).items).toEqual(['forgotten'])
  })

  test('what the proxy begins its page sees, and the cookies of both are sent', async () => {
    const visitor = browser()
    const answer = await visitor.get('/begun')
    expect(JSON.parse(shown(answer)).items).toEqual(['from the proxy'])
    expect(answer.setCookies.map((line) => line.split('=')[0]).sort()).toEqual(['sid', 'theme'])
    expect(answer.headers['cache-control']).toContain('no-store')
    expect((await visitor.seen()).items).toEqual(['from the proxy'])
  })

  test.each(['getSession', 'assignment', 'save', 'login'])(
    'a component changes nothing by %s',
    async (by) => {
      const visitor = browser()
      await visitor.submit('add', 'tea')
      expect(shown(await visitor.get(`/writes?by=${by}`))).toBe('UNTORN_MISUSE')
      expect((await visitor.seen()).items).toEqual(['tea'])
    },
  )

  test('a component that reads extends the session', async () => {
    const visitor = browser()
    await visitor.submit('add', 'tea')
    const expiry = async () => (await onlyRecord()).expiresAt
    await visitor.get('/used')
    const before = await expiry()
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect(shown(await visitor.get('/used'))).toBe('["tea"]')
    expect(await expiry()).toBeGreaterThan(before)
  })

  test('the modules of pages, of route handlers and of the proxy have one store', () => {
    expect(testing.opened).toBe(1)
  })
}

/** The adapter suite, beside these promises. */
export function suiteOfNext(): void {
  conforms('a route handler', {
    without: {
      errorCookie: 'Next.js answers an error of a route handler by itself, without what cookies() has',
    },
    async serve({ options, trustProxy, page }) {
      const { port, close } = await listening(listener)
      sites.set(`127.0.0.1:${port}`, {
        options: { ...options, trustProxy },
        async answer(session, { method, url }) {
          const { pathname, search } = new URL(url)
          // What the client has sent as `?0` comes from Next.js as `?0=`.
          const asSent = pathname + search.replace(/=(?=&|$)/g, '')
          return responseOf(await page(session, { method, url: asSent }))
        },
      })
      return { url: `http://127.0.0.1:${port}`, close }
    },
    over: ['files', 'a store that answers later'],
  })
}
