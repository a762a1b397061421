import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { SessionStore } from '../../src/contract/store.ts'
import { sessions as expressSessions } from '../../src/express.ts'
import { createSessions, type Sessions, sessionKey } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { type NoResponse, type PlainSession, sessions } from '../../src/node.ts'
import type { SessionEvent } from '../../src/session/events.ts'
import { eachWithEach } from '../support/whole.ts'
import { expresses } from './support/express.ts'
import { later } from './support/server.ts'
import { breakable, pace } from './support/stores.ts'
import { answerUpgrade, servesUpgrades } from './support/upgrade.ts'

// biome-ignore lint/suspicious/noExplicitAny: as it is without a type of one's own
type Values = Record<string, any>
type Session = PlainSession<Values>
type WithSession = IncomingMessage & { session: Session }

interface Use {
  page(handler: (req: WithSession, res: ServerResponse) => void): RequestListener
  /** The request's session, at an upgrade. */
  open(req: IncomingMessage, res: NoResponse): Promise<Session>
}

/** What `next` is told, as a promise of the session. */
function calledBack(use: (req: IncomingMessage, res: NoResponse, next: (error?: unknown) => void) => void) {
  return (req: IncomingMessage, res: NoResponse) =>
    new Promise<Session>((resolve, reject) => {
      use(req, res, (error) => (error ? reject(error) : resolve((req as WithSession).session)))
    })
}

const onNode = (served: Sessions<Values>) => {
  const session = sessions<Values>({ sessions: served, trustProxy: true })
  const page: Use['page'] = (handler) => session((req, res) => handler(req as WithSession, res))
  return { session, page }
}

const uses: Record<string, (served: Sessions<Values>) => Use> = {
  'a middleware of connect': (served) => {
    const { page, session } = onNode(served)
    return { page, open: calledBack(session) }
  },
  'awaited in a handler': (served) => {
    const { page, session } = onNode(served)
    return { page, open: async (req, res) => (await session(req, res)).session }
  },
  ...Object.fromEntries(
    Object.entries(expresses).map(([name, express]) => [
      name,
      (served: Sessions<Values>): Use => {
        const middleware = expressSessions<Values>({ sessions: served })
        const page: Use['page'] = (handler) => {
          const app = express()
          app.set('trust proxy', true)
          app.use(middleware, (req, res) => handler(req as unknown as WithSession, res))
          return app
        }
        return { page, open: calledBack(middleware) }
      },
    ]),
  ),
}

// First, since it is said once in a process.
test('the first change at an upgrade that nobody saves is a warning that names its line and the fix', async () => {
  const seen: Error[] = []
  const note = (warning: Error) => void seen.push(warning)
  process.on('warning', note)
  onTestFinished(() => void process.off('warning', note))
  const { session } = onNode(createSessions<Values>({ store: memoryStore() }))
  const client = await servesUpgrades(
    () => {},
    async (req, socket) => {
      const request = await session(req, {})
      request.session.views = 1
      answerUpgrade(socket, '')
    },
  )
  for (const _ of [1, 2]) await client.upgrade()
  await expect.poll(() => seen).toHaveLength(1)
  await later()
  expect(seen).toHaveLength(1)
  const [{ message, ...rest }] = seen as [Error]
  expect(rest).toMatchObject({ code: 'UNTORN_UNSAVED_CHANGE' })
  expect(message).toMatch(
    /^A session was changed at .*upgrade\.test\.ts:\d+:\d+ at an upgrade, which has no answer/,
  )
  expect(message).toMatch('`await req.session.save()`')
})

const cases = eachWithEach(Object.entries(uses), Object.entries(pace)).map(
  ([[use, make], [speed, paced]]) => ({ use, speed, make, paced }),
)

