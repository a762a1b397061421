import { IncomingMessage } from 'node:http'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type SessionKey, shortKey } from '../../../src/contract/key.ts'
import type { SessionStore } from '../../../src/contract/store.ts'
import { createSessions, SessionGoneError, type SessionsOptions } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import type { SessionEvent } from '../../../src/session/events.ts'
import type { Session } from '../../../src/session/session.ts'
import { STATE } from '../../../src/session/view-symbols.ts'
import {
  type OnMessage,
  type SocketSessionsOptions,
  sessions as socketSessions,
} from '../../../src/websocket.ts'
import { cookieHeader } from '../../sessions/visit.ts'
import { forgetWarnings, warningTexts } from '../../support/warnings.ts'
import { later } from '../support/server.ts'
import { breakable, counted, pace } from '../support/stores.ts'
import { FakeSocket, upgradeRequest } from './fake-socket.ts'

interface Values {
  user: string
  count: number
  list: number[]
  note: string
}

type Options = Omit<SocketSessionsOptions<Values>, 'sessions'> & { store?: SessionStore } & Pick<
    SessionsOptions<Values>,
    'idleTimeout' | 'onStoreError'
  >

const gone = expect.objectContaining({ code: 'UNTORN_SESSION_GONE', status: 409 })

const said = warningTexts()
beforeEach(forgetWarnings)

/** An application whose pages and sockets have the same sessions. */
function shop({
  store = memoryStore(),
  idleTimeout = '1h',
  onStoreError = 'fail',
  ...options
}: Options = {}) {
  const events: SessionEvent[] = []
  const onEvent = (event: SessionEvent) => void events.push(event)
  const shared = createSessions<Values>({ store, onEvent, idleTimeout, onStoreError })
  const live = socketSessions<Values>({ sessions: shared, ...options })
  return {
    store,
    events,
    shared,
    live,
    types: () => events.map(({ type }) => type),
    async signIn(owner = 'ada'): Promise<string> {
      const session = await shared.open(undefined, { secure: false })
      session.set('user', owner)
      await session.login(owner, { keep: ['user'] })
      const cookie = cookieHeader(await session.commit())
      events.length = 0
      return cookie
    },
    /** A page that a visitor asks for. */
    async page(cookie: string | undefined, act: (session: Session<Values>) => unknown = () => {}) {
      const session = await shared.open(cookie, { secure: false })
      await act(session)
      const line = await session.commit()
      return { values: session.toJSON(), cookie: line === undefined ? cookie : cookieHeader(line) }
    },
    async attach(cookie: string | undefined, onMessage?: OnMessage<Values>) {
      const socket = new FakeSocket()
      const request = upgradeRequest(cookie === undefined ? {} : { cookie })
      const session = await live.attach(socket, request, onMessage)
      return { socket, session }
    },
  }
}

const listenedTo = async ({ shared }: ReturnType<typeof shop>): Promise<number> =>
  (await shared.open(undefined))[STATE].policy.ends.size

