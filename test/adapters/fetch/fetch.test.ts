import { describe, expect, onTestFinished, test } from 'vitest'
import { fileStore } from '../../../src/file.ts'
import {
  createSessions,
  type SessionEvent,
  type SessionStore,
  type SessionsOptions,
} from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { later } from '../support/server.ts'
import { breakable, slowly } from '../support/stores.ts'
import { type Page, serving } from './serving.ts'

const HOME = 'https://shop.example/'

/** One visitor of a page that a fetch host serves. */
function visiting(store: SessionStore, page: Page, options: SessionsOptions = {}) {
  const events: SessionEvent[] = []
  const sessions = createSessions({ store, onEvent: (event) => void events.push(event), ...options })
  const handle = serving(sessions, page)
  let cookie = ''
  const visit = async (path = '', init: RequestInit = {}) => {
    const response = await handle(new Request(HOME + path, { ...init, headers: { cookie, ...init.headers } }))
    const [line] = response.headers.getSetCookie()
    if (line !== undefined) cookie = line.split(';')[0]!
    return response
  }
  return { visit, events, sessions, cookie: () => cookie }
}

const STORES: [string, () => SessionStore][] = [
  ['files', () => closed(fileStore(temporaryDirectory(), { sweepEvery: 0 }))],
  ['a store that answers later', () => slowly(memoryStore())],
]

function closed(store: SessionStore): SessionStore {
  onTestFinished(() => store.close())
  return store
}

describe.each(STORES)('a page served by a fetch host, over %s', (_name, open) => {
  const counts: Page = (session) => {
    session.views = (session.views ?? 0) + 1
    return new Response(`${session.views} views`)
  }

  test('counts, under one cookie, which is sent once', async () => {
    const { visit, cookie } = visiting(open(), counts)
    const first = await visit()
    expect(await first.text()).toBe('1 views')
    expect(first.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-sid=[\w-]{43}; .*HttpOnly; Secure/),
    ])
    expect(first.headers.get('vary')).toBe('Cookie')
    expect(first.headers.get('cache-control')).toBe('private')
    const before = cookie()
    const second = await visit()
    expect(await second.text()).toBe('2 views')
    expect(second.headers.getSetCookie()).toEqual([])
    expect(second.headers.get('vary')).toBe('Cookie')
    expect(second.headers.get('cache-control')).toBeNull()
    expect(cookie()).toBe(before)
  })

  test('that looks at no session says nothing of one', async () => {
    const { visit } = visiting(open(), () => new Response('hello', { headers: { vary: 'Accept' } }))
    const { headers } = await visit()
    expect([headers.getSetCookie(), headers.get('vary')]).toEqual([[], 'Accept'])
  })

  test('that redirects, whose headers can not be changed, has its cookie, and the next request its value', async () => {
    const { visit } = visiting(open(), (session, { url }) => {
      if (url.endsWith('me')) return new Response(String(session.user))
      session.user = 'Ada'
      return Response.redirect(`${HOME}me`, 302)
    })
    const { status, headers } = await visit('login')
    expect([status, headers.get('location')]).toEqual([302, `${HOME}me`])
    expect(await (await visit('me')).text()).toBe('Ada')
  })

  test('keeps the changes of two requests that overlap', async () => {
    let together: Promise<void> | undefined
    const { visit } = visiting(open(), async (session, { url }) => {
      const name = new URL(url).pathname.slice(1)
      if (name === 'all') return Response.json(session)
      session[name] = 1
      await together
      return new Response('ok')
    })
    await visit('first')
    let release = () => {}
    together = new Promise((resolve) => {
      release = resolve
    })
    const both = [visit('a'), visit('b')]
    setTimeout(release, 20)
    await Promise.all(both)
    expect(await (await visit('all')).json()).toEqual({ first: 1, a: 1, b: 1 })
  })

  test('that is slow stores nothing after a sign-out, and its answer stays', async () => {
    let signedOut: Promise<void> | undefined
    const { visit, events } = visiting(open(), async (session, { url }) => {
      if (url.endsWith('out')) {
        await session.destroy()
        return new Response('bye')
      }
      await signedOut
      session.at = performance.now()
      return new Response('slow')
    })
    await visit()
    let go = () => {}
    signedOut = new Promise((resolve) => {
      go = resolve
    })
    const slow = visit()
    await new Promise((resolve) => setTimeout(resolve, 20))
    const { headers } = await visit('out')
    expect(headers.getSetCookie()[0]).toMatch(/^__Host-sid=; Max-Age=0/)
    go()
    const answer = await slow
    expect([answer.status, await answer.text(), answer.headers.getSetCookie()]).toEqual([200, 'slow', []])
    expect(events.map(({ type }) => type)).toEqual(['created', 'signed-out', 'gone'])
  })

  test('that goes on changing after its head has left is told where', async () => {
    const { visit, events } = visiting(open(), async (session) => {
      session.begun = true
      const { readable, writable } = new TransformStream<string, string>()
      const write = async () => {
        const writer = writable.getWriter()
        await writer.write('one')
        await later()
        session.late = 1
        await writer.close()
      }
      void write()
      return new Response(readable.pipeThrough(new TextEncoderStream()))
    })
    expect(await (await visit()).text()).toBe('one')
    await later()
    expect(events.map(({ type }) => type)).toEqual(['created', 'late-change'])
    expect(events[1]).toMatchObject({ at: expect.stringContaining('fetch.test.ts') })
  })
})