describe.each(cases)('the upgrade to a WebSocket: $use, over $speed', ({ make, paced }) => {
  type Act = (session: Session, served: Sessions<Values>) => unknown

  interface Place {
    store?: SessionStore
    scheme?: 'http' | 'https'
  }

  /** A site that can be asked for an upgrade; what `act` makes of its session is what is sent. */
  async function site(act: Act, { store = memoryStore(), scheme = 'http' }: Place = {}) {
    const events: SessionEvent[] = []
    const served = createSessions<Values>({
      store: paced(store),
      onEvent: (event) => void events.push(event),
    })
    const { page, open } = make(served)
    const client = await servesUpgrades(
      page((req, res) => {
        if (req.url === '/login') Object.assign(req.session, { user: 'ada', list: [1], notice: 'Hello' })
        res.end(JSON.stringify(req.session))
      }),
      async (req, socket) => {
        let sent: unknown
        try {
          sent = await act(await open(req, {}), served)
        } catch (error) {
          const { code, message } = error as { code: string; message: string }
          sent = { code, message }
        }
        answerUpgrade(socket, JSON.stringify(sent ?? null))
      },
      scheme,
    )
    const upgrade = async () => JSON.parse((await client.upgrade())!)
    const session = async () => JSON.parse(await client.get('/'))
    return { client, events, upgrade, session, types: () => events.map(({ type }) => type) }
  }

  /** The same, for a visitor who is signed in. */
  async function signedIn(act: Act, place: Place = {}) {
    const run = await site(act, place)
    await run.client.get('/login')
    run.events.length = 0
    return run
  }

  const before = { user: 'ada', list: [1], notice: 'Hello' }

  test('finds the session; what is changed and saved there is there for the next request', async () => {
    const { upgrade, session, events } = await signedIn(async (session) => {
      session.views = 1
      session.list.push(2)
      return [await session.save(), session.user]
    })
    expect(await upgrade()).toEqual([true, 'ada'])
    expect(await session()).toEqual({ ...before, views: 1, list: [1, 2] })
    expect(events).toEqual([])
  })

  test('a client that resets its connection while its session is loaded, or later, ends no process', async () => {
    const { open } = make(createSessions<Values>({ store: paced(memoryStore()) }))
    const thrown: unknown[] = []
    const client = await servesUpgrades(
      () => {},
      async (req, socket) => {
        const reset = (): void => {
          try {
            socket.emit('error', new Error('read ECONNRESET'))
          } catch (error) {
            thrown.push(error)
          }
        }
        const opening = open(req, {})
        reset()
        await opening
        reset()
        answerUpgrade(socket, 'open')
      },
    )
    client.cookie = `sid=${'A'.repeat(43)}`
    expect(await client.upgrade()).toBe('open')
    expect(thrown).toEqual([])
  })

  test('reload(), take() and destroy() work', async () => {
    const { upgrade, session, client } = await signedIn(async (session) => {
      session.user = 'eve'
      const done = [await session.reload(), session.user, await session.take('notice')]
      const { cookie } = client
      await session.destroy()
      return [...done, { ...session }, cookie === client.cookie]
    })
    expect(await upgrade()).toEqual([true, 'ada', 'Hello', {}, true])
    expect(await session()).toEqual({})
  })

  test('touch() counts as use at once, and saves nothing else', async () => {
    const { upgrade, session } = await signedIn(async (session, { store }) => {
      const key = sessionKey(session.id)
      await store.save(key, { expiresAt: Date.now() + 60_000 })
      await session.reload()
      await session.touch()
      const extended = (await store.load(key))!.expiresAt
      session.views = 1
      await session.touch()
      return extended > Date.now() + 120_000
    })
    expect(await upgrade()).toBe(true)
    expect(await session()).toEqual(before)
  })

  test('a change that nobody saves is told, deep inside of a value as well', async () => {
    const changes: ((session: Session) => void)[] = [
      (session) => {
        session.views = 1
      },
      (session) => {
        session.list.push(2)
      },
    ]
    for (const change of changes) {
      const { upgrade, events, session } = await signedIn(change)
      await upgrade()
      await expect.poll(() => events).toMatchObject([{ type: 'late-change' }])
      expect(await session()).toEqual(before)
    }
  })

  test('what needs a cookie is refused, and says that there is no answer to carry it', async () => {
    const refusal = (code: string) => ({
      code,
      message: expect.stringMatching(/at an upgrade, which has no answer that could carry a cookie/),
    })
    const anew = await site((session) => {
      session.views = 1
      return session.save()
    })
    expect(await anew.upgrade()).toEqual(refusal('UNTORN_MISUSE'))
    await expect.poll(anew.types).toContain('late-change')
    expect(anew.types()).not.toContain('created')
    const signIn = await signedIn((session) => session.regenerate())
    expect(await signIn.upgrade()).toEqual(refusal('UNTORN_MISUSE'))
    expect(await signIn.session()).toEqual(before)
  })

  test('a session that was ended meanwhile is `false`, and stays ended', async () => {
    const { upgrade, session, types } = await signedIn(async (session, served) => {
      await (await served.open(`sid=${session.id}`, { secure: false })).destroy()
      session.views = 1
      const first = await session.save()
      session.views = 2
      return [first, await session.save(), await session.save(), await session.reload()]
    })
    expect(await upgrade()).toEqual([false, false, false, false])
    expect(await session()).toEqual({})
    expect(types()).toEqual(['signed-out', 'gone', 'gone', 'gone', 'unknown-id'])
  })

  test('a store that fails is an error for who waits, and an event for who does not', async () => {
    const { store, broken } = breakable()
    const { upgrade, client, events } = await signedIn(
      async (session) => {
        session.views = 1
        for (const call of ['load', 'save'] as const) broken.add(call)
        void session.save()
        void session.reload()
        await later(60)
        return 'alive'
      },
      { store },
    )
    expect(await upgrade()).toBe('alive')
    expect(events.slice(0, 2)).toMatchObject(
      Array(2).fill({ type: 'error', error: { code: 'UNTORN_STORE_UNAVAILABLE' } }),
    )
    expect(await upgrade()).toMatchObject({ code: 'UNTORN_STORE_UNAVAILABLE' })
    broken.clear()
    expect(JSON.parse(await client.get('/'))).toEqual(before)
  })

  test('onEnd() tells of the sign-out while the socket is open', async () => {
    const seen: string[] = []
    const { upgrade } = await signedIn(async (session, served) => {
      const told = new Promise<unknown>((tell) => session.onEnd(tell))
      const stop = session.onEnd(() => void seen.push('told, and had stopped'))
      stop()
      await (await served.open(`sid=${session.id}`, { secure: false })).destroy()
      return told
    })
    expect(await upgrade()).toEqual({ why: 'signed-out' })
    expect(seen).toEqual([])
    // A visitor without a session has none that could end: no error, as any visitor can bring this about.
    const { upgrade: anonymous } = await site((session) => typeof session.onEnd(() => void seen.push('told')))
    expect(await anonymous()).toBe('function')
    expect(seen).toEqual([])
  })

  test('on https the cookie of https is found, and no other one', async () => {
    const { upgrade, client } = await signedIn((session) => session.user, { scheme: 'https' })
    expect(client.cookie).toMatch(/^__Host-sid=/)
    expect(await upgrade()).toBe('ada')
    client.cookie = client.cookie.replace('__Host-', '')
    expect(await upgrade()).toBe(null)
  })

  test('behind a proxy that ends TLS, too, and before one of http that somebody may have planted', async () => {
    const { upgrade, client } = await site((session) => session.id)
    await client.get('/login')
    const { cookie } = client
    client.cookie = ''
    await client.get('/login', { 'x-forwarded-proto': 'https' })
    const id = /^__Host-sid=(.*)$/.exec(client.cookie)![1]
    expect(await upgrade()).toBe(id)
    client.cookie = `${cookie}; ${client.cookie}`
    expect(await upgrade()).toBe(id)
    // Over http, where another application of this host has a cookie of such a name.
    client.cookie = `${cookie}; __Host-other=1`
    expect(await upgrade()).toBe(cookie.slice('sid='.length))
  })
})