describe.each(Object.entries(pace))('the session of a socket, over %s', (_, paced) => {
  const store = () => paced(memoryStore())

  test('is that of the request that has opened it, and each message sees what others have stored since', async () => {
    const site = shop({ store: store() })
    const cookie = await site.signIn()
    const seen: unknown[] = []
    const { socket, session } = await site.attach(cookie, (session) => void seen.push({ ...session }))
    expect(session!.session.user).toBe('ada')
    await site.page(cookie, (session) => session.set('note', 'from a page'))
    socket.says('hello')
    await expect.poll(() => seen).toEqual([{ user: 'ada', note: 'from a page' }])
    expect(session!.session.note).toBe(undefined)
  })

  test('what a message changes is saved behind it, and loses nothing of what pages save meanwhile', async () => {
    const site = shop({ store: store() })
    const cookie = await site.signIn()
    const { session } = await site.attach(cookie)
    const handled = await session!.handle(async (session) => {
      session.list = [1]
      await site.page(cookie, (page) => page.set('note', 'from a page'))
      session.list.push(2)
      return 'done'
    })
    expect(handled).toBe('done')
    expect((await site.page(cookie)).values).toEqual({ user: 'ada', note: 'from a page', list: [1, 2] })
    expect(site.types()).not.toContain('late-change')
  })

  test('fifty messages at once count to fifty', async () => {
    const site = shop({ store: store() })
    const cookie = await site.signIn()
    let handled = 0
    const { socket } = await site.attach(cookie, async (session) => {
      session.increment('count')
      await later(1)
      handled++
    })
    for (let n = 0; n < 50; n++) socket.says('again')
    await expect.poll(() => handled).toBe(50)
    await expect.poll(async () => (await site.page(cookie)).values.count).toBe(50)
    expect(socket.closedBy).toBe(undefined)
  })

  test('messages that come while it is loaded are handled, in their order', async () => {
    const site = shop({ store: store() })
    const cookie = await site.signIn()
    const order: string[] = []
    const socket = new FakeSocket()
    const attached = site.live.attach(
      socket,
      upgradeRequest({ cookie }),
      (_, data) => void order.push(String(data)),
    )
    for (const text of 'abcdefgh') socket.says(text)
    await attached
    for (const text of 'ijkl') socket.says(text)
    await expect.poll(() => order.join('')).toBe('abcdefghijkl')
  })

  test('with `atOnce: 1` each message sees what the one before has saved', async () => {
    const site = shop({ store: store(), atOnce: 1 })
    const cookie = await site.signIn()
    const { socket } = await site.attach(cookie, async (session) => {
      const count = session.count ?? 0
      await later(1)
      session.count = count + 1
    })
    for (let n = 0; n < 5; n++) socket.says('again')
    await expect.poll(async () => (await site.page(cookie)).values.count).toBe(5)
  })

  test('of more messages than are handled at once no more are read', async () => {
    const site = shop({ store: store(), atOnce: 2 })
    const cookie = await site.signIn()
    let [underWay, most] = [0, 0]
    const { socket } = await site.attach(cookie, async () => {
      most = Math.max(most, ++underWay)
      // Whichever comes first: their sessions take as long to load as the machine likes.
      while (most < 2) await later(1)
      await later(5)
      underWay--
    })
    socket.says('one')
    expect(socket.isPaused).toBe(false)
    for (const text of ['two', 'three', 'four']) socket.says(text)
    expect(socket.isPaused).toBe(true)
    await expect.poll(() => socket.isPaused).toBe(false)
    await expect.poll(() => underWay).toBe(0)
    expect([most, socket.pauses]).toEqual([2, 1])
  })

  test('a visitor without one has an empty one; nothing is stored, and what is put into it is a mistake', async () => {
    const site = shop({ store: store() })
    const { session, socket } = await site.attach(undefined, (session) => {
      session.user = 'eve'
    })
    expect(session!.session.user).toBe(undefined)
    expect(await session!.handle((session) => [session.isNew, { ...session }])).toEqual([true, {}])
    await expect(session!.handle((session) => session.set('user', 'eve'))).rejects.toMatchObject({
      code: 'UNTORN_MISUSE',
      message: expect.stringMatching(/has none, for a message of a socket/),
    })
    socket.says('hello')
    await expect.poll(() => socket.closedBy).toEqual([1011, 'error'])
    expect(await site.shared.count()).toBe(0)
    expect(await listenedTo(site)).toBe(0)
  })

  test.each(['login', 'rotate', 'confirm', 'begin'] as const)(
    '%s() needs a cookie, and is refused',
    async (verb) => {
      const site = shop({ store: store() })
      const cookie = verb === 'begin' ? undefined : await site.signIn()
      const { session } = await site.attach(cookie)
      const acted = session!.handle((session) => (verb === 'login' ? session.login('ada') : session[verb]()))
      await expect(acted).rejects.toMatchObject({
        code: 'UNTORN_MISUSE',
        message: expect.stringMatching(/of a socket/),
      })
      if (cookie !== undefined) expect((await site.page(cookie)).values).toEqual({ user: 'ada' })
    },
  )

  test('an expiry that the cookie would have to follow is refused, and its id is nobody’s to read', async () => {
    const site = shop({ store: store() })
    const cookie = await site.signIn()
    const { session } = await site.attach(cookie)
    await expect(session!.handle((session) => session.setExpiry('browser'))).rejects.toMatchObject({
      code: 'UNTORN_MISUSE',
    })
    await expect(session!.handle((session) => session.id)).rejects.toMatchObject({ code: 'UNTORN_MISUSE' })
  })

  test('save(), reload(), take(), flash() and destroy() work in a message', async () => {
    const site = shop({ store: store() })
    const cookie = await site.signIn()
    const { session, socket } = await site.attach(cookie)
    const done = await session!.handle(async (session) => {
      session.note = 'x'
      const saved = await session.save()
      session.note = 'dropped'
      const reloaded = await session.reload()
      return [saved, reloaded, await session.take('note'), await session.destroy()]
    })
    expect(done).toEqual([true, true, 'x', undefined])
    await expect.poll(() => socket.closedBy).toEqual([4401, 'signed-out'])
    expect((await site.page(cookie)).values).toEqual({})
  })

  test.each(['logout', 'destroy'] as const)(
    '%s() in a message signs out, to all sockets of the session',
    async (verb) => {
      const site = shop({ store: store() })
      const cookie = await site.signIn()
      const { session, socket } = await site.attach(cookie)
      const other = await site.attach(cookie)
      await session!.handle(async (session) => void (await session[verb]()))
      for (const each of [socket, other.socket])
        await expect.poll(() => each.closedBy).toEqual([4401, 'signed-out'])
    },
  )

  test('a message counts as use of it if it looks at it', async () => {
    const site = shop({ store: store() })
    const cookie = await site.signIn()
    const { session } = await site.attach(cookie)
    const { key } = (await site.shared.open(cookie, { secure: false }))[STATE]
    const soon = Date.now() + 60_000
    await site.store.save(key, { expiresAt: soon })
    await session!.handle(() => {})
    expect((await site.store.load(key))!.expiresAt).toBe(soon)
    await session!.handle((session) => session.user)
    expect((await site.store.load(key))!.expiresAt).toBeGreaterThan(soon + 1000)
  })

  describe('closes the socket', () => {
    test.each<[why: string, act: (site: ReturnType<typeof shop>, cookie: string) => unknown]>([
      ['signed-out', ({ page }, cookie) => page(cookie, (session) => session.logout())],
      ['rotated', ({ page }, cookie) => page(cookie, (session) => session.rotate())],
      ['rotated', ({ page }, cookie) => page(cookie, (session) => session.login('ada'))],
      ['revoked', ({ shared }) => shared.revokeAll('ada')],
    ])('when it is %s', async (why, act) => {
      const site = shop({ store: store() })
      const cookie = await site.signIn()
      const { socket, session } = await site.attach(cookie)
      await act(site, cookie)
      await expect.poll(() => socket.closedBy).toEqual([4401, why])
      await expect(session!.handle(() => expect.fail('called'))).rejects.toThrow(gone)
      expect(await listenedTo(site)).toBe(0)
    })

    test('when a message finds that another process has ended it, and says how', async () => {
      const site = shop({ store: store() })
      const elsewhere = createSessions<Values>({ store: site.store })
      const cookie = await site.signIn()
      let calls = 0
      const { socket } = await site.attach(cookie, () => void calls++)
      await elsewhere.revokeAll('ada')
      socket.says('hello')
      await expect.poll(() => socket.closedBy).toEqual([4401, 'revoked'])
      expect(calls).toBe(0)
    })

    test('when a message finds that its time is up', async () => {
      const site = shop({ store: store() })
      const cookie = await site.signIn()
      const { socket } = await site.attach(cookie, () => {})
      const { key } = (await site.shared.open(cookie, { secure: false }))[STATE]
      await site.store.save(key, { expiresAt: Date.now() + 20 })
      await later(40)
      socket.says('hello')
      await expect.poll(() => socket.closedBy?.[0]).toBe(4401)
    })

    test.each<[by: string, act: (site: ReturnType<typeof shop>, cookie: string) => unknown, why: string]>([
      ['a sign-out', ({ page }, cookie) => page(cookie, (session) => session.logout()), 'signed-out'],
      ['another id', ({ page }, cookie) => page(cookie, (session) => session.rotate()), 'rotated'],
      ['another process', ({ store }) => createSessions({ store }).revokeAll('ada'), 'revoked'],
    ])(
      'by %s while a message is handled: what that has changed is said to be stored nowhere',
      async (_, act, why) => {
        const site = shop({ store: store() })
        const cookie = await site.signIn()
        const { socket, session } = await site.attach(cookie, async (session) => {
          await act(site, cookie)
          session.note = 'too late'
        })
        const looks = session!.handle(async (session) => {
          const { user } = session
          await expect.poll(() => socket.closedBy).toBeDefined()
          return user
        })
        const unheard = session!.handle(async (session) => {
          await looks
          session.note = 'too late'
        })
        const saves = session!.handle(async (session) => {
          await looks
          session.note = 'too late'
          return session.save()
        })
        void unheard
        socket.says('hello')
        // Who has changed nothing, or was told so by their own save, has their answer.
        expect([await looks, await saves]).toEqual(['ada', false])
        expect(socket.closedBy).toEqual([4401, why])
        expect(JSON.stringify((await site.page(cookie)).values)).not.toContain('too late')
        expect(site.types()).not.toContain('error')
        await expect(unheard).rejects.toThrow(gone)
      },
    )
  })

  test('a message whose turn comes only when its session has ended is not begun', async () => {
    const slow = paceOfLoads(memoryStore())
    const site = shop({ store: slow.store })
    const cookie = await site.signIn()
    const begun: string[] = []
    const { socket, session } = await site.attach(cookie, (_, data) => void begun.push(String(data)))
    const first = slow.hold()
    socket.says('first')
    await later(1)
    socket.says('second')
    const third = session!.handle(() => expect.fail('called'))
    await later(20)
    await site.shared.revokeAll('ada')
    await expect.poll(() => socket.closedBy).toEqual([4401, 'revoked'])
    first()
    await expect(third).rejects.toThrow(gone)
    expect(begun).toEqual([])
  })

  test('one that is paused is read again when it is closed, so that its client can answer, and no message of it is begun', async () => {
    const site = shop({ store: store(), atOnce: 2 })
    const cookie = await site.signIn()
    let [begun, end] = [0, (): void => {}]
    const held = new Promise<void>((resolve) => {
      end = resolve
    })
    const hold = () => {
      begun++
      return held
    }
    const [first, second] = [await site.attach(cookie, hold), await site.attach(cookie, hold)]
    for (const { socket } of [first, second]) {
      socket.gone = () => {}
      for (const text of ['one', 'two']) socket.says(text)
      expect(socket.isPaused).toBe(true)
    }
    await expect.poll(() => begun).toBe(4)
    await site.shared.revokeAll('ada')
    for (const { socket } of [first, second]) {
      await expect.poll(() => socket.closedBy).toEqual([4401, 'revoked'])
      expect(socket.isPaused).toBe(false)
      socket.readyState = 2
      for (const text of ['three', 'four', 'five']) socket.says(text)
      expect(socket.isPaused).toBe(false)
    }
    end()
    await later(5)
    expect(begun).toBe(4)
  })

  test('what a client sends against the protocol is for ws to close, and ends no process', async () => {
    const site = shop({ store: store() })
    const cookie = await site.signIn()
    const socket = new FakeSocket()
    const attaching = site.live.attach(socket, upgradeRequest({ cookie }))
    const broken = () => socket.emit('error', new RangeError('Invalid WebSocket frame'))
    expect(broken).not.toThrow()
    await attaching
    expect(broken).not.toThrow()
    expect(site.types()).not.toContain('error')
  })

  test.each<[who: string, headers: Record<string, string>]>([
    ['who is let in', {}],
    ['a page of another site', { origin: 'https://evil.example' }],
  ])('a connection that is reset at the upgrade of %s ends no process', async (_, headers) => {
    const site = shop({ store: store() })
    const request = upgradeRequest({ cookie: await site.signIn(), ...headers })
    const opening = site.live.open(request).catch(() => {})
    const reset = () => request.socket.emit('error', new Error('read ECONNRESET'))
    expect(reset).not.toThrow()
    await opening
    await site.live.open(request).catch(() => {})
    expect(reset).not.toThrow()
    expect(request.socket.listenerCount('error')).toBe(1)
  })

  describe('asked for again, as by `attach` behind `open`, or for another namespace, it is the session as it is then', () => {
    test('what others have stored since is in it', async () => {
      const site = shop({ store: store() })
      const cookie = await site.signIn()
      const request = upgradeRequest({ cookie })
      await site.live.open(request)
      await site.page(cookie, (session) => session.set('note', 'from a page'))
      expect((await site.live.open(request)).session.note).toBe('from a page')
    })

    test.each<[why: string, act: (site: ReturnType<typeof shop>, cookie: string) => unknown]>([
      ['revoked', ({ shared }) => shared.revokeAll('ada')],
      ['revoked', ({ store }) => createSessions({ store }).revokeAll('ada')],
      ['signed-out', ({ page }, cookie) => page(cookie, (session) => session.logout())],
      ['rotated', ({ page }, cookie) => page(cookie, (session) => session.rotate())],
    ])('one that has been %s since closes its socket at once, and is not opened', async (why, act) => {
      const site = shop({ store: store() })
      const cookie = await site.signIn()
      const request = upgradeRequest({ cookie })
      await site.live.open(request)
      await act(site, cookie)
      const socket = new FakeSocket()
      expect(await site.live.attach(socket, request, () => expect.fail('handled'))).toBe(undefined)
      expect(socket.closedBy).toEqual([4401, why])
      socket.readyState = 1
      socket.says('hello')
      await expect(site.live.open(request)).rejects.toThrow(gone)
      expect([site.types().includes('error'), await listenedTo(site)]).toEqual([false, 0])
    })

    test('a change that was not saved is told before it is dropped', async () => {
      const site = shop({ store: store() })
      const request = upgradeRequest({ cookie: await site.signIn() })
      ;(await site.live.open(request)).session.note = 'lost'
      expect((await site.live.open(request)).session.note).toBe(undefined)
      expect(said).toEqual([expect.stringMatching(/sockets\.test\S+ at an upgrade/)])
    })

    test('a visitor without one leaves nothing behind', async () => {
      const site = shop({ store: store() })
      const request = upgradeRequest()
      for (let n = 0; n < 3; n++) await site.live.open(request)
      const { session } = await site.live.open(request)
      expect(session[STATE].early ?? []).toEqual([])
    })
  })

  test.each(['this process', 'another one'])(
    'an id that %s has replaced is that of a session that has ended, until its page has the new one',
    async (where) => {
      const site = shop({ store: store() })
      const cookie = await site.signIn()
      const by = where === 'this process' ? site.shared : createSessions<Values>({ store: site.store })
      const session = await by.open(cookie, { secure: false })
      await session.rotate()
      const { socket } = await site.attach(cookie, () => expect.fail('handled'))
      expect(socket.closedBy).toEqual([4401, 'rotated'])
      await expect(site.live.open(upgradeRequest({ cookie }))).rejects.toThrow(gone)
      const again = await site.attach(cookieHeader(await session.commit()))
      expect([again.session!.session.owner, again.socket.closedBy]).toEqual(['ada', undefined])
      expect(site.types()).not.toContain('error')
    },
  )

  test('of two ids nobody can tell which was theirs: it is nobody’s, and no socket is closed for it', async () => {
    const site = shop({ store: store() })
    const both = `${await site.signIn()}; ${await site.signIn('eve')}`
    const { socket, session } = await site.attach(both)
    expect([session!.session.owner, socket.closedBy]).toEqual([undefined, undefined])
  })

  test('what a handler throws closes the socket and is told; what it had changed is saved', async () => {
    const site = shop({ store: store() })
    const cookie = await site.signIn()
    const { socket, session } = await site.attach(cookie, (session) => {
      session.note = 'before'
      throw new Error('no luck')
    })
    await expect(session!.handle(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine')
    expect(site.types()).not.toContain('error')
    socket.says('hello')
    await expect.poll(() => socket.closedBy).toEqual([1011, 'error'])
    expect(site.events).toMatchObject([{ type: 'error', error: { message: 'no luck' } }])
    expect(said).toEqual([expect.stringMatching(/^A socket was closed, .* Error: no luck\. Of others/)])
    expect((await site.page(cookie)).values.note).toBe('before')
  })

  test('behind a failure no message is begun any more, though its client takes its time to close', async () => {
    const site = shop({ store: store(), atOnce: 2 })
    let begun = 0
    const { socket } = await site.attach(await site.signIn(), (_, data) => {
      begun++
      return String(data) === 'fail' ? Promise.reject(new Error('no luck')) : new Promise(() => {})
    })
    socket.gone = () => {
      socket.readyState = 2
    }
    for (const text of ['hold', 'fail']) socket.says(text)
    await expect.poll(() => socket.closedBy).toEqual([1011, 'error'])
    for (const text of ['three', 'four']) socket.says(text)
    await later(20)
    expect([begun, socket.isPaused]).toEqual([2, false])
  })

  test('that another session is gone is a failure of its handler', async () => {
    const site = shop({ store: store() })
    const { socket } = await site.attach(await site.signIn(), () => {
      throw new SessionGoneError()
    })
    socket.says('hello')
    await expect.poll(() => socket.closedBy).toEqual([1011, 'error'])
  })

  test('what nobody waits for ends no process', async () => {
    const site = shop({ store: store() })
    const { session } = await site.attach(await site.signIn())
    void session!.handle(() => Promise.reject(new Error('unheard')))
    await expect.poll(() => site.events).toMatchObject([{ type: 'error', error: { message: 'unheard' } }])
  })

  test('with `onError` the application decides', async () => {
    const failures: unknown[] = []
    const onError: Options['onError'] = (error, socket) => {
      failures.push((error as Error).message, socket)
      if (failures.length > 2) throw new Error('of onError')
    }
    const site = shop({ store: store(), onError })
    const { socket } = await site.attach(await site.signIn(), (_, data) =>
      Promise.reject(new Error(String(data))),
    )
    socket.says('one')
    await expect.poll(() => failures).toEqual(['one', socket])
    expect([socket.closedBy, site.types()]).toEqual([undefined, []])
    socket.says('two')
    await expect.poll(() => socket.closedBy).toEqual([1011, 'error'])
  })

  test('a change behind the end of its message is told with its line', async () => {
    const site = shop({ store: store() })
    const cookie = await site.signIn()
    const { key } = (await site.shared.open(cookie, { secure: false }))[STATE]
    const { session } = await site.attach(cookie)
    await session!.handle((session) => void setTimeout(() => session.set('note', 'late'), 20))
    await expect
      .poll(() => site.events)
      .toMatchObject([
        { type: 'late-change', at: expect.stringMatching(/sockets\.test/), key: shortKey(key) },
      ])
    expect(said[0]).toMatch(/after its message had been handled/)
  })

  test('one that has closed while its session was loaded is not watched', async () => {
    const site = shop({ store: store() })
    const cookie = await site.signIn()
    const socket = new FakeSocket()
    const attached = site.live.attach(socket, upgradeRequest({ cookie }))
    socket.gone()
    await attached
    await site.live.attach(socket, upgradeRequest({ cookie }))
    expect(await listenedTo(site)).toBe(0)
  })
})

test('ten thousand sockets that have been open leave nothing', async () => {
  const many = 10_000
  const site = shop()
  const cookie = await site.signIn()
  const sockets = await Promise.all(Array.from({ length: many }, () => site.attach(cookie)))
  expect(await listenedTo(site)).toBe(1)
  const { subscriptions } = [...listenedOf(await site.shared.open(cookie, { secure: false }))][0]!
  expect(subscriptions.size).toBe(many)
  for (const { socket } of sockets) socket.gone()
  expect(subscriptions.size).toBe(0)
  expect(await listenedTo(site)).toBe(0)
})

/** A store whose next load can be held up. */
function paceOfLoads(inner: SessionStore) {
  let held: Promise<void> | undefined
  const load: SessionStore['load'] = async (key) => {
    const waits = held
    held = undefined
    const record = await inner.load(key)
    await waits
    return record
  }
  const store = new Proxy(inner, {
    get(target, name) {
      if (name === 'loadsAtOnce') return undefined
      if (name === 'load') return load
      const value = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const hold = (): (() => void) => {
    let free = (): void => {}
    held = new Promise((resolve) => {
      free = resolve
    })
    return free
  }
  return { store, hold }
}

test('once it has ended, messages that still come do not ask the store', async () => {
  const { store, calls } = counted()
  const site = shop({ store })
  const cookie = await site.signIn()
  const { session } = await site.attach(cookie)
  await site.page(cookie, (session) => session.logout())
  calls.length = 0
  await expect(session!.handle(() => expect.fail('called'))).rejects.toThrow(gone)
  expect(calls).toEqual([])
})

test('what Socket.IO asks by polling leaves nothing with the connection, which a proxy has for many clients', async () => {
  const { live, signIn } = shop()
  const cookie = await signIn()
  const { socket } = upgradeRequest()
  for (let n = 0; n < 30; n++) {
    const request = new IncomingMessage(socket)
    Object.assign(request.headers, { host: 'shop.example', cookie })
    expect((await live.open(request)).session.user).toBe('ada')
  }
  expect([socket.listenerCount('close'), socket.listenerCount('error')]).toEqual([0, 0])
})

/** What is listened to: the subscriptions of a session are nobody else's business. */
function listenedOf(session: Session<Values>): Iterable<{ subscriptions: Set<unknown> }> {
  const { ends } = session[STATE].policy
  const seen: { subscriptions: Set<unknown> }[] = []
  const find = vi.spyOn(Set.prototype, 'add').mockImplementation(function (
    this: Set<unknown>,
    value: unknown,
  ) {
    seen.push({ subscriptions: this })
    find.mockRestore()
    return this.add(value)
  })
  session.onEnd(() => {})()
  expect(ends.size).toBe(1)
  return seen
}

describe('a store that fails', () => {
  async function signedIn(options: Options = {}) {
    const { store, broken } = breakable()
    const site = shop({ ...options, store })
    return { ...site, broken, cookie: await site.signIn() }
  }

  test('at the upgrade: the socket is told to come back, and no message is handled', async () => {
    const { attach, live, broken, cookie } = await signedIn()
    broken.add('load')
    const { socket, session } = await attach(cookie, () => expect.fail('handled'))
    expect(session).toBe(undefined)
    expect(socket.closedBy).toEqual([1013, 'try again later'])
    socket.says('hello')
    await expect(live.open(upgradeRequest({ cookie }))).rejects.toMatchObject({ status: 503 })
  })

  test('at a message: the socket is told to come back, and others go on', async () => {
    const { attach, broken, cookie } = await signedIn()
    const handled: string[] = []
    const note: OnMessage<Values> = (_, data) => void handled.push(String(data))
    const [first, second] = [await attach(cookie, note), await attach(cookie, note)]
    broken.add('load')
    first.socket.says('one')
    await expect.poll(() => first.socket.closedBy).toEqual([1013, 'try again later'])
    broken.clear()
    second.socket.says('two')
    await expect.poll(() => handled).toEqual(['two'])
  })

  test('at a save: who waits is told; a handler that was told of its own is not told again', async () => {
    const { attach, broken, cookie, types } = await signedIn()
    const { session } = await attach(cookie)
    const changes = session!.handle((session) => {
      session.note = 'lost'
      broken.add('save')
    })
    await expect(changes).rejects.toMatchObject({ code: 'UNTORN_STORE_UNAVAILABLE' })
    const told = session!.handle(async (session) => {
      session.note = 'lost'
      return session.save().catch(() => 'told')
    })
    expect(await told).toBe('told')
    expect(types()).toEqual(['error'])
  })

  test.each([
    ['fail', 'at once'],
    ['anonymous', 'at once'],
    ['fail', 'later'],
    ['anonymous', 'later'],
  ] as const)(
    "with `onStoreError: '%s'`, over one that answers %s, a socket is not nobody's for good: the client comes back, over the same connection as well",
    async (onStoreError, answers) => {
      const { store, broken } = breakable()
      const site = shop({ onStoreError, store: answers === 'later' ? paceOfLoads(store).store : store })
      const [{ attach, live }, cookie] = [site, await site.signIn()]
      const request = upgradeRequest({ cookie })
      broken.add('load')
      expect((await attach(cookie)).socket.closedBy).toEqual([1013, 'try again later'])
      for (let n = 0; n < 2; n++) await expect(live.open(request)).rejects.toMatchObject({ status: 503 })
      broken.clear()
      const opened = await live.open(request)
      expect([opened.session.user, await opened.handle((session) => session.user)]).toEqual(['ada', 'ada'])
      broken.add('load')
      await expect(live.open(request)).rejects.toMatchObject({ status: 503 })
      broken.clear()
      expect((await live.open(request)).session.user).toBe('ada')
    },
  )
})

describe('which session', () => {
  test('on https that of the cookie of https; where a proxy is not known of, too, before one that is planted', async () => {
    const { live, shared } = shop()
    const begin = async (user: string, secure: boolean) => {
      const session = await shared.open(undefined, { secure })
      session.set('user', user)
      return cookieHeader(await session.commit())
    }
    const [ada, eve] = [await begin('ada', true), await begin('eve', false)]
    const userOf = async (cookie: string, secure = false) =>
      (await live.open(upgradeRequest({ cookie }, secure))).session.user
    expect([ada, eve]).toEqual([expect.stringMatching(/^__Host-sid=/), expect.stringMatching(/^sid=/)])
    expect(await userOf(ada, true)).toBe('ada')
    expect(await userOf(eve, true)).toBe(undefined)
    expect(await userOf(ada)).toBe('ada')
    expect(await userOf(`${eve}; ${ada}`)).toBe('ada')
    expect(await userOf(`${eve}; __Host-other=1`)).toBe('eve')
  })

  test('behind a proxy that is trusted the one that it speaks of', async () => {
    const { live, shared } = shop({ trustProxy: true })
    const session = await shared.open(undefined, { secure: false })
    session.set('user', 'eve')
    const cookie = cookieHeader(await session.commit())
    const userOf = async (proto: string) =>
      (await live.open(upgradeRequest({ cookie, 'x-forwarded-proto': proto }))).session.user
    expect([await userOf('http'), await userOf('https')]).toEqual(['eve', undefined])
  })

  test('one request has one, whoever asks for it', async () => {
    const { live, signIn } = shop()
    const request = upgradeRequest({ cookie: await signIn() })
    const [first, second] = [await live.open(request), await live.open(request)]
    expect(second.session).toBe(first.session)
    expect((request as { session?: unknown }).session).toBe(first.session)
  })
})

describe('misuse', () => {
  test.each<[option: string, options: object]>([
    ['origins', { origins: 'https://app.example' }],
    ['origins[0]', { origins: ['app.example'] }],
    ['origins[1]', { origins: ['https://app.example', 'https://app.example/path'] }],
    ['origins[0]', { origins: [/app/] }],
    ['origins[0]', { origins: ['app://shop/'] }],
    ['origins[0]', { origins: ['wss://app.example'] }],
    ['origins[0]', { origins: ['app://*@shop'] }],
    ['origins[0]', { origins: ['mailto:shop'] }],
    ['origins[0]', { origins: ['file:///home'] }],
    ['atOnce', { atOnce: 0 }],
    ['trustProxy', { trustProxy: 1 }],
    ['onError', { onError: true }],
    ['as', { as: 'headers' }],
    ['orgins', { orgins: [] }],
    ['idleTimeout', { idleTimeout: '1h', sessions: createSessions({ store: memoryStore() }) }],
  ])('the option %s', (option, options) => {
    const given = { store: memoryStore(), ...options }
    if ('sessions' in options) Reflect.deleteProperty(given, 'store')
    expect(() => socketSessions(given as never)).toThrow(
      expect.objectContaining({ code: 'UNTORN_INVALID_OPTION', option }),
    )
  })

  test.each([
    ['wss://app.example', 'https://app.example'],
    ['WS://app.example:8080', 'http://app.example:8080'],
    [' wss://app.example', 'https://app.example'],
    ['https://app.example/', 'https://app.example'],
  ])('an origin %s: the page has %s', (origin, written) => {
    expect(() => socketSessions({ store: memoryStore(), origins: [origin] })).toThrow(`write '${written}'`)
  })

  test('what is no socket, no request, no handler', async () => {
    const { live } = shop()
    const request = upgradeRequest()
    const refused = expect.objectContaining({ code: 'UNTORN_INVALID_ARGUMENT' })
    expect(() => live.attach(request as never, request)).toThrow(refused)
    expect(() => live.attach(new FakeSocket(), request, 'handler' as never)).toThrow(refused)
    await expect(live.open({} as never)).rejects.toThrow(refused)
    const { session } = await live.open(request)
    expect(session.isNew).toBe(true)
    const socket = new FakeSocket()
    const opened = await live.attach(socket, request)
    expect(() => opened!.handle('work' as never)).toThrow(refused)
  })

  test('a function or a request in place of options', () => {
    expect(() => socketSessions((() => {}) as never)).toThrow(
      expect.objectContaining({ code: 'UNTORN_MISUSE' }),
    )
    expect(() => socketSessions(upgradeRequest() as never)).toThrow(
      expect.objectContaining({ code: 'UNTORN_MISUSE' }),
    )
  })
})

test('close() closes the store, and tells no socket', async () => {
  const site = shop()
  const { socket } = await site.attach(await site.signIn())
  await site.live.close()
  expect(() => site.store.load('a'.repeat(64) as SessionKey)).toThrow(
    expect.objectContaining({ code: 'UNTORN_MISUSE' }),
  )
  expect(socket.closedBy).toBe(undefined)
  onTestFinished(() => socket.gone())
})