test('a store that can not save is an error of the page, and what was stored before keeps its cookie', async () => {
  const { store, broken } = breakable()
  const { visit, sessions, cookie } = visiting(store, async (session, { url }) => {
    if (url.endsWith('me')) return new Response(String(session.user))
    session.user = 'Ada'
    await session.save()
    broken.add('save')
    session.cart = ['tea']
    return new Response('in')
  })
  const answer = await visit()
  expect([answer.status, answer.headers.get('x-error')]).toEqual([503, 'UNTORN_STORE_UNAVAILABLE'])
  broken.clear()
  expect(await (await visit('me')).text()).toBe('Ada')
  expect((await sessions.open(cookie())).has('cart')).toBe(false)
})

test('a client that has gone gets no new session, and what it had is saved', async () => {
  const store = memoryStore()
  const leaving = new AbortController()
  const { visit, sessions, cookie } = visiting(store, async (session, { url }) => {
    session.saved = url
    if (url.endsWith('leave')) leaving.abort()
    return new Response('ok')
  })
  await visit('first')
  await visit('leave', { signal: leaving.signal })
  expect((await sessions.open(cookie())).get('saved')).toBe(`${HOME}leave`)
  const gone = new AbortController()
  const stranger = serving(sessions, (session) => {
    session.user = 'nobody'
    gone.abort()
    return new Response('ok')
  })
  const answer = await stranger(new Request(HOME, { signal: gone.signal }))
  expect(answer.headers.getSetCookie()).toEqual([])
})

test('what is to be added comes in parts too, for hosts that build cookies themselves', async () => {
  const { AnsweredSession } = await import('../../../src/adapters/request/answered-session.ts')
  const sessions = createSessions({ store: memoryStore(), cookie: { sameSite: 'strict' } })
  class Bare extends AnsweredSession<object, undefined> {
    readonly clientIsGone = false
    tellWhenOver() {}
    answerFailure() {}
  }
  const framework = {
    cookieOf: () => undefined,
    headerOf: () => () => undefined,
    methodOf: () => 'GET',
    isSecure: () => true,
    onInsecureCookie() {},
  }
  const session = new Bare(sessions, framework, undefined)
  session.methods.set('user' as never, 'Ada' as never)
  const additions = await session.commit()
  expect(additions).toMatchObject({
    varies: true,
    private: true,
    cookies: [
      {
        name: '__Host-sid',
        value: session.methods.id,
        attributes: { path: '/', httpOnly: true, secure: true, sameSite: 'strict', maxAge: 7 * 24 * 3600 },
      },
    ],
  })
})
